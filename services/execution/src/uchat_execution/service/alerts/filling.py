"""Tells alerts on fills, in the unit that books the fill: once for each order or trade."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from uchat_execution.domain.accounts import Account
from uchat_execution.domain.alerts.crossing import Step
from uchat_execution.domain.alerts.wording import Seen, done_on, money
from uchat_execution.domain.money import quantity
from uchat_execution.domain.orders import Order
from uchat_execution.ports.store import Unit
from uchat_execution.service.alerts.telling import fire, hold


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled of an order: `units` of `of` at `price` on average (quote currency).

    `key` names it for good; `by_hand`: the person did it at the exchange.
    """

    key: str
    symbol: str
    side: str
    units: Decimal
    of: Decimal
    price: Decimal
    at: datetime
    by_hand: bool = False


def of_order(order: Order, at: datetime) -> Filled:
    """Return what was filled of an order that is over."""
    return Filled(
        key=f"order:{order.order_id}",
        symbol=order.symbol,
        side=order.side,
        units=order.filled,
        of=order.quantity,
        price=order.average_price or order.price,
        at=at,
    )


async def tell_filled(unit: Unit, account: Account, filled: Filled, now: datetime) -> int:
    """Tell the owner's alerts that wait for it; returns how many. Safe to repeat.

    One that is silent keeps it, and tells it at the end of its silence.
    """
    told = 0
    for kept in await unit.alerts.on_fills(account.person, filled.symbol):
        if filled.at < kept.alert.created_at:
            continue
        seen = Seen(
            filled.price, account.quote_currency, account.venue, account.simulated, filled.at
        )
        text = f"{_words(filled, account.quote_currency)} {done_on(seen)}"
        if kept.alert.state == "snoozed":
            await hold(unit, kept, seen, now, key=filled.key, text=text)
            continue
        step = Step("armed" if kept.alert.repeat else "done", beyond=False, fires=True)
        told += await fire(unit, kept, step, seen, now, key=filled.key, text=text)
    return told


def _words(filled: Filled, currency: str) -> str:
    done = "bought" if filled.side == "buy" else "sold"
    what = f"{done} {quantity(filled.units)} {filled.symbol} at {money(filled.price, currency)}"
    if filled.by_hand:
        return f"By hand at the exchange: {what}."
    if filled.units < filled.of:
        return f"An order is over, filled in part: {what}, of {quantity(filled.of)}."
    return f"An order is filled: {what}."
