"""Stop switches, trading states and modes: what stops a plan whatever it costs."""

from collections.abc import Collection
from typing import Final

from uchat_contracts.trading import Plan, Reason
from uchat_execution.domain.modes import RECONCILING, Standing
from uchat_execution.domain.risk.situation import Situation, buys

KILL_SWITCH_ON: Final = "kill_switch_on"
STOPPED: Final = Reason(
    code=KILL_SWITCH_ON, text="Trading is stopped. Release the stop first, then try again."
)
MERGING: Final = Reason(
    code="account_merging", text="This account is being joined with another one; nothing is traded."
)
_EMERGENCY: Final = Reason(
    code="mode_emergency",
    text="You are in emergency mode: only selling and cancelling are allowed. Choose another mode"
    " to buy again.",
)


def stopped(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse everything while a stop switch is on, or the account is being joined."""
    del plan
    if situation.stopped:
        return STOPPED
    return MERGING if situation.merging else None


def barred(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse what may not go to a live exchange, or what only paper prices could trigger."""
    if not plan.simulated and any(leg.kept_here for leg in plan.legs):
        return Reason(
            code="venue_lacks_type",
            text="This exchange has no such order for this asset, and with real money nothing is"
            " kept here in its place.",
        )
    return situation.barred


def standing(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse what the account's state or the person's mode does not allow."""
    return forbidden(plan, situation.standing)


def forbidden(plan: Plan, standing: Standing) -> Reason | None:
    """Return what an account's state or a person's mode has against a plan."""
    counts = standing.strictest
    if counts is not None and counts.reason.code == RECONCILING:
        return counts.reason
    if counts is not None and counts.state == "halted":
        return Reason(
            code="trading_halted",
            text=f"Nothing is traded on this account now: {counts.reason.text}",
        )
    if not buys(plan):
        return None
    if counts is not None:
        return Reason(
            code="trading_reducing",
            text=f"Only selling is allowed on this account now: {counts.reason.text}",
        )
    return _EMERGENCY if standing.mode == "emergency" else None


def role_forbidden(needed: Collection[str]) -> Reason:
    """Return why somebody may not do what is for others to do."""
    return Reason(
        code="role_forbidden",
        text=f"This needs the role {' or '.join(sorted(needed))}; ask an administrator.",
    )
