"""How the actor's account did, its ledger, and what figures are told in."""

from typing import Protocol

from uchat_gateway.ports.trading import JsonPage
from uchat_platform.auth import Actor


class Books(Protocol):
    """Bodies are the contracts' JSON. `venue`: of a live exchange; empty: the paper account.

    Raises UnavailableError when the service is away.
    """

    async def equity(self, actor: Actor, span: str, venue: str = "") -> bytes:
        """Return the `Equity` of a day, week, month, year or all, in the person's own currency."""
        ...

    async def ledger(self, actor: Actor, *, cursor: str, limit: int, venue: str = "") -> JsonPage:
        """Return `LedgerEntry`s, latest first."""
        ...

    async def preferences(self, actor: Actor) -> bytes:
        """Return the `Preferences`."""
        ...

    async def prefer(self, actor: Actor, *, time_zone: str, currency: str) -> bytes:
        """Change what is not empty and return the `Preferences`.

        Raises:
            InvalidInputError: an unknown time zone, or a currency that is none.
        """
        ...
