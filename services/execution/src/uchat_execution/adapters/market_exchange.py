"""Prices from the exchange that orders go to: what one sees is what one gets."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from uchat_execution.adapters.binance_api import BinanceApi, NoAnswerError
from uchat_execution.adapters.listings import Listings
from uchat_execution.domain.instruments import Instrument
from uchat_execution.domain.market import Quote
from uchat_platform.errors import NotFoundError, UnavailableError
from uchat_platform.health import Health
from uchat_platform.logging import get_logger

_POLL_S: Final = 1.0
_LISTINGS_EVERY_S: Final = 600.0
_CLOSES_KEPT: Final = timedelta(minutes=30)
_DAYS_AHEAD: Final = 60
_READ_AHEAD: Final = 4  # symbols whose closes are read in one round
_UNREADABLE: Final = (KeyError, TypeError, ValueError, ArithmeticError, IndexError)
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Closes:
    read_at: datetime
    days: int
    values: list[Decimal]

    def serves(self, days: int, now: datetime) -> bool:
        same_day = self.read_at.date() == now.date()
        return same_day and self.days >= days and now - self.read_at < _CLOSES_KEPT


@dataclass(slots=True)
class ExchangeMarketData:
    """Quotes in memory, read once a second by `run`.

    `source` and `simulated` mark each quote, unless the exchange tells where its prices are from:
    a paper exchange may pass on those of a real one.
    """

    api: BinanceApi
    listings: Listings
    health: Health
    source: str
    simulated: bool
    _quotes: dict[str, Quote] = field(default_factory=dict[str, Quote])
    _closes: dict[str, _Closes] = field(default_factory=dict[str, _Closes])
    _away: bool | None = None

    async def run(self) -> None:
        """Read quotes each second, listings and closes now and then, until cancelled.

        While the exchange is away the last quotes stay, with the time that they are of; health
        tells it without stopping the service.
        """
        loop = asyncio.get_running_loop()
        listed_at = float("-inf")
        while True:
            started = loop.time()
            try:
                if started - listed_at > _LISTINGS_EVERY_S:
                    await self.listings.refresh()
                    listed_at = started
                await self.refresh()
                await self._read_ahead()
            except UnavailableError as e:
                self._tell(away=True, why=e.detail)
            else:
                self._tell(away=False, why="")
            await asyncio.sleep(max(0.0, started + _POLL_S - loop.time()))

    async def refresh(self) -> None:
        """Read all quotes anew.

        Raises:
            UnavailableError: `market_data_unavailable`; the former quotes stay.
        """
        body = await self._ask("/api/v3/ticker/24hr", {})
        by_pair = {self.listings.pair(symbol): symbol for symbol in self.listings.instruments}
        try:
            quotes = [
                self._quote(by_pair[entry["symbol"]], entry)
                for entry in body
                if entry["symbol"] in by_pair
            ]
        except _UNREADABLE as e:
            raise _unavailable("The exchange's prices cannot be read") from e
        self._quotes = {quote.symbol: quote for quote in quotes}

    async def quotes(self, symbols: Sequence[str]) -> dict[str, Quote]:
        """Return the latest quote of each listed symbol; `as_of` is the exchange's time.

        Raises:
            UnavailableError: `market_data_unavailable`, there never was one since the start.
        """
        if not self._quotes:
            raise _unavailable("There are no prices yet: the exchange has not answered")
        return {symbol: self._quotes[symbol] for symbol in symbols if symbol in self._quotes}

    async def instruments(self) -> Sequence[Instrument]:
        """Return everything that is listed, in the exchange's order."""
        return list(self.listings.instruments.values())

    async def daily_closes(self, symbol: str, days: int) -> Sequence[Decimal]:
        """Return daily closes in quote currency, oldest first; the last one is the price now.

        `run` reads 60 days of each symbol ahead, and again every half hour.

        Raises:
            NotFoundError: the symbol is not listed.
            UnavailableError: `market_data_unavailable`.
        """
        if self.listings.instruments and symbol not in self.listings.instruments:
            raise NotFoundError(f"{symbol!r} is not listed", code="symbol_not_listed")
        known = self._closes.get(symbol)
        if known is None or not known.serves(days, self.api.clock.now()):
            known = await self._read_closes(symbol, days)
        quote = self._quotes.get(symbol)
        latest = known.values[-1:] if quote is None else [quote.price]
        return [*known.values[-days:-1], *latest]

    async def _read_ahead(self) -> None:
        now = self.api.clock.now()
        due = [
            symbol
            for symbol in self.listings.instruments
            if symbol not in self._closes or not self._closes[symbol].serves(_DAYS_AHEAD, now)
        ]
        for symbol in due[:_READ_AHEAD]:
            await self._read_closes(symbol, _DAYS_AHEAD)

    async def _read_closes(self, symbol: str, days: int) -> _Closes:
        params = {"symbol": self.listings.pair(symbol), "interval": "1d", "limit": str(days)}
        bars = await self._ask("/api/v3/klines", params)
        try:
            known = _Closes(self.api.clock.now(), days, [Decimal(bar[4]) for bar in bars])
        except _UNREADABLE as e:
            raise _unavailable("The exchange's candles cannot be read") from e
        self._closes[symbol] = known
        return known

    async def _ask(self, path: str, params: dict[str, str]) -> Any:
        try:
            answer = await self.api.public(path, params)
        except NoAnswerError as e:
            raise _unavailable(f"The exchange does not answer ({e})") from e
        if not answer.ok:
            raise _unavailable(f"The exchange answered HTTP {answer.status}")
        return answer.body

    def _quote(self, symbol: str, entry: dict[str, Any]) -> Quote:
        tick = self.listings.instruments[symbol].tick
        last, bid, ask = (
            Decimal(entry[name]).quantize(tick) for name in ("lastPrice", "bidPrice", "askPrice")
        )
        return Quote(
            symbol=symbol,
            quote_currency=self.listings.quote_currency,
            price=last,
            bid=bid,
            ask=ask,
            change_24h_pct=Decimal(entry["priceChangePercent"]),
            as_of=datetime.fromtimestamp(entry["closeTime"] / 1000, UTC),
            source=str(entry.get("source", self.source)),
            simulated=bool(entry.get("simulated", self.simulated)),
        )

    def _tell(self, *, away: bool, why: str) -> None:
        if away == self._away:
            return
        self._away = away
        self.health.tell("market", not away)
        if away:
            _log.warning("market_away", detail=why)
        else:
            _log.info("market_there", symbols=len(self._quotes))


def _unavailable(detail: str) -> UnavailableError:
    return UnavailableError(detail, code="market_data_unavailable")
