"""Suggests how an amount could be spread, from prices of the past weeks. Orders nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Allocation
from uchat_execution.domain.allocation import (
    HISTORY_DAYS,
    PROFILES,
    Candidate,
    allocate,
    volatility,
)
from uchat_execution.domain.instruments import Instrument
from uchat_execution.domain.market import Quote
from uchat_execution.domain.pricing import is_fresh
from uchat_execution.service.desk import Desk
from uchat_platform.clock import Clock
from uchat_platform.errors import InvalidInputError, NotFoundError, UnavailableError

_KEEP: Final = timedelta(hours=1)
_LEAST: Final = Decimal(50)
_MOST: Final = Decimal(10) ** 12
# Some assets may be without history or a fresh price: look at a few more than are needed.
_SPARE: Final = 4


@dataclass(slots=True)
class Allocating:
    """Makes suggestions; the volatility of an asset is kept for an hour."""

    desk: Desk
    clock: Clock
    _kept: dict[str, tuple[datetime, float | None]] = field(
        default_factory=dict[str, tuple[datetime, float | None]]
    )

    async def suggest(self, amount: Decimal, profile: str) -> Allocation:
        """Return how an amount of quote currency could be spread (empty profile: balanced).

        Raises:
            InvalidInputError: an amount below 50 or absurdly large, or an unknown profile.
            UnavailableError: no prices.
        """
        chosen = profile or "balanced"
        if chosen not in PROFILES:
            raise InvalidInputError(f"Expected cautious, balanced or bold, found {profile!r}")
        if not amount.is_finite() or not _LEAST <= amount <= _MOST:
            raise InvalidInputError(f"Expected an amount of at least {_LEAST} USDT")
        character = PROFILES[chosen]
        candidates = await self._candidates(character.assets)
        if not candidates:
            raise UnavailableError("There are no current prices", code="market_data_unavailable")
        return allocate(amount, chosen, candidates, self.clock.now())

    async def _candidates(self, wanted: int) -> list[Candidate]:
        listed = list(await self.desk.market.instruments())[: wanted + _SPARE]
        rules = await self.desk.rules()
        quotes = await self.desk.quotes([each.symbol for each in listed])
        values = await asyncio.gather(*(self._volatility(each.symbol) for each in listed))
        now = self.clock.now()
        found: list[Candidate] = []
        for each, value in _known(listed, values):
            quote = quotes.get(each.symbol)
            if quote is not None and each.symbol in rules and _usable(quote, now):
                found.append(Candidate(each.symbol, each.name, quote, rules[each.symbol], value))
        return found

    async def _volatility(self, symbol: str) -> float | None:
        now = self.clock.now()
        kept = self._kept.get(symbol)
        if kept is not None and now - kept[0] < _KEEP:
            return kept[1]
        try:
            found = volatility(await self.desk.market.daily_closes(symbol, HISTORY_DAYS))
        except (NotFoundError, UnavailableError):
            return None
        self._kept[symbol] = (now, found)
        return found


def _usable(quote: Quote, now: datetime) -> bool:
    return is_fresh(quote, now) and quote.ask > 0


def _known(
    listed: Sequence[Instrument], values: Sequence[float | None]
) -> list[tuple[Instrument, float]]:
    pairs = zip(listed, values, strict=True)
    return [(each, value) for each, value in pairs if value is not None]
