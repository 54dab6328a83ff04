"""Who exists: registering, guests, and whose e-mail and password are right."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from uchat_contracts.ids import new_ulid
from uchat_gateway.domain.accounts import Account
from uchat_gateway.domain.permissions import Role
from uchat_gateway.ports.accounts import AccountStore, EmailTakenError, Passwords, People
from uchat_platform.errors import NotFoundError, NotPermittedError, UnauthenticatedError

_ACTIVE: Final = "active"


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
        return await self._add(None, "Guest", Role.TRADER, None)

    async def recognise(self, email: str, password: str) -> Account:
        """Return whose e-mail and password these are.

        Raises:
            UnauthenticatedError: `invalid_credentials`, whichever of the two is wrong.
            NotPermittedError: `account_disabled`.
        """
        found = await self.store.by_email(email)
        right = await self.passwords.verify(found.password_hash if found else None, password)
        if found is None or not right:
            raise UnauthenticatedError("E-mail or password is wrong", code="invalid_credentials")
        if found.account.status != _ACTIVE:
            raise NotPermittedError("This account is disabled", code="account_disabled")
        return found.account

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
