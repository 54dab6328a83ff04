"""Where prices come from."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from uchat_execution.domain.instruments import Instrument
from uchat_execution.domain.market import Quote


class MarketData(Protocol):
    """A source of prices."""

    async def quotes(self, symbols: Sequence[str]) -> dict[str, Quote]:
        """Return the latest quote of each listed symbol; symbols that are not listed are missing.

        Answers from memory; `as_of` tells how old a quote is, and whoever needs a fresh one looks.

        Raises:
            UnavailableError: there never was one since the start.
        """
        ...

    async def instruments(self) -> Sequence[Instrument]:
        """Return everything that is listed, in the source's order of importance."""
        ...

    async def daily_closes(self, symbol: str, days: int) -> Sequence[Decimal]:
        """Return the latest daily closing prices in quote currency, oldest first, `days` at most.

        Raises:
            NotFoundError: the symbol is not listed.
            UnavailableError: the source is away.
        """
        ...
