"""What a plan must keep to. Deterministic, at the proposal and again inside the claim.

Each refusal has a stable code and a sentence that says what would be allowed.
"""

from uchat_execution.domain.risk.brakes import (
    KILL_SWITCH_ON,
    MERGING,
    STOPPED,
    forbidden,
    role_forbidden,
)
from uchat_execution.domain.risk.checks import check
from uchat_execution.domain.risk.exposure import UNVALUED
from uchat_execution.domain.risk.limits import effective, faults, loosened
from uchat_execution.domain.risk.loss import below, drawdown
from uchat_execution.domain.risk.market import collar_broken
from uchat_execution.domain.risk.situation import Situation

__all__ = [
    "KILL_SWITCH_ON",
    "MERGING",
    "STOPPED",
    "UNVALUED",
    "Situation",
    "below",
    "check",
    "collar_broken",
    "drawdown",
    "effective",
    "faults",
    "forbidden",
    "loosened",
    "role_forbidden",
]
