"""Public routes: time, instruments, prices, books, candles."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from uchat_sim_exchange.access import number, parameters
from uchat_sim_exchange.domain import filters
from uchat_sim_exchange.domain.book import LEVELS, Level
from uchat_sim_exchange.domain.instruments import BY_PAIR, INSTRUMENTS, QUOTE, Instrument
from uchat_sim_exchange.domain.reports import text
from uchat_sim_exchange.errors import ExchangeError, illegal, missing, unknown_symbol
from uchat_sim_exchange.http.answers import answer
from uchat_sim_exchange.http.door import Door
from uchat_sim_exchange.http.market_answers import (
    aggregate_body,
    bar_body,
    symbol_body,
    ticker_body,
    trade_body,
)
from uchat_sim_exchange.market import INTERVALS, Bar, Market

_MAX_BARS: Final = 1000
_MAX_TRADES: Final = 1000
_BARS_AT_ONCE: Final = 10


@dataclass(frozen=True, slots=True)
class MarketRoutes:
    """What anybody may ask."""

    market: Market
    door: Door

    def routes(self) -> list[Route]:
        """Return the routes; the numbers are Binance's weights."""
        endpoints = (
            ("/ping", 1, self.ping),
            ("/time", 1, self.time),
            ("/exchangeInfo", 20, self.exchange_info),
            ("/ticker/24hr", 2, self.ticker),
            ("/ticker/price", 2, self.price),
            ("/ticker/bookTicker", 2, self.book_ticker),
            ("/depth", 5, self.depth),
            ("/klines", 2, self.klines),
            ("/trades", 25, self.trades),
            ("/aggTrades", 4, self.aggregate_trades),
            ("/avgPrice", 2, self.average_price),
        )
        return [
            Route(f"/api/v3{path}", self.door.public(weight, endpoint))
            for path, weight, endpoint in endpoints
        ]

    async def ping(self, _request: Request) -> Response:
        """Say nothing, to whom only wants to know whether somebody is there."""
        return answer({})

    async def time(self, _request: Request) -> Response:
        """Answer the exchange's time."""
        return answer({"serverTime": self.door.now_ms()})

    async def exchange_info(self, request: Request) -> Response:
        """Answer the instruments and their filters."""
        instruments, _ = self._asked(request)
        symbols = [symbol_body(each, filters.describe(each)) for each in instruments]
        return answer(
            {
                "timezone": "UTC",
                "serverTime": self.door.now_ms(),
                "rateLimits": self.door.limits.announced(),
                "exchangeFilters": [],
                "symbols": symbols,
            }
        )

    async def ticker(self, request: Request) -> Response:
        """Answer the last 24 hours of one, some or all instruments."""
        return self._each(request, self._day)

    async def price(self, request: Request) -> Response:
        """Answer present prices."""
        return self._each(
            request, lambda each: {"symbol": each.pair, "price": text(self.market.price(each))}
        )

    async def book_ticker(self, request: Request) -> Response:
        """Answer the best prices and what is offered at them."""
        names = ("symbol", "bidPrice", "bidQty", "askPrice", "askQty")

        def body(each: Instrument) -> dict[str, Any]:
            whole = self._day(each)
            return {name: whole[name] for name in names}

        return self._each(request, body)

    async def depth(self, request: Request) -> Response:
        """Answer the book of this second, as far as it is not taken yet."""
        params = parameters(request.url.query)
        book = self.market.book(self._one(params))
        limit = min(number(params, "limit", 100), LEVELS)

        def side(levels: list[Level]) -> list[list[str]]:
            return [[text(level.price), text(level.quantity)] for level in levels[:limit]]

        return answer(
            {"lastUpdateId": book.second, "bids": side(book.bids), "asks": side(book.asks)}
        )

    async def klines(self, request: Request) -> Response:
        """Answer candles, oldest first: the latest ones unless `startTime` says otherwise."""
        params = parameters(request.url.query)
        instrument = self._one(params)
        interval = params.get("interval", "")
        if interval not in INTERVALS:
            raise ExchangeError(-1120, "Invalid interval.")
        told = await self.market.prices.ask("/api/v3/klines", params)
        if told is not None:
            return answer(told)
        length = INTERVALS[interval]
        limit = max(1, min(number(params, "limit", 500), _MAX_BARS))
        last = min(number(params, "endTime", self.market.now_ms()), self.market.now_ms()) // 1000
        first = last - length * limit + 1
        if params.get("startTime"):
            first = max(0, -(-number(params, "startTime") // 1000))
            last = min(last, first + length * limit - 1)
        bodies: list[list[Any]] = []
        for bar in self.market.bars(instrument, interval, first, last):
            bodies.append(bar_body(bar, length))
            if len(bodies) % _BARS_AT_ONCE == 0:
                # Orders do not wait for somebody who reads the past.
                await asyncio.sleep(0)
        return answer(bodies[-limit:])

    async def trades(self, request: Request) -> Response:
        """Answer one public trade for each of the last seconds."""
        told = await self._told("/api/v3/trades", request)
        if told is not None:
            return answer(told)
        return answer([trade_body(bar) for bar in await self._seconds(request)])

    async def aggregate_trades(self, request: Request) -> Response:
        """Answer the same trades in the form of aggTrades, from a time on if one is given."""
        told = await self._told("/api/v3/aggTrades", request)
        if told is not None:
            return answer(told)
        return answer([aggregate_body(bar) for bar in await self._seconds(request)])

    async def average_price(self, request: Request) -> Response:
        """Answer the present price as the mean of a minute."""
        instrument = self._one(parameters(request.url.query))
        price, now = self.market.price(instrument), self.market.now_ms()
        return answer({"mins": 1, "price": text(price), "closeTime": now})

    async def _told(self, path: str, request: Request) -> Any | None:
        params = parameters(request.url.query)
        self._one(params)
        return await self.market.prices.ask(path, params)

    def _day(self, each: Instrument) -> dict[str, Any]:
        prices = self.market.prices
        whole = ticker_body(self.market.ticker(each))
        # This simulator's own: a real exchange tells of no other source than itself.
        return {**whole, "source": prices.name, "simulated": prices.simulated}

    async def _seconds(self, request: Request) -> list[Bar]:
        params = parameters(request.url.query)
        instrument = self._one(params)
        limit = max(1, min(number(params, "limit", 500), _MAX_TRADES))
        last = min(number(params, "endTime", self.market.now_ms()), self.market.now_ms()) // 1000
        first = last - limit + 1
        if params.get("startTime"):
            first = -(-number(params, "startTime") // 1000)
            last = min(last, first + limit - 1)
        bars: list[Bar] = []
        for bar in self.market.bars(instrument, "1s", first, last):
            bars.append(bar)
            if len(bars) % _BARS_AT_ONCE == 0:
                # Orders do not wait for somebody who reads the past.
                await asyncio.sleep(0)
        return bars

    def _each(self, request: Request, body: Callable[[Instrument], object]) -> Response:
        instruments, single = self._asked(request)
        bodies = [body(each) for each in instruments]
        return answer(bodies[0] if single else bodies)

    def _asked(self, request: Request) -> tuple[list[Instrument], bool]:
        params = parameters(request.url.query)
        if params.get("symbol"):
            return [self._one(params)], True
        if not params.get("symbols"):
            return [each for each in INSTRUMENTS if self.market.knows(each)], False
        try:
            pairs = orjson.loads(params["symbols"])
        except orjson.JSONDecodeError as e:
            raise illegal("symbols", f'^\\["[A-Z0-9]+{QUOTE}"(,"[A-Z0-9]+{QUOTE}")*\\]$') from e
        if not isinstance(pairs, list) or not pairs:
            raise missing("symbols")
        return [self._one({"symbol": str(pair)}) for pair in pairs], False  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON

    def _one(self, params: dict[str, str]) -> Instrument:
        pair = params.get("symbol", "")
        if not pair:
            raise missing("symbol")
        instrument = BY_PAIR.get(pair)
        if instrument is None or not self.market.knows(instrument):
            raise unknown_symbol()
        return instrument
