"""What trading is spoken of in: plans, cards, portfolios, limits. No I/O, no rule."""

from uchat_contracts.trading.decision import (
    OPEN_STATES,
    Approval,
    Card,
    Choice,
    Effect,
    OrderResult,
    Reason,
    Result,
)
from uchat_contracts.trading.plan import Collar, Leg, LegRequest, Plan, PlanRequest
from uchat_contracts.trading.portfolio import (
    Allocation,
    AllocationLine,
    Holding,
    Order,
    Pnl,
    Portfolio,
    Trade,
    Worth,
)
from uchat_contracts.trading.safety import (
    KillSwitch,
    LegInFlight,
    Mandate,
    RiskLimits,
)

__all__ = [
    "OPEN_STATES",
    "Allocation",
    "AllocationLine",
    "Approval",
    "Card",
    "Choice",
    "Collar",
    "Effect",
    "Holding",
    "KillSwitch",
    "Leg",
    "LegInFlight",
    "LegRequest",
    "Mandate",
    "Order",
    "OrderResult",
    "Plan",
    "PlanRequest",
    "Pnl",
    "Portfolio",
    "Reason",
    "Result",
    "RiskLimits",
    "Trade",
    "Worth",
]
