"""What a person can ask, and which of the product's intents each belongs to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from uchat_ai_core.domain.planner.alerts import AlertWish
from uchat_ai_core.domain.planner.amounts import Amount
from uchat_ai_core.domain.planner.requests import Request
from uchat_ai_core.domain.planner.symbols import Mentions


class Ask(StrEnum):
    """The kinds of message that the grammar tells apart."""

    GREETING = "greeting"
    HOW_ARE_YOU = "how_are_you"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    IDENTITY = "identity"
    CAPABILITIES = "capabilities"
    MODES = "modes"
    SAFETY = "safety"
    PRICE = "price"
    CONVERT = "convert"
    COMPARE = "compare"
    MARKET = "market"
    MOVERS = "movers"
    INSTRUMENTS = "instruments"
    RECALL_NAME = "recall_name"
    RECALL_AMOUNT = "recall_amount"
    RECALL_GOAL = "recall_goal"
    RECALL_FIRST = "recall_first"
    RECALL_LAST = "recall_last"
    RECALL_TOPIC = "recall_topic"
    RECALL_WHERE = "recall_where"
    RECALL_ALL = "recall_all"
    FORGET = "forget"
    TELL = "tell"
    TRADE = "trade"
    FOREIGN_ORDER = "foreign_order"
    APPROVE = "approve"
    PORTFOLIO = "portfolio"
    RISK = "risk"
    REBALANCE = "rebalance"
    STRATEGY = "strategy"
    PERFORMANCE = "performance"
    OPPORTUNITY = "opportunity"
    EMERGENCY = "emergency"
    STOP_MEANT = "stop_meant"
    AUTONOMOUS = "autonomous"
    ALERT = "alert"
    NEWS = "news"
    FORECAST = "forecast"
    EXPLAIN = "explain"
    CAPITAL = "capital"
    ALLOCATION = "allocation"
    ORDERS = "orders"
    TRADES = "trades"
    WIN_RATE = "win_rate"
    PENDING = "pending"
    LIMITS = "limits"
    STOPPED = "stopped"
    PREVIEW = "preview"
    INVEST = "invest"
    LIQUIDATE = "liquidate"
    WITHIN_MANDATE = "within_mandate"
    CANCEL = "cancel"
    REVOKE = "revoke"
    TRADING = "trading"
    MODE = "mode"
    WIDEN = "widen"
    SET_MODE = "set_mode"
    REBALANCING = "rebalancing"
    AGAIN = "again"
    TRANSFER = "transfer"
    MORE = "more"
    ANALYSE = "analyse"
    WHAT_IF = "what_if"
    ASSET_RISK = "asset_risk"
    WEIGHTS = "weights"
    SCREEN = "screen"
    POSITIONS = "positions"
    RECURRING = "recurring"
    RECURRING_ORDER = "recurring_order"
    DOCS = "docs"
    TUTORIAL = "tutorial"
    SMALL_TALK = "small_talk"
    DECLINE = "decline"
    UNKNOWN = "unknown"


_GENERAL: Final = "general_query"
_MARKET: Final = "market_analysis"
INTENTS: Final[dict[Ask, str]] = {
    Ask.GREETING: "greeting",
    Ask.HOW_ARE_YOU: "greeting",
    Ask.THANKS: "greeting",
    Ask.GOODBYE: "greeting",
    Ask.PRICE: _MARKET,
    Ask.CONVERT: _MARKET,
    Ask.COMPARE: _MARKET,
    Ask.MARKET: _MARKET,
    Ask.MOVERS: _MARKET,
    Ask.INSTRUMENTS: _MARKET,
    Ask.NEWS: _MARKET,
    Ask.FORECAST: _MARKET,
    Ask.ALERT: _MARKET,
    Ask.TRADE: "trade_execution",
    Ask.FOREIGN_ORDER: "trade_execution",
    Ask.APPROVE: "trade_execution",
    Ask.PORTFOLIO: "portfolio_analysis",
    Ask.RISK: "risk_assessment",
    Ask.REBALANCE: "rebalancing",
    Ask.STRATEGY: "strategy_discussion",
    Ask.PERFORMANCE: "performance_review",
    Ask.OPPORTUNITY: "opportunity_discovery",
    Ask.CAPITAL: "opportunity_discovery",
    Ask.ALLOCATION: "portfolio_analysis",
    Ask.ORDERS: "portfolio_analysis",
    Ask.TRADES: "performance_review",
    Ask.WIN_RATE: "performance_review",
    Ask.PENDING: "trade_execution",
    Ask.LIMITS: "risk_assessment",
    Ask.STOPPED: "risk_assessment",
    Ask.PREVIEW: "trade_execution",
    Ask.INVEST: "trade_execution",
    Ask.LIQUIDATE: "trade_execution",
    Ask.WITHIN_MANDATE: "autonomous_control",
    Ask.CANCEL: "trade_execution",
    Ask.REVOKE: "autonomous_control",
    Ask.TRANSFER: "trade_execution",
    Ask.TRADING: "risk_assessment",
    Ask.MODE: "autonomous_control",
    Ask.WIDEN: "autonomous_control",
    Ask.SET_MODE: "autonomous_control",
    Ask.REBALANCING: "rebalancing",
    Ask.AGAIN: "trade_execution",
    Ask.EMERGENCY: "emergency_command",
    Ask.STOP_MEANT: "emergency_command",
    Ask.ANALYSE: _MARKET,
    Ask.WHAT_IF: "risk_assessment",
    Ask.ASSET_RISK: "risk_assessment",
    Ask.WEIGHTS: "rebalancing",
    Ask.SCREEN: "opportunity_discovery",
    Ask.POSITIONS: "performance_review",
    Ask.RECURRING: "strategy_discussion",
    Ask.RECURRING_ORDER: "trade_execution",
    Ask.DECLINE: "trade_execution",
    Ask.AUTONOMOUS: "autonomous_control",
}


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message asks, how surely (0 to 1), and what it names.

    `ruled` is how surely a rule alone says so (0: none does). `request` is there if it asks for
    something to be done now: only then is it done. `alert`: it is about what the person wants to be
    told of.
    """

    ask: Ask
    confidence: float
    mentions: Mentions
    amounts: tuple[Amount, ...] = ()
    topic: str = ""
    side: str = ""
    request: Request | None = None
    alert: AlertWish | None = None
    ruled: float = 0.0

    @property
    def intent(self) -> str:
        """Return the intent that other parts of the product know."""
        return INTENTS.get(self.ask, _GENERAL)
