"""An order book for any second, from a seed: 20 levels a side that get deeper outwards."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import Final

from uchat_sim_exchange.domain.instruments import Instrument
from uchat_sim_exchange.domain.orders import Order, Side
from uchat_sim_exchange.domain.price_path import bid_ask

LEVELS: Final = 20
_BEST_NOTIONAL: Final = Decimal(40_000)  # USDT at the best price of the most liquid instrument
_GROWTH: Final = Decimal("1.18")
_BPS: Final = Decimal(10_000)


@dataclass(slots=True)
class Level:
    """A price and the quantity that is left at it."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Fill:
    """A part of an order: so much at this price."""

    price: Decimal
    quantity: Decimal


@dataclass(slots=True)
class Book:
    """Both sides, best first. What is taken is gone until the next second brings a new book."""

    second: int
    bids: list[Level] = field(default_factory=list[Level])
    asks: list[Level] = field(default_factory=list[Level])

    def against(self, side: Side) -> list[Level]:
        """Return the levels that an order of this side would take."""
        return self.asks if side == "BUY" else self.bids

    def take(self, side: Side, fills: list[Fill]) -> bool:
        """Remove what the fills of an order have taken; tells whether nothing is left there."""
        levels = self.against(side)
        for fill in fills:
            for level in levels:
                if level.price == fill.price:
                    level.quantity -= fill.quantity
        levels[:] = [level for level in levels if level.quantity > 0]
        return not levels


def make_book(
    seed: str,
    instrument: Instrument,
    second: int,
    price: Decimal,
    *,
    levels: int = LEVELS,
    told: tuple[Decimal, Decimal] | None = None,
) -> Book:
    """Return the book of a second around a price; the same arguments give the same book.

    `told`: the best bid and ask, if somebody else tells them.
    """
    bid, ask = told or bid_ask(instrument, price)
    book = Book(second)
    for side, best, sign in ((book.bids, bid, -1), (book.asks, ask, 1)):
        noise = _noise(f"{seed}:{instrument.symbol}:{second}:{sign}")
        gap = _on_step(best * instrument.spread_bps / _BPS, instrument.tick)
        notional = _BEST_NOTIONAL / instrument.spread_bps
        at = best
        for _ in range(levels):
            quantity = (notional * next(noise) / at).quantize(instrument.step, ROUND_DOWN)
            side.append(Level(at, max(quantity, instrument.step)))
            notional *= _GROWTH
            at += sign * _on_step(gap * next(noise), instrument.tick)
            if at <= 0:
                break
    return book


def walk(
    levels: list[Level],
    accepts: Callable[[Decimal], bool],
    *,
    step: Decimal,
    quantity: Decimal | None = None,
    quote: Decimal | None = None,
) -> list[Fill]:
    """Return what an order takes from the levels, best first, as far as it accepts the prices.

    It ends at `quantity` units or at `quote` USDT, whichever is given. Changes nothing.
    """
    fills: list[Fill] = []
    for level in levels:
        if not accepts(level.price):
            break
        wanted = level.quantity
        if quantity is not None:
            wanted = min(wanted, quantity)
        if quote is not None:
            wanted = min(wanted, (quote / level.price).quantize(step, ROUND_DOWN))
        if wanted <= 0:
            break
        fills.append(Fill(level.price, wanted))
        quantity = None if quantity is None else quantity - wanted
        quote = None if quote is None else quote - wanted * level.price
    return fills


def fills_of(book: Book, instrument: Instrument, order: Order) -> list[Fill]:
    """Return what an order would take from the book now. Changes nothing."""
    limit, buys = order.price, order.side == "BUY"

    def accepts(price: Decimal) -> bool:
        return order.at_market or (price <= limit if buys else price >= limit)

    return walk(
        book.against(order.side),
        accepts,
        step=instrument.step,
        quantity=None if order.quote_quantity else order.remaining,
        quote=order.quote_quantity or None,
    )


def goes_through(book: Book, order: Order) -> bool:
    """Tell whether the best price is beyond an order's, and does not only touch it."""
    levels = book.against(order.side)
    if not levels:
        return False
    best = levels[0].price
    return best < order.price if order.side == "BUY" else best > order.price


def _on_step(value: Decimal, step: Decimal) -> Decimal:
    return max((value / step).quantize(Decimal(1), ROUND_CEILING), Decimal(1)) * step


def _noise(key: str) -> Iterator[Decimal]:
    """Yield factors from 0.6 to 1.4, two for each level."""
    digest = hashlib.shake_128(key.encode()).digest(2 * LEVELS)
    for byte in digest:
        yield Decimal(600 + byte * 800 // 255) / 1000
