"""A plan that was carried out in part: what is done, what is not, and what would finish it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Card, Leg, LegRequest, Plan, PlanRequest, Reason
from uchat_execution.domain.money import BPS, ZERO, exact, money, on_step, quantity, ratio
from uchat_execution.domain.orders import Order

_FINEST: Final = Decimal("0.00000001")
_WHOLE: Final = frozenset({"allocation", "rebalance", "remedy"})
_TRIGGERED: Final = frozenset({"stop", "take_profit"})


@dataclass(frozen=True, slots=True)
class _Funds:
    """In quote currency, with fees: `own` is what the plan took beside what its sales bring."""

    own: Decimal
    got: Decimal
    spent: Decimal

    @property
    def left(self) -> Decimal:
        return self.own + self.got - self.spent


def remedy(plan: Plan, orders: Sequence[Order]) -> PlanRequest | None:
    """Return the wish that would finish the plan, or None: there is nothing sensible left to do.

    It asks for the rest of every leg, except for what the person cancelled. Purchases that were to
    be paid by sales shrink to what those brought and may still bring: no other money is touched.
    Nothing that was done is undone, since that would cost fees twice and nobody asked for it.
    """
    by_leg = {order.leg: order for order in orders}
    rests = {leg.n: _rest(leg, by_leg.get(leg.n)) for leg in plan.legs}
    share = _affordable(plan, by_leg, rests)
    wishes = [
        wish
        for leg in plan.legs
        if (wish := _wish(leg, by_leg.get(leg.n), rests[leg.n], share)) is not None
    ]
    if not wishes:
        return None
    return PlanRequest(
        legs=wishes,
        quote_currency=plan.quote_currency,
        purpose="remedy",
        venue=None if plan.simulated else plan.venue,
    )


def told(orders: Sequence[Order], why: Reason) -> Reason:
    """Return the reason with what was done and what was not, as a person would say it."""
    ordered = sorted(orders, key=lambda order: order.leg)
    done = [f"{_past(order)} {quantity(order.filled)} {order.symbol}" for order in ordered]
    rest = [
        f"{_gerund(order)} {quantity(order.quantity - order.filled)} {order.symbol}"
        for order in ordered
        if order.filled < order.quantity
    ]
    texts = dict.fromkeys(order.reason.text for order in ordered if order.reason is not None)
    did = ", ".join(line for line, order in zip(done, ordered, strict=True) if order.filled)
    sentences = [f"Done: {did}.", f"Not done: {', '.join(rest)}.", *(texts or [why.text])]
    return Reason(code=why.code, text=" ".join(sentences))


def unfunded(card: Card, orders: Sequence[Order], leg: Leg) -> Reason | None:
    """Return why a purchase may not be made: the sales that were to pay for it brought too little.

    What the price may move by within the collar is no shortage. Orders that were wished for one by
    one do not depend on one another.
    """
    plan = card.plan
    if plan is None or card.request.purpose not in _WHOLE or leg.side == "sell":
        return None
    if all(each.side == "buy" for each in plan.legs):
        return None
    funds = _funds(plan, {order.leg: order for order in orders})
    cost = leg.notional + leg.fee
    slack = plan.total * Decimal(plan.collar.max_deviation_bps) / BPS
    if cost <= funds.left + slack:
        return None
    quote = plan.quote_currency
    return Reason(
        code="sale_fell_short",
        text=f"The sales of this plan have brought {money(funds.got, quote)}, too little for"
        f" {quantity(leg.quantity)} {leg.symbol}; no other money was taken for it.",
    )


def _funds(plan: Plan, by_leg: Mapping[int, Order]) -> _Funds:
    proceeds = sum((leg.notional - leg.fee for leg in plan.legs if leg.side == "sell"), ZERO)
    costs = sum((leg.notional + leg.fee for leg in plan.legs if leg.side == "buy"), ZERO)
    got = spent = ZERO
    for order in by_leg.values():
        fee = order.fee if order.fee_asset == order.quote_currency else ZERO
        if order.side == "sell":
            got += order.quote_filled - fee
        else:
            spent += order.quote_filled + fee
    return _Funds(own=max(costs - proceeds, ZERO), got=got, spent=spent)


def _affordable(plan: Plan, by_leg: Mapping[int, Order], rests: Mapping[int, Decimal]) -> Decimal:
    """Which part of the purchases that are left can be paid, 0 to 1."""
    if all(leg.side == "buy" for leg in plan.legs):
        return Decimal(1)
    coming = wanted = ZERO
    for leg in plan.legs:
        part = ratio(rests[leg.n], leg.quantity)
        if leg.side == "sell":
            coming += part * (leg.notional - leg.fee)
        else:
            wanted += part * (leg.notional + leg.fee)
    if not wanted:
        return Decimal(1)
    return max(ZERO, min(Decimal(1), ratio(_funds(plan, by_leg).left + coming, wanted)))


def _rest(leg: Leg, order: Order | None) -> Decimal:
    if order is None or order.filled >= leg.quantity:
        return ZERO
    by_hand = order.cancel_at is not None or (order.state == "cancelled" and order.reason is None)
    return ZERO if by_hand else leg.quantity - order.filled


def _wish(leg: Leg, order: Order | None, rest: Decimal, share: Decimal) -> LegRequest | None:
    amount = rest if leg.side == "sell" else on_step(exact(rest * share), _FINEST)
    if amount <= 0:
        return None
    if leg.type in _TRIGGERED and order is not None and (order.filled or order.triggered_at):
        # Its trigger has been reached: what is left of it is due now.
        return LegRequest(symbol=leg.symbol, side=leg.side, quantity=amount)
    return LegRequest(
        symbol=leg.symbol,
        side=leg.side,
        type=leg.type,
        quantity=amount,
        limit_price=leg.limit_price,
        trigger_price=leg.trigger_price,
        time_in_force=leg.time_in_force,
        post_only=leg.post_only,
    )


def _past(order: Order) -> str:
    return "bought" if order.side == "buy" else "sold"


def _gerund(order: Order) -> str:
    return "buying" if order.side == "buy" else "selling"
