"""Prices of a real exchange, read once a second from its public API, which is Binance's.

Orders are matched here all the same, at a book that is made around its best prices. While it does
not answer the market is closed: the last prices stay, with the time that they are of.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, Final
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
_log = get_logger(__name__)


class NoPricesError(Exception):
    """The exchange does not answer, or not in a way that can be read. `pause_s`: ask then again."""

    def __init__(self, why: str, pause_s: float = _EVERY_S) -> None:
        super().__init__(why)
        self.pause_s = min(pause_s, _LONGEST_PAUSE_S)


@dataclass(eq=False, slots=True)
class Live:
    """The latest prices. `simulated`: that exchange says so of its own."""

    session: "aiohttp.ClientSession"
    url: str
    simulated: bool = False
    _days: dict[str, Day] = field(default_factory=dict[str, Day])
    _read_at: float = float("-inf")

    @property
    def name(self) -> str:
        """Return the exchange's host."""
        return f"live:{urlsplit(self.url).hostname}"

    def knows(self, instrument: Instrument) -> bool:
        """What the exchange has told of once is listed."""
        return instrument.symbol in self._days

    def is_open(self, instrument: Instrument) -> bool:
        """Tell whether prices were read in the last 5 seconds."""
        fresh = asyncio.get_running_loop().time() - self._read_at < _STALE_S
        return fresh and self.knows(instrument)

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
        for start in range(0, len(INSTRUMENTS), _AT_ONCE):
            pairs = [each.pair for each in INSTRUMENTS[start : start + _AT_ONCE]]
            params = {"symbols": orjson.dumps(pairs).decode()}
            self._take(await self._ask("/api/v3/ticker/24hr", params))
        self._read_at = asyncio.get_running_loop().time()

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

    def _take(self, entries: Sequence[Mapping[str, Any]]) -> None:
        try:
            for entry in entries:
                instrument = BY_PAIR[entry["symbol"]]
                self._days[instrument.symbol] = day_of(instrument, entry)
                self.simulated = entry.get("simulated") is True
        except (KeyError, TypeError, ValueError, ArithmeticError) as e:
            raise NoPricesError(f"unreadable prices: {e!r}") from e

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
                    pause_s = float(wait) if wait.isdigit() else _EVERY_S
                    raise NoPricesError(f"HTTP {response.status}", pause_s)
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
