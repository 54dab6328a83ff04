"""A market that is computed: the same seed and second give the same prices everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from uchat_execution.domain.instruments import INSTRUMENTS, Instrument
from uchat_execution.domain.price_path import bid_ask, change_pct, price_at
from uchat_execution.ports import Quote
from uchat_platform.clock import Clock
from uchat_platform.errors import NotFoundError

_DAY_S = 24 * 3600
_BY_SYMBOL = {instrument.symbol: instrument for instrument in INSTRUMENTS}


@dataclass(frozen=True, slots=True)
class SyntheticMarketData:
    """Quotes of a seeded walk, marked as simulated. Two replicas with one seed agree."""

    seed: str
    clock: Clock

    async def quotes(self, symbols: Sequence[str]) -> dict[str, Quote]:
        """Return the quote of the present second for each listed symbol."""
        second = int(self.clock.now().timestamp())
        return {
            symbol: self._quote(_BY_SYMBOL[symbol], second)
            for symbol in symbols
            if symbol in _BY_SYMBOL
        }

    async def instruments(self) -> Sequence[Instrument]:
        """Return everything that is listed."""
        return INSTRUMENTS

    async def daily_closes(self, symbol: str, days: int) -> Sequence[Decimal]:
        """Return the walk's price at the end of each of the latest whole UTC days, oldest first."""
        if symbol not in _BY_SYMBOL:
            raise NotFoundError(f"{symbol!r} is not listed", code="unknown_symbol")
        today = int(self.clock.now().timestamp()) // _DAY_S * _DAY_S
        ends = range(today - (days - 1) * _DAY_S, today + 1, _DAY_S)
        return [price_at(self.seed, _BY_SYMBOL[symbol], end) for end in ends]

    def _quote(self, instrument: Instrument, second: int) -> Quote:
        price = price_at(self.seed, instrument, second)
        bid, ask = bid_ask(instrument, price)
        return Quote(
            symbol=instrument.symbol,
            quote_currency=instrument.quote_currency,
            price=price,
            bid=bid,
            ask=ask,
            change_24h_pct=change_pct(price, price_at(self.seed, instrument, second - _DAY_S)),
            as_of=datetime.fromtimestamp(second, UTC),
            source="synthetic",
            simulated=True,
        )
