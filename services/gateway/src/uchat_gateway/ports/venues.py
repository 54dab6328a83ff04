"""The actor's accounts at live exchanges, as the execution service keeps them.

Bodies are the contracts' JSON (`uchat_contracts.trading`), passed on as they came.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from uchat_platform.auth import Actor


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to connect; it is passed on and kept nowhere here."""

    venue: str
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)


class Venues(Protocol):
    """Exchanges, keys and consents. Raises UnavailableError when the service is away."""

    async def venues(self, actor: Actor) -> Sequence[bytes]:
        """Return every exchange as a `Venue`."""
        ...

    async def keys(self, actor: Actor) -> Sequence[bytes]:
        """Return the actor's `VenueKey`s."""
        ...

    async def connect(self, actor: Actor, key: NewKey) -> bytes:
        """Have a key checked at its exchange and stored; return the `VenueKey`.

        Raises:
            InvalidInputError: the key is refused, by a code that says why.
            ConflictError: one is connected there already.
        """
        ...

    async def disconnect(self, actor: Actor, venue: str) -> None:
        """Forget the key of an exchange.

        Raises:
            NotFoundError: there is none.
            ConflictError: an order is still open there.
        """
        ...

    async def consent(self, actor: Actor, venue: str, version: str) -> bytes:
        """Record a consent and return the `VenueConsent`.

        Raises:
            InvalidInputError: the text has changed.
            NotFoundError: no account is connected there.
        """
        ...

    async def withdraw(self, actor: Actor, venue: str) -> None:
        """Take a consent back; again changes nothing."""
        ...
