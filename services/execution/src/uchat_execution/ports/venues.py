"""Whose keys of exchanges are known, and what the operator and the person have allowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from uchat_execution.domain.live import Allowed, Consent, Key
from uchat_execution.domain.venues import Credentials, Rights


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A key that only the venue worker can open; `account_mark`: of which account there it is."""

    sealed: bytes
    masked: str
    may_trade: bool
    account_mark: str


class Venues(Protocol):
    """Keys, switches and consents, within one transaction."""

    async def keys(self, person: str) -> list[Key]:
        """Return a person's keys, by venue."""
        ...

    async def add(self, account: str, key: SealedKey, via: str) -> None:
        """Store the key of an account."""
        ...

    async def taken(self, account_mark: str, besides: str) -> bool:
        """Tell whether an account at an exchange is connected by another key that is accepted.

        Nobody else connects it until the unit ends.
        """
        ...

    async def replace(self, account: str, key: SealedKey, via: str) -> tuple[Key, int] | None:
        """Put a key in the place of the one before; None: that was of another account there.

        Returns the key as it stands, and the number of the change.
        """
        ...

    async def note_rights(self, account: str, rights: Rights) -> tuple[Key, int] | None:
        """Store what an account's key may do now; None: that was known, or there is no key.

        Returns the key as it stands, and the number of the change.
        """
        ...

    async def note_account(self, account: str, account_mark: str) -> None:
        """Store of which account at the exchange the key is."""
        ...

    async def note_refused(self, account: str) -> tuple[Key, int] | None:
        """Store that the exchange does not accept an account's key; None: that was known."""
        ...

    async def remove(self, account: str) -> None:
        """Forget the key of an account and take the account out of use; its books stay."""
        ...

    async def allowed(self, person: str, venue: str, *, share: bool = False) -> Allowed:
        """Return what a person's trading at a venue rests on; `share`: held until the unit ends."""
        ...

    async def live(self) -> set[str]:
        """Return the venues that the operator has switched on."""
        ...

    async def switch(self, venue: str, *, on: bool, by: str) -> None:
        """Switch a venue on or off for everybody, as its next change."""
        ...

    async def consents(self, person: str) -> list[Consent]:
        """Return what a person consents to now."""
        ...

    async def consent(self, person: str, consent: Consent) -> None:
        """Store a consent, in place of the one before."""
        ...

    async def withdraw(self, person: str, venue: str, via: str) -> bool:
        """Note that a consent is taken back; False: there is none."""
        ...


class VenueGateway(Protocol):
    """Live exchanges, as the venue worker reaches them."""

    async def served(self) -> Sequence[str]:
        """Return which exchanges there are; none while the worker is not there."""
        ...

    async def seal(self, venue: str, account: str, credentials: Credentials) -> SealedKey:
        """Check a key at the exchange, and seal it for an account.

        Raises:
            UchatError: with a code of `Vault.seal`'s.
            UnavailableError: the worker or the exchange is away.
        """
        ...

    async def rights(self, venue: str, account: str) -> Rights:
        """Return what an account's key may do now.

        Raises:
            UchatError: the exchange refuses the key, or it cannot be opened.
            UnavailableError: the worker or the exchange is away.
        """
        ...

    async def held(
        self, venue: str, account: str, key: SealedKey
    ) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return what an account holds, by a key that is not stored yet.

        Raises:
            UnavailableError: the worker or the exchange is away.
        """
        ...
