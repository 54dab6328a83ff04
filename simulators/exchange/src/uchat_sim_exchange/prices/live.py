"""Prices of a real exchange, read once a second from its public API, which is Binance's.

Orders are matched here all the same, at a book that is made around its best prices. While it does
not answer the market is closed: the last prices stay, with the time that they are of. An instrument
that it has halted, or lists no more, is closed by itself.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import orjson

from uchat_platform.logging import get_logger
from uchat_sim_exchange.domain.instruments import BY_PAIR, INSTRUMENTS, Instrument
from uchat_sim_exchange.errors import ExchangeError
from uchat_sim_exchange.prices.source import Day

if TYPE_CHECKING:
    import aiohttp

_EVERY_S: Final = 1.0
_STALE_S: Final = 5.0
_ANSWER_S: Final = 4.0
_LONGEST_PAUSE_S: Final = 300.0
_AT_ONCE: Final = 20  # more symbols in one question weigh 20 times as much
_MAX_BYTES: Final = 4_000_000
_UNLISTED_FOR_S: Final = 3600.0
_REFUSED: Final = 400
_log = get_logger(__name__)


class NoPricesError(Exception):
    """The exchange does not answer, or not in a way that can be read.

    `pause_s`: ask then again. `refused`: it does not know what it was asked for.
    """

    def __init__(self, why: str, pause_s: float = _EVERY_S, *, refused: bool = False) -> None:
        super().__init__(why)
        self.pause_s = min(pause_s, _LONGEST_PAUSE_S)
        self.refused = refused


@dataclass(eq=False, slots=True)
class Live:
    """The latest prices. `simulated`: that exchange says so of its own."""

    session: "aiohttp.ClientSession"
    url: str
    simulated: bool = False
    _days: dict[str, Day] = field(default_factory=dict[str, Day])
    _read_at: dict[str, float] = field(default_factory=dict[str, float])
    _unlisted: dict[str, float] = field(default_factory=dict[str, float])
    _unreadable: set[str] = field(default_factory=set[str])

    @property
    def name(self) -> str:
        """Return the exchange's host."""
        return f"live:{urlsplit(self.url).hostname}"

    def knows(self, instrument: Instrument) -> bool:
        """What the exchange has told of once is listed."""
        return instrument.symbol in self._days

    def is_open(self, instrument: Instrument) -> bool:
        """Tell whether its price was read in the last 5 seconds."""
        read_at = self._read_at.get(instrument.symbol, float("-inf"))
        return asyncio.get_running_loop().time() - read_at < _STALE_S

    def price(self, instrument: Instrument, second: int) -> Decimal:
        """Return the latest price, whenever."""
        del second
        return self._days[instrument.symbol].last

    def day(self, instrument: Instrument) -> Day | None:
        """Return the last day as the exchange tells it."""
        return self._days.get(instrument.symbol)

    async def ask(self, path: str, params: Mapping[str, str]) -> Any | None:
        """Return what the exchange answers.

        Raises:
            ExchangeError: -1001, it does not.
        """
        try:
            return await self._ask(path, params)
        except NoPricesError as e:
            raise ExchangeError(-1001, "Internal error; unable to process your request.") from e

    async def refresh(self) -> None:
        """Read all prices.

        Raises:
            NoPricesError: the former ones stay.
        """
        now = asyncio.get_running_loop().time()
        pairs = [each.pair for each in INSTRUMENTS if self._unlisted.get(each.pair, now) <= now]
        taken = 0
        for start in range(0, len(pairs), _AT_ONCE):
            taken += await self._read(pairs[start : start + _AT_ONCE])
        if not taken:
            raise NoPricesError("it tells no price that can be read")

    async def run(self) -> None:
        """Read prices once a second until cancelled."""
        away = False
        while True:
            pause_s = _EVERY_S
            try:
                await self.refresh()
            except NoPricesError as e:
                pause_s = e.pause_s
                if not away:
                    _log.warning("live_prices_away", url=self.url, why=str(e))
                away = True
            else:
                if away:
                    _log.info("live_prices_there", url=self.url)
                away = False
            await asyncio.sleep(pause_s)

    async def _read(self, pairs: Sequence[str]) -> int:
        """Read the prices of some pairs; returns of how many."""
        try:
            told = await self._ask("/api/v3/ticker/24hr", {"symbols": orjson.dumps(pairs).decode()})
        except NoPricesError as e:
            if not e.refused:
                raise
            if len(pairs) > 1:
                # It refuses all for one that it does not list: which one, is asked once an hour.
                return sum([await self._read([pair]) for pair in pairs])
            _log.warning("live_unlisted", pair=pairs[0], url=self.url)
            self._unlisted[pairs[0]] = asyncio.get_running_loop().time() + _UNLISTED_FOR_S
            return 0
        if not isinstance(told, list):
            raise NoPricesError("unreadable prices")
        return sum([self._take(entry) for entry in cast("list[Any]", told)])

    def _take(self, entry: Any) -> bool:
        try:
            instrument = BY_PAIR[entry["symbol"]]
            day = day_of(instrument, entry)
            self.simulated = entry.get("simulated") is True
        except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as e:
            name = (
                str(cast("dict[str, Any]", entry).get("symbol")) if isinstance(entry, dict) else ""
            )
            if name not in self._unreadable:
                _log.warning("live_price_unreadable", url=self.url, why=repr(e))
                self._unreadable.add(name)
            return False
        self._unreadable.discard(instrument.pair)
        self._days[instrument.symbol] = day
        self._read_at[instrument.symbol] = asyncio.get_running_loop().time()
        return True

    async def _ask(self, path: str, params: Mapping[str, str]) -> Any:
        import aiohttp  # noqa: PLC0415 - only whoever reads live prices has to load it

        timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
        try:
            async with self.session.get(
                self.url + path, params=dict(params), timeout=timeout, allow_redirects=False
            ) as response:
                raw = await response.content.read(_MAX_BYTES)
                if response.status != 200:  # noqa: PLR2004 - HTTP
                    wait = response.headers.get("Retry-After", "")
                    pause_s = float(wait) if wait.isdecimal() else _EVERY_S
                    refused = response.status == _REFUSED
                    raise NoPricesError(f"HTTP {response.status}", pause_s, refused=refused)
                return orjson.loads(raw)
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as e:
            raise NoPricesError(repr(e)) from e


