"""What orders set aside, pay and give back. Nothing is paid that was not set aside before."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Final

from uchat_sim_exchange.domain.accounts import Account
from uchat_sim_exchange.domain.book import Fill
from uchat_sim_exchange.domain.instruments import QUOTE, Instrument
from uchat_sim_exchange.domain.orders import Order, Side, Trade
from uchat_sim_exchange.errors import insufficient_balance

_FEE_UNIT: Final = Decimal("0.00000001")
_BPS: Final = Decimal(10_000)
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fees:
    """Commission in basis points of the quote: of who rests, and of who takes."""

    maker_bps: Decimal = Decimal(10)
    taker_bps: Decimal = Decimal(10)

    def of(self, quote: Decimal, *, maker: bool) -> Decimal:
        """Return the commission of a fill, cut after eight decimals."""
        bps = self.maker_bps if maker else self.taker_bps
        return (quote * bps / _BPS).quantize(_FEE_UNIT, ROUND_DOWN)

    @property
    def most(self) -> Decimal:
        """Return the larger one as a share of the quote."""
        return max(self.maker_bps, self.taker_bps) / _BPS


def paid_asset(instrument: Instrument, side: Side) -> str:
    """Return the asset that an order pays with."""
    return instrument.symbol if side == "SELL" else QUOTE


def needed(order: Order, fills: list[Fill], fees: Fees) -> Decimal:
    """Return what has to be set aside for a new order that would be filled so at once."""
    if order.side == "SELL":
        return order.quantity or quantity_of(fills)
    if not order.at_market:
        return reserve(order, fees)
    if order.stop_price:
        return order.quantity * order.stop_price * (1 + fees.most)
    return _cost(fills, fees)


def reserve(order: Order, fees: Fees) -> Decimal:
    """Return what the rest of an order can cost at most; what it sells, if it sells."""
    if order.side == "SELL":
        return order.remaining
    return order.remaining * (order.price or order.stop_price) * (1 + fees.most)


def set_aside(account: Account, order: Order, instrument: Instrument, amount: Decimal) -> None:
    """Lock an amount for an order.

    Raises:
        ExchangeError: -2010, there is not so much.
    """
    balance = account.balance(paid_asset(instrument, order.side))
    if amount > balance.free:
        raise insufficient_balance()
    balance.free -= amount
    balance.locked += amount
    order.locked += amount


def cover(
    account: Account, order: Order, instrument: Instrument, fills: list[Fill], fees: Fees
) -> list[Fill]:
    """Return the fills that can be paid.

    The book may have changed since the order was accepted: what it costs more comes from what is
    free, and what that cannot pay is not bought.
    """
    sells = order.side == "SELL"
    more = (quantity_of(fills) if sells else _cost(fills, fees)) - order.locked
    if more <= 0:
        return fills
    free = account.balance(paid_asset(instrument, order.side)).free
    set_aside(account, order, instrument, min(more, free))
    return fills if free >= more else _cut(fills, order, instrument.step, fees)


def settle(account: Account, order: Order, instrument: Instrument, trades: list[Trade]) -> None:
    """Exchange the money of fills, and bring the order up to date."""
    cash, base = account.balance(QUOTE), account.balance(instrument.symbol)
    for trade in trades:
        if order.side == "BUY":
            paid = trade.quote + trade.commission
            cash.locked -= paid
            base.free += trade.quantity
        else:
            paid = trade.quantity
            base.locked -= paid
            cash.free += trade.quote - trade.commission
        order.locked -= paid
        order.executed += trade.quantity
        order.executed_quote += trade.quote
        order.updated_ms = trade.at_ms
    if trades and order.is_open:
        order.status = "FILLED" if not order.remaining else "PARTIALLY_FILLED"


def release(account: Account, order: Order, instrument: Instrument, keep: Decimal) -> None:
    """Give back what is set aside for an order and not needed any more."""
    balance = account.balance(paid_asset(instrument, order.side))
    balance.locked -= order.locked - keep
    balance.free += order.locked - keep
    order.locked = keep


def quantity_of(fills: Iterable[Fill]) -> Decimal:
    """Return the units of all fills."""
    return sum((fill.quantity for fill in fills), _ZERO)


def _cost(fills: Iterable[Fill], fees: Fees) -> Decimal:
    quotes = [fill.price * fill.quantity for fill in fills]
    return sum((quote + fees.of(quote, maker=False) for quote in quotes), _ZERO)


def _cut(fills: list[Fill], order: Order, step: Decimal, fees: Fees) -> list[Fill]:
    left, kept = order.locked, list[Fill]()
    for fill in fills:
        each = Decimal(1) if order.side == "SELL" else fill.price * (1 + fees.taker_bps / _BPS)
        quantity = min(fill.quantity, (left / each).quantize(step, ROUND_DOWN))
        if quantity <= 0:
            break
        kept.append(Fill(fill.price, quantity))
        left -= quantity * each
    return kept
