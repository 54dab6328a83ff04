"""How fast may be traded: orders a minute, and pauses after what went wrong."""

from datetime import datetime, timedelta

from uchat_contracts.trading import Plan, Reason
from uchat_execution.domain.risk.situation import Situation, buys


def rate(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse too many orders in a minute."""
    most = situation.limits.orders_per_minute
    if situation.recent_orders + len(plan.legs) <= most:
        return None
    return Reason(
        code="rate_limit",
        text=f"At most {most} orders a minute may be sent; {situation.recent_orders} were sent"
        f" in the last one and this plan has {len(plan.legs)}. Try again in a minute.",
    )


def cooldown(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse purchases for a while after a stop order has sold."""
    until = _until(situation, situation.stopped_out_at)
    if until is None or not buys(plan):
        return None
    return Reason(
        code="cooldown",
        text="A stop order has just sold; nothing is bought until"
        f" {until:%H:%M:%S} UTC. Selling is allowed.",
    )


def rejection_streak(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse purchases for a while after the venue has refused too many orders in a row."""
    most = situation.limits.rejection_streak
    until = _until(situation, situation.rejected_at)
    if until is None or situation.rejected_in_row < most or not buys(plan):
        return None
    return Reason(
        code="rejection_streak",
        text=f"The exchange has refused the last {situation.rejected_in_row} orders; nothing is"
        f" bought until {until:%H:%M:%S} UTC. Selling is allowed.",
    )


def _until(situation: Situation, since: datetime | None) -> datetime | None:
    if since is None or situation.now is None:
        return None
    until = since + timedelta(seconds=situation.limits.cooldown_s)
    return until if situation.now < until else None