def day_of(instrument: Instrument, entry: Mapping[str, Any]) -> Day:
    """Return an entry of ticker/24hr on the instrument's tick: bids down, asks up.

    Raises:
        ValueError: prices that are none, or cross.
    """
    tick = instrument.tick

    def on_tick(name: str, rounding: str) -> Decimal:
        return (Decimal(entry[name]) / tick).quantize(Decimal(1), rounding) * tick

    bid, ask = on_tick("bidPrice", ROUND_FLOOR), on_tick("askPrice", ROUND_CEILING)
    last = on_tick("lastPrice", ROUND_HALF_EVEN)
    if not 0 < bid < ask or last <= 0:
        raise ValueError(f"{instrument.pair}: {bid} bid, {ask} asked, {last} last")
    return Day(
        at_ms=int(entry["closeTime"]),
        last=last,
        bid=bid,
        ask=ask,
        open=on_tick("openPrice", ROUND_HALF_EVEN),
        high=on_tick("highPrice", ROUND_HALF_EVEN),
        low=on_tick("lowPrice", ROUND_HALF_EVEN),
        volume=Decimal(entry["volume"]),
    )


@asynccontextmanager
async def live_prices(url: str) -> AsyncGenerator[Live]:
    """Open the client; nothing is asked yet."""
    import aiohttp  # noqa: PLC0415 - only whoever reads live prices has to load it

    async with aiohttp.ClientSession() as session:
        yield Live(session, url.rstrip("/"))
