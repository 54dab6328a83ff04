"""All checks, in their order: the first refusal is the one that is told."""

from typing import Final

from uchat_contracts.trading import Plan, Reason
from uchat_execution.domain.risk import brakes, exposure, loss, market, pace
from uchat_execution.domain.risk.situation import Check, Situation

_CHECKS: Final[tuple[Check, ...]] = (
    brakes.stopped,
    brakes.barred,
    brakes.standing,
    exposure.symbols,
    exposure.holdings,
    exposure.order_size,
    pace.rate,
    pace.rejection_streak,
    pace.cooldown,
    exposure.cash,
    exposure.shares,
    exposure.gross,
    loss.daily_loss,
    loss.max_drawdown,
    market.price_collar,
    market.reference_stale,
)


def check(plan: Plan, situation: Situation, *, counts_orders: bool = True) -> Reason | None:
    """Return why the plan may not be executed, or None: it may.

    `counts_orders` False: whoever asks waits by itself until it may send another one.
    """
    for each in _CHECKS:
        if each is pace.rate and not counts_orders:
            continue
        refused = each(plan, situation)
        if refused is not None:
            return refused
    return None
