"""Candles of a file, played on the clock from when the exchange started, again and again.

CSV with a head line, or JSON lines; of each candle: `symbol` (BTC or BTCUSDT), `time` when it opens
(Unix seconds or milliseconds, or RFC 3339), `open`, `high`, `low`, `close`. Inside of a candle the
price goes to the nearer end first: open, low, high, close if it rose, open, high, low, close if it
fell.
"""

import csv
import io
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import orjson

from uchat_platform.errors import InvalidInputError
from uchat_sim_exchange.domain.instruments import BY_PAIR, QUOTE, Instrument
from uchat_sim_exchange.prices.source import Day

_MILLISECONDS: Final = 10**11  # Unix seconds reach it in the year 5138
_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Candle:
    """Prices of a while that begins at a Unix second."""

    opens: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal

    def at(self, part: float) -> Decimal:
        """Return the price after a part (0 to 1) of the candle."""
        rose = self.close >= self.open
        ends = (self.open, *((self.low, self.high) if rose else (self.high, self.low)), self.close)
        leg = min(int(part * _PARTS), _PARTS - 1)
        within = Decimal(repr(part * _PARTS - leg))
        return ends[leg] + (ends[leg + 1] - ends[leg]) * within


@dataclass(eq=False)
class Replay:
    """A file from `origin` (Unix second) on, `speed` times as fast as it happened."""

    candles: Mapping[str, list[Candle]]
    origin: int
    speed: float = 1.0
    name: str = "replay"
    simulated: bool = True
    _opens: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    _length: int = 60

    def __post_init__(self) -> None:
        """Find out how long the file and its candles are."""
        self._opens = {name: [each.opens for each in of] for name, of in self.candles.items()}
        gaps = [b - a for opens in self._opens.values() for a, b in pairwise(opens)]
        self._length = min(gaps, default=60)
        self._first = min(opens[0] for opens in self._opens.values())
        last = max(opens[-1] for opens in self._opens.values())
        self._span = last + self._length - self._first
        self._at = lru_cache(maxsize=8192)(self._price)

    def knows(self, instrument: Instrument) -> bool:
        """What the file has is listed."""
        return instrument.symbol in self.candles

    def is_open(self, instrument: Instrument) -> bool:
        """It never closes."""
        return self.knows(instrument)

    def price(self, instrument: Instrument, second: int) -> Decimal:
        """Return what the file says for a second; before the start: its end."""
        return self._at(instrument, second)

    def day(self, instrument: Instrument) -> Day | None:
        """Nobody else tells of it."""
        del instrument

    async def ask(self, path: str, params: Mapping[str, str]) -> Any | None:
        """Nobody else is asked."""
        del path, params

    async def run(self) -> None:
        """Nothing has to be fetched."""

    def _price(self, instrument: Instrument, second: int) -> Decimal:
        moment = self._first + (second - self.origin) * self.speed % self._span
        of = self.candles[instrument.symbol]
        # Before its first candle it is at the price that it opens with.
        candle = of[max(0, bisect_right(self._opens[instrument.symbol], moment) - 1)]
        part = min(1.0, max(0.0, (moment - candle.opens) / self._length))
        steps = (candle.at(part) / instrument.tick).quantize(Decimal(1), ROUND_HALF_EVEN)
        return max(steps * instrument.tick, instrument.tick)


def read(path: Path, origin: int, speed: float) -> Replay:
    """Read a file of candles.

    Raises:
        InvalidInputError: `replay_unreadable`: there is none, or it has no candle that is listed.
    """
    try:
        text = path.read_text()
        rows = _json(text) if path.suffix == ".jsonl" else csv.DictReader(io.StringIO(text))
        candles = _by_symbol(rows)
    except (OSError, ValueError, KeyError, TypeError, InvalidOperation) as e:
        raise InvalidInputError(
            f"Expected candles in {path.name!r}, found {e!r}", code="replay_unreadable"
        ) from e
    if not candles:
        raise InvalidInputError(
            f"No candle of {path.name!r} is of an instrument that is listed",
            code="replay_unreadable",
        )
    return Replay(candles, origin, speed)


def _by_symbol(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Candle]]:
    found: dict[str, dict[int, Candle]] = {}
    for row in rows:
        instrument = BY_PAIR.get(str(row["symbol"]).removesuffix(QUOTE) + QUOTE)
        if instrument is not None:
            candle = _candle(row)
            found.setdefault(instrument.symbol, {})[candle.opens] = candle
    return {name: [of[opens] for opens in sorted(of)] for name, of in found.items()}


def _candle(row: Mapping[str, Any]) -> Candle:
    prices = [Decimal(str(row[name])) for name in ("open", "high", "low", "close")]
    if not all(price.is_finite() and price > 0 for price in prices):
        raise ValueError("a price above zero")
    return Candle(_second(str(row["time"])), *prices)


def _second(text: str) -> int:
    if not text.isdigit():
        return int(datetime.fromisoformat(text).timestamp())
    number = int(text)
    return number // 1000 if number > _MILLISECONDS else number


def _json(text: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in text.splitlines() if line.strip()]
