"""How prices may differ from the market, and how old the market's may be."""

from datetime import timedelta
from decimal import Decimal

from uchat_contracts.trading import Leg, Plan, Reason
from uchat_execution.domain.money import BPS, money, quantity, ratio
from uchat_execution.domain.risk.situation import Situation


def price_collar(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse limits that are much worse than the market (than the trigger, if there is one)."""
    most = situation.limits.limit_away_bps
    for leg in plan.legs:
        market = leg.trigger_price or situation.prices.get(leg.symbol)
        if leg.limit_price is None or not market:
            continue
        buying = leg.side == "buy"
        worse = leg.limit_price - market if buying else market - leg.limit_price
        if ratio(worse, market) * BPS > most:
            furthest = market * (1 + (most if buying else -most) / BPS)
            return Reason(
                code="price_collar",
                text=f"A limit of {money(leg.limit_price, plan.quote_currency)} is more than"
                f" {_percent(most)} worse than {money(market, plan.quote_currency)}."
                f" {'Up' if buying else 'Down'} to {money(furthest, plan.quote_currency)} would be"
                " allowed.",
            )
    return None


def reference_stale(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse to trade on prices that are too old."""
    most = situation.limits.reference_age_s
    for leg in plan.legs:
        as_of = situation.as_of.get(leg.symbol)
        if as_of is None or situation.now is None:
            continue
        if situation.now - as_of > timedelta(seconds=most):
            return Reason(
                code="reference_stale",
                text=f"The latest price of {leg.symbol} is older than {most} s. Nothing is traded"
                " on an old one; try again.",
            )
    return None


def collar_broken(leg: Leg, bps: Decimal, most_bps: int, quote: str, now: Decimal) -> Reason:
    """Return why a plan is not executed at the price that the market has now."""
    return Reason(
        code="price_moved",
        text=f"{leg.symbol} was {money(leg.price, quote)} and is now {money(now, quote)},"
        f" {quantity((bps / 100).quantize(Decimal('0.01')))} % worse; more than"
        f" {_percent(most_bps)} needs a new approval.",
    )


def _percent(bps: int) -> str:
    return f"{quantity((Decimal(bps) / BPS * 100).quantize(Decimal('0.01')))} %"
