"""Who exists: registering, guests, and whose e-mail and password are right."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from uchat_contracts.ids import new_ulid
from uchat_gateway.domain.accounts import Account
from uchat_gateway.domain.permissions import Role
from uchat_gateway.ports.accounts import AccountStore, EmailTakenError, Passwords, People
from uchat_platform.errors import (
    ConflictError,
    NotFoundError,
    NotPermittedError,
    UnauthenticatedError,
)

_ACTIVE: Final = "active"
_MERGED: Final = "merged"
_GUEST: Final = "Guest"
_MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Accounts:
    """Opens accounts and recognises their owners."""

    store: AccountStore
    passwords: Passwords
    people: People

    async def register(
        self, email: str, password: str, full_name: str, role: Role = Role.TRADER
    ) -> Account:
        """Open an account.

        Raises:
            EmailTakenError: somebody has this e-mail address.
            UnavailableError: a part that is needed is away; nothing was kept.
        """
        if await self.store.by_email(email) is not None:
            raise EmailTakenError("An account with this e-mail address exists")
        return await self._add(email, full_name, role, await self.passwords.hash(password))

    async def add_guest(self) -> Account:
        """Open an account without e-mail and password.

        Raises:
            UnavailableError: as `register`.
        """
        return await self._add(None, _GUEST, Role.TRADER, None)

    async def recognise(self, email: str, password: str) -> Account:
        """Return whose e-mail and password these are.

        Raises:
            UnauthenticatedError: `invalid_credentials`, whichever of the two is wrong.
            NotPermittedError: `account_disabled` or `account_merged`.
        """
        found = await self.store.by_email(email)
        right = await self.passwords.verify(found.password_hash if found else None, password)
        if found is None or not right:
            raise UnauthenticatedError("E-mail or password is wrong", code="invalid_credentials")
        return _usable(found.account)

    async def recognise_again(self, person_id: str, password: str) -> Account:
        """Check the password of somebody who is signed in.

        Raises:
            ConflictError: `no_credentials`, the account has no password.
            UnauthenticatedError: `invalid_credentials`.
            NotPermittedError: `account_disabled` or `account_merged`.
        """
        account = await self.of_person(person_id)
        if account.email is None:
            raise ConflictError("This account has no password", code="no_credentials")
        return await self.recognise(account.email, password)

    async def add_credentials(
        self, person_id: str, email: str, password: str, full_name: str | None
    ) -> Account:
        """Give a guest, or who came from another interface, an e-mail address and a password.

        Raises:
            EmailTakenError: somebody has this e-mail address.
            ConflictError: `has_credentials`.
            NotFoundError: the account does not exist (any more).
        """
        account = await self.of_person(person_id)
        if account.email is None:
            password_hash = await self.passwords.hash(password)
            changed = await self.store.add_credentials(person_id, email, password_hash, full_name)
            if changed is not None:
                return changed
        raise ConflictError("This account has an e-mail address", code="has_credentials")

    async def open_for(self, person_id: str, display_name: str) -> Account:
        """Return the account of a person who proved to be themselves elsewhere.

        One without credentials is opened if there is none.

        Raises:
            NotPermittedError: `account_disabled` or `account_merged`.
        """
        account = await self.store.by_person(person_id)
        if account is None:
            now = datetime.now(UTC)
            name = display_name.strip()[:_MAX_NAME] or _GUEST
            account = await self.store.add_for_person(
                Account(
                    f"acct_{new_ulid()}", person_id, None, name, Role.TRADER.value, _ACTIVE, now
                )
            )
        return _usable(account)

    async def of_person(self, person_id: str) -> Account:
        """Return the account of a person.

        Raises:
            NotFoundError: it does not exist (any more).
        """
        account = await self.store.by_person(person_id)
        if account is None:
            raise NotFoundError("This account does not exist any more")
        return account

    async def _add(
        self, email: str | None, full_name: str, role: Role, password_hash: str | None
    ) -> Account:
        account_id = f"acct_{new_ulid()}"
        # The person comes first: of two registrations of one address, the one that loses leaves a
        # person whom nobody can be, while an account without its person could never sign in.
        person_id = await self.people.person_of(account_id, full_name)
        now = datetime.now(UTC)
        account = Account(account_id, person_id, email, full_name, role.value, _ACTIVE, now)
        return await self.store.add(account, password_hash)


def _usable(account: Account) -> Account:
    if account.status == _ACTIVE:
        return account
    if account.status == _MERGED:
        raise NotPermittedError("This account became part of another one", code="account_merged")
    raise NotPermittedError("This account is disabled", code="account_disabled")
