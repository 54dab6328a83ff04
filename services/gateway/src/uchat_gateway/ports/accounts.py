"""Where accounts and sign-ins are kept, and who hashes, signs and names people."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from uchat_gateway.domain.accounts import Account
from uchat_gateway.ports.access import Revoked
from uchat_platform.errors import ConflictError


class EmailTakenError(ConflictError):
    """Another account has this e-mail address."""

    default_code = "email_taken"


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account with the hash of its password."""

    account: Account
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Succession:
    """A refresh token's successor: its hash, and itself sealed so that only the old one opens it.

    `client_hash` tells which client asked, so that the same one may ask again.
    """

    token_hash: bytes
    sealed: bytes
    client_hash: bytes


@dataclass(frozen=True, slots=True)
class SpentToken:
    """A refresh token that was used before. `spent_s`: seconds since then."""

    sid: str
    person_id: str
    ended: bool
    spent_s: float
    succession: Succession
    successor_spent: bool


class AccountStore(Protocol):
    """Keeps accounts."""

    async def by_email(self, email: str) -> StoredAccount | None:
        """Return the account with this e-mail address, whatever its case."""
        ...

    async def by_person(self, person_id: str) -> Account | None:
        """Return the account of a person."""
        ...

    async def add(self, account: Account, password_hash: str | None) -> Account:
        """Keep a new account and return it with the time of its creation.

        Raises:
            EmailTakenError: another account has its e-mail address.
        """
        ...

    async def add_for_person(self, account: Account) -> Account:
        """Keep an account without credentials, unless its person has one; return the person's."""
        ...

    async def add_credentials(
        self, person_id: str, email: str, password_hash: str, full_name: str | None
    ) -> Account | None:
        """Give an active account that has none an e-mail address and a password.

        Returns None if it has some, or is closed; `full_name` None leaves the name as it is.

        Raises:
            EmailTakenError: another account has this e-mail address.
        """
        ...


class SignInStore(Protocol):
    """Keeps sign-ins and the hashes of their refresh tokens. Times are the database's."""

    async def open(
        self, sid: str, account_id: str, token_hash: bytes, life: timedelta, *, proved: bool
    ) -> None:
        """Keep a new sign-in with its first refresh token; `proved`: by a password."""
        ...

    async def prove(self, sid: str) -> None:
        """Note that the owner of a sign-in gave the password now."""
        ...

    async def proved_within(self, sid: str, time: timedelta) -> bool:
        """Tell whether the password was given that lately, by signing in or since."""
        ...

    async def rotate(self, token_hash: bytes, successor: Succession) -> tuple[str, Account] | None:
        """Spend a refresh token for its successor: one compare-and-set.

        Returns the sign-in and its account; None: unknown, spent, ended, expired or disabled.
        """
        ...

    async def resume(self, token_hash: bytes) -> tuple[str, Account] | None:
        """Return the sign-in of a refresh token, spent or not, if it has not ended."""
        ...

    async def spent(self, token_hash: bytes) -> SpentToken | None:
        """Return a refresh token that was used before; None: there is no such one."""
        ...

    async def end(self, sid: str, reason: str) -> Revoked | None:
        """End a sign-in; None: there is none, or it has ended already."""
        ...

    async def end_all(self, person_id: str, reason: str) -> list[Revoked]:
        """End all sign-ins of a person and return those that had not ended."""
        ...

    async def ended_within(self, seconds: float) -> list[Revoked]:
        """Return the sign-ins that ended in the last seconds."""
        ...


class Passwords(Protocol):
    """Hashes passwords away from the event loop."""

    async def hash(self, password: str) -> str:
        """Return a hash with its salt and parameters.

        Raises:
            UnavailableError: `sign_in_busy`, too many are waiting.
        """
        ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password is right, in the same time when there is no hash at all.

        Raises:
            UnavailableError: `sign_in_busy`, too many are waiting.
        """
        ...


class People(Protocol):
    """Names the person behind an account."""

    async def person_of(self, account_id: str, display_name: str) -> str:
        """Return the person's id, made on the first call.

        Raises:
            UnavailableError: the sessions service is away.
        """
        ...


class TokenIssuer(Protocol):
    """Makes access tokens."""

    def issue(self, person_id: str, role: str, sid: str) -> tuple[str, int]:
        """Return a token and the seconds until it ends."""
        ...


class Announcer(Protocol):
    """Tells all gateways of a sign-in that ended."""

    async def announce(self, revoked: Revoked) -> None:
        """Tell them now; who misses it reads it from the database a second later."""
        ...
