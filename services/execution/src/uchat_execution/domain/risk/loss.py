"""How much may be lost: in a day, and under the highest value ever."""

from decimal import Decimal

from uchat_contracts.trading import Plan, Reason
from uchat_execution.domain.money import ZERO, cents, money, percent, ratio
from uchat_execution.domain.risk.situation import Situation, buys


def daily_loss(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse purchases once too much was lost since the UTC day began."""
    total = situation.worth(plan.quote_currency)
    start = situation.day_start
    if total is None or not start or not buys(plan):
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


def max_drawdown(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse purchases once the account is too far below its high-water mark."""
    if not buys(plan):
        return None
    total = situation.worth(plan.quote_currency)
    most = situation.limits.drawdown_share
    return drawdown(total, situation.peak, most, plan.quote_currency)


def drawdown(
    total: Decimal | None, peak: Decimal | None, most: Decimal | None, quote_currency: str
) -> Reason | None:
    """Return why only selling is allowed at this value, if it is too far below the peak."""
    if most is None or total is None or peak is None or below(total, peak) < most:
        return None
    again = money(cents(peak * (1 - most)), quote_currency)
    return Reason(
        code="max_drawdown",
        text=f"Your portfolio is {percent(below(total, peak))} below the most that it was worth"
        f" ({money(peak, quote_currency)}); from {percent(most)} on only selling is allowed, until"
        f" it is worth more than {again} again or an operator lets it begin anew.",
    )


def below(total: Decimal, peak: Decimal) -> Decimal:
    """Return how far a value is below the highest one, as a share of that (never below zero)."""
    return max(ratio(peak - total, peak), ZERO)
