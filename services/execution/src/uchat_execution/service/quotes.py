"""Answers questions about prices and what is listed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from uchat_execution.domain.instruments import Instrument
from uchat_execution.domain.terms import is_fresh
from uchat_execution.ports import MarketData, Quote
from uchat_execution.ports.circuits import CircuitState, States
from uchat_platform.errors import InvalidInputError, NotFoundError, UnavailableError

MAX_SYMBOLS = 50
MAX_PAGE = 200
MAX_DAYS = 365


@dataclass(frozen=True, slots=True)
class Quotes:
    """Quotes in the order asked for, and the symbols that are not listed."""

    found: list[Quote]
    unknown: list[str]


@dataclass(frozen=True, slots=True)
class Status:
    """The latest quote of all (none: there never was one), whether it is of now, and circuits."""

    latest: Quote | None
    fresh: bool
    circuits: Mapping[str, CircuitState]


@dataclass(frozen=True, slots=True)
class Page:
    """Instruments and the cursor of the next page (empty: no more)."""

    instruments: Sequence[Instrument]
    next: str


@dataclass(frozen=True, slots=True)
class MarketDataService:
    """Answers questions about prices and what is listed."""

    market: MarketData
    circuits: States = dict[str, CircuitState]

    async def status(self, now: datetime) -> Status:
        """Return where prices come from, of when the latest is, and how the circuits stand."""
        try:
            listed = [each.symbol for each in await self.market.instruments()]
            quotes = list((await self.market.quotes(listed)).values())
        except UnavailableError:
            quotes = []
        latest = max(quotes, key=lambda quote: quote.as_of, default=None)
        fresh = latest is not None and is_fresh(latest, now)
        return Status(latest, fresh, self.circuits())

    async def quotes(self, symbols: Sequence[str]) -> Quotes:
        """Return quotes by base asset, any case, each once.

        Raises:
            InvalidInputError: none or more than `MAX_SYMBOLS` symbols.
            UnavailableError: the source is away.
        """
        if not 1 <= len(symbols) <= MAX_SYMBOLS:
            raise InvalidInputError(f"Expected 1 to {MAX_SYMBOLS} symbols, found {len(symbols)}")
        asked = list(dict.fromkeys(symbol.strip().upper() for symbol in symbols))
        quotes = await self.market.quotes(asked)
        return Quotes(
            found=[quotes[symbol] for symbol in asked if symbol in quotes],
            unknown=[symbol for symbol in asked if symbol not in quotes],
        )

    async def closes(
        self, symbols: Sequence[str], days: int
    ) -> tuple[dict[str, list[Decimal]], list[str]]:
        """Return daily closes by base asset, oldest first, and the assets that have none.

        Raises:
            InvalidInputError: none or more than `MAX_SYMBOLS` symbols, or days outside 2 to
                `MAX_DAYS`.
        """
        if not 1 <= len(symbols) <= MAX_SYMBOLS:
            raise InvalidInputError(f"Expected 1 to {MAX_SYMBOLS} symbols, found {len(symbols)}")
        if not 2 <= days <= MAX_DAYS:  # noqa: PLR2004 - a return needs two closes
            raise InvalidInputError(f"Expected 2 to {MAX_DAYS} days, found {days}")
        asked = list(dict.fromkeys(symbol.strip().upper() for symbol in symbols))
        found = await asyncio.gather(*(self._closes(symbol, days) for symbol in asked))
        known = {symbol: closes for symbol, closes in zip(asked, found, strict=True) if closes}
        return known, [symbol for symbol in asked if symbol not in known]

    async def _closes(self, symbol: str, days: int) -> list[Decimal]:
        try:
            return list(await self.market.daily_closes(symbol, days))
        except (NotFoundError, UnavailableError):
            return []

    async def instruments(self, cursor: str, limit: int) -> Page:
        """Return one page of what is listed, after the symbol `cursor` (empty: the first page).

        Raises:
            InvalidInputError: a limit outside 1 to `MAX_PAGE`, or a cursor that names nothing.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise InvalidInputError(f"Expected a limit of 1 to {MAX_PAGE}, found {limit}")
        listed = list(await self.market.instruments())
        symbols = [instrument.symbol for instrument in listed]
        if cursor and cursor not in symbols:
            raise InvalidInputError(f"Expected a cursor from an earlier page, found {cursor!r}")
        start = symbols.index(cursor) + 1 if cursor else 0
        page = listed[start : start + limit]
        more = start + limit < len(listed)
        return Page(page, page[-1].symbol if page and more else "")
