"""The market: what each instrument costs now, its book, its past, by a source of prices."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final

from uchat_platform.clock import Clock
from uchat_sim_exchange.domain.book import LEVELS, Book, make_book
from uchat_sim_exchange.domain.instruments import Instrument
from uchat_sim_exchange.domain.price_path import change_pct
from uchat_sim_exchange.prices.source import Day, Prices

INTERVALS: Final = {
    "1s": 1,
    "1m": 60,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "4h": 4 * 3600,
    "12h": 12 * 3600,
    "1d": 24 * 3600,
    "1w": 7 * 24 * 3600,
}
_DAY_S: Final = 24 * 3600
_MARK_S: Final = 1800  # the extremes of a day are looked for at these marks
_SAMPLES: Final = 6  # prices looked at inside a bar
_WEEK_OFFSET_S: Final = 4 * _DAY_S  # weeks begin on Monday, Unix time on a Thursday


@dataclass(frozen=True, slots=True)
class Bar:
    """One candle; times are Unix seconds, `volume` in units of the base asset."""

    opens: int
    closes: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class Ticker:
    """The last 24 hours, and the top of the book."""

    instrument: Instrument
    at_ms: int
    last: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    change_pct: Decimal
    volume: Decimal
    book: Book


@dataclass(slots=True)
class Market:
    """Prices of a source; a pinned instrument stands still at the price it was given.

    Pins are for tests and end with the process. `seed` makes what the books hold.
    """

    seed: str
    clock: Clock
    prices: Prices
    _pins: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    _books: dict[str, Book] = field(default_factory=dict[str, Book])
    _held: dict[str, Book] = field(default_factory=dict[str, Book])

    def now_ms(self) -> int:
        """Return the exchange's time, Unix milliseconds."""
        return int(self.clock.now().timestamp() * 1000)

    def price(self, instrument: Instrument) -> Decimal:
        """Return the present price."""
        pinned = self._pins.get(instrument.symbol)
        return pinned or self.prices.price(instrument, self.now_ms() // 1000)

    def knows(self, instrument: Instrument) -> bool:
        """Tell whether it is listed: there is, or was, a price of it."""
        return instrument.symbol in self._pins or self.prices.knows(instrument)

    def is_open(self, instrument: Instrument) -> bool:
        """Tell whether it can be traded: the price is of now."""
        return instrument.symbol in self._pins or self.prices.is_open(instrument)

    def pin(self, instrument: Instrument, price: Decimal | None) -> None:
        """Hold the price of an instrument; None lets it go again."""
        self._books.pop(instrument.symbol, None)
        if price is None:
            self._pins.pop(instrument.symbol, None)
        else:
            self._pins[instrument.symbol] = price

    def hold(self, instrument: Instrument, book: Book | None) -> None:
        """Hold a book with what it has, which is not made anew; None lets it go again."""
        self._books.pop(instrument.symbol, None)
        if book is None:
            self._held.pop(instrument.symbol, None)
        else:
            self._held[instrument.symbol] = book

    def book(self, instrument: Instrument) -> Book:
        """Return the book of this second with what is left of it; taking from it is remembered."""
        if instrument.symbol in self._held:
            return self._held[instrument.symbol]
        second = self.now_ms() // 1000
        if not self.is_open(instrument):
            return Book(second)
        book = self._books.get(instrument.symbol)
        if book is None or book.second != second:
            book = self._make(instrument, second, LEVELS)
            self._books[instrument.symbol] = book
        return book

    def _make(self, instrument: Instrument, second: int, levels: int) -> Book:
        told = None if instrument.symbol in self._pins else self.prices.day(instrument)
        best = None if told is None else (told.bid, told.ask)
        return make_book(
            self.seed, instrument, second, self.price(instrument), levels=levels, told=best
        )

    def ticker(self, instrument: Instrument) -> Ticker:
        """Return the last 24 hours. High and low are those of half-hourly prices."""
        told = None if instrument.symbol in self._pins else self.prices.day(instrument)
        if told is not None:
            return self._told(instrument, told)
        at_ms = self.now_ms()
        second = at_ms // 1000
        last = self.price(instrument)
        before = self.prices.price(instrument, second - _DAY_S)
        mark = second - second % _MARK_S
        seen = [
            _mark_price(self.prices, instrument, at)
            for at in range(mark - _DAY_S + _MARK_S, mark + 1, _MARK_S)
        ]
        seen += [last, before]
        book = self._held.get(instrument.symbol) or self._books.get(instrument.symbol)
        if book is None or (book.second != second and instrument.symbol not in self._held):
            book = self._make(instrument, second, 1)
        return Ticker(
            instrument,
            at_ms,
            last,
            before,
            max(seen),
            min(seen),
            change_pct(last, before),
            _volume(instrument, _DAY_S),
            book,
        )

    def _told(self, instrument: Instrument, day: Day) -> Ticker:
        second = day.at_ms // 1000
        book = self._held.get(instrument.symbol) or self._make(instrument, second, 1)
        change = change_pct(day.last, day.open)
        return Ticker(
            instrument, day.at_ms, day.last, day.open, day.high, day.low, change, day.volume, book
        )

    def bars(self, instrument: Instrument, interval: str, first: int, last: int) -> Iterator[Bar]:
        """Yield the bars that open between two Unix seconds; the running one closes now."""
        length = INTERVALS[interval]
        offset = _WEEK_OFFSET_S if interval == "1w" else 0
        now = self.now_ms() // 1000
        opens = -(-(first - offset) // length) * length + offset
        for at in range(opens, min(last, now) + 1, length):
            if at + length <= now:
                yield _bar(self.prices, instrument, at, length)
            else:
                yield _running_bar(self.prices, instrument, at, now, self.price(instrument))


@lru_cache(maxsize=4096)
def _mark_price(prices: Prices, instrument: Instrument, second: int) -> Decimal:
    return prices.price(instrument, second)


@lru_cache(maxsize=4096)
def _bar(prices: Prices, instrument: Instrument, opens: int, length: int) -> Bar:
    closes = opens + length
    samples = [prices.price(instrument, second) for second in _sampled(opens, closes)]
    samples.append(prices.price(instrument, closes))
    return Bar(
        opens,
        closes,
        samples[0],
        max(samples),
        min(samples),
        samples[-1],
        _volume(instrument, length),
    )


def _running_bar(
    prices: Prices, instrument: Instrument, opens: int, now: int, price: Decimal
) -> Bar:
    samples = [prices.price(instrument, second) for second in _sampled(opens, max(now, opens + 1))]
    samples.append(price)
    volume = _volume(instrument, now - opens)
    return Bar(opens, now, samples[0], max(samples), min(samples), price, volume)


def _sampled(opens: int, closes: int) -> range:
    return range(opens, closes, max(1, (closes - opens) // _SAMPLES))


def _volume(instrument: Instrument, seconds: int) -> Decimal:
    # As much as 20,000 USDT a second for the tightest spread: an assumption, no measurement.
    notional = Decimal(20_000) * seconds / instrument.spread_bps
    return (notional / instrument.anchor_price).quantize(instrument.step)
