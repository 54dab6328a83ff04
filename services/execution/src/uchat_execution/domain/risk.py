"""What a plan must keep to. Deterministic, at the proposal and again inside the claim.

Each refusal has a stable code and a sentence that says what would be allowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Leg, Plan, Reason, RiskLimits
from uchat_execution.domain.accounts import Balance, worth
from uchat_execution.domain.money import BPS, ZERO, cents, money, on_step, percent, quantity, ratio

STOPPED: Final = Reason(
    code="kill_switch_on", text="Trading is stopped. Release the stop first, then try again."
)
MERGING: Final = Reason(
    code="account_merging", text="This account is being joined with another one; nothing is traded."
)


UNVALUED: Final = Reason(
    code="price_unavailable",
    text="Something that you hold has no current price, so nobody can tell whether this keeps to"
    " your limits. Selling is possible; for buying, try again later.",
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the checks look at: the account as it is now. Money in quote currency.

    `prices` (mid) are of everything that is held or would be; `day_start` is what the account was
    worth when the UTC day began; `recent_orders` were sent in the last minute; `incoming` is what
    approved purchases that are not over may still buy, in quote currency, by asset.
    """

    limits: RiskLimits
    stopped: bool
    merging: bool
    balances: Mapping[str, Balance]
    prices: Mapping[str, Decimal]
    steps: Mapping[str, Decimal]
    day_start: Decimal | None
    recent_orders: int
    incoming: Mapping[str, Decimal]


def check(plan: Plan, situation: Situation, *, counts_orders: bool = True) -> Reason | None:
    """Return why the plan may not be executed, or None: it may."""
    if situation.stopped:
        return STOPPED
    if situation.merging:
        return MERGING
    return (
        _holdings(plan, situation)
        or _order_size(plan, situation)
        or (_rate(plan, situation) if counts_orders else None)
        or _cash(plan, situation)
        or _shares(plan, situation)
        or _daily_loss(plan, situation)
    )


def _holdings(plan: Plan, situation: Situation) -> Reason | None:
    left = {asset: balance.free for asset, balance in situation.balances.items()}
    for leg in plan.legs:
        if leg.side == "buy":
            continue
        have = left.get(leg.symbol, ZERO)
        if leg.quantity > have:
            return Reason(
                code="insufficient_balance",
                text=f"You have {quantity(have)} {leg.symbol} to sell,"
                f" not {quantity(leg.quantity)}.",
            )
        left[leg.symbol] = have - leg.quantity
    return None


def _order_size(plan: Plan, situation: Situation) -> Reason | None:
    most = situation.limits.per_order
    for leg in plan.legs:
        if leg.notional > most:
            allowed = on_step(most / leg.price, situation.steps.get(leg.symbol, ZERO))
            return Reason(
                code="order_too_large",
                text=f"One order may be worth at most {money(most, plan.quote_currency)};"
                f" this one is worth {money(leg.notional, plan.quote_currency)}."
                f" Up to {quantity(allowed)} {leg.symbol} would be allowed.",
            )
    return None


def _rate(plan: Plan, situation: Situation) -> Reason | None:
    most = situation.limits.orders_per_minute
    if situation.recent_orders + len(plan.legs) <= most:
        return None
    return Reason(
        code="rate_limit",
        text=f"At most {most} orders a minute may be sent; {situation.recent_orders} were sent"
        f" in the last one and this plan has {len(plan.legs)}. Try again in a minute.",
    )


def _cash(plan: Plan, situation: Situation) -> Reason | None:
    quote = plan.quote_currency
    have = situation.balances.get(quote, Balance(quote)).free
    for leg in plan.legs:
        if leg.side == "sell":
            have += leg.notional - leg.fee
            continue
        needed = leg.notional + leg.fee
        if needed > have:
            return _too_little(leg, needed, have, quote)
        have -= needed
    return None


def _too_little(leg: Leg, needed: Decimal, have: Decimal, quote: str) -> Reason:
    return Reason(
        code="insufficient_balance",
        text=f"{quantity(leg.quantity)} {leg.symbol} would cost {money(needed, quote)} with fees;"
        f" you have {money(cents(max(have, ZERO)), quote)} left for it.",
    )


def _shares(plan: Plan, situation: Situation) -> Reason | None:
    total = worth(situation.balances, situation.prices, plan.quote_currency)
    if total is None and any(leg.side == "buy" for leg in plan.legs):
        return UNVALUED
    if not total:
        return None
    most = situation.limits.per_asset_share
    for symbol in dict.fromkeys(leg.symbol for leg in plan.legs if leg.side == "buy"):
        held = situation.balances.get(symbol, Balance(symbol)).quantity
        now = held * situation.prices.get(symbol, ZERO) + situation.incoming.get(symbol, ZERO)
        change = sum(
            leg.notional if leg.side == "buy" else -leg.notional
            for leg in plan.legs
            if leg.symbol == symbol
        )
        if change > 0 and ratio(now + change, total) > most:
            room = max(total * most - now, ZERO)
            return Reason(
                code="asset_share_exceeded",
                text=f"{symbol} would be {percent(ratio(now + change, total))} of your portfolio;"
                f" at most {percent(most)} may be. For up to"
                f" {money(cents(room), plan.quote_currency)} more of it would be allowed.",
            )
    return None


def _daily_loss(plan: Plan, situation: Situation) -> Reason | None:
    total = worth(situation.balances, situation.prices, plan.quote_currency)
    start = situation.day_start
    if total is None or not start or all(leg.side == "sell" for leg in plan.legs):
        return None
    most = situation.limits.daily_loss_share
    lost = ratio(start - total, start)
    if lost < most:
        return None
    return Reason(
        code="daily_loss_limit",
        text=f"Your portfolio has lost {percent(lost)} today; from {percent(most)} on only"
        " selling is allowed, until midnight UTC.",
    )


def collar_broken(leg: Leg, bps: Decimal, most_bps: int, quote: str, now: Decimal) -> Reason:
    """Return why a plan is not executed at the price that the market has now."""
    return Reason(
        code="price_moved",
        text=f"{leg.symbol} was {money(leg.price, quote)} and is now {money(now, quote)},"
        f" {quantity((bps / 100).quantize(Decimal('0.01')))} % worse; more than"
        f" {quantity((Decimal(most_bps) / BPS * 100).quantize(Decimal('0.01')))} % needs a new"
        " approval.",
    )
