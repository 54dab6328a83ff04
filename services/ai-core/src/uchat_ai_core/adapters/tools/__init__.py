"""The tools of the brain. They read, preview, propose and stop; none of them can order."""

from typing import Final

from uchat_ai_core.adapters.run import ToolFunction
from uchat_ai_core.adapters.tools.account import (
    get_limits,
    get_pnl,
    get_portfolio,
    get_position,
    list_decisions,
    list_mandates,
    list_orders,
    list_trades,
    plan_allocation,
)
from uchat_ai_core.adapters.tools.alerts import (
    change_alerts,
    get_digest,
    list_alerts,
    set_alert,
    set_digest,
)
from uchat_ai_core.adapters.tools.manual import search_docs
from uchat_ai_core.adapters.tools.market import convert, get_quotes, list_instruments
from uchat_ai_core.adapters.tools.memory import remembered
from uchat_ai_core.adapters.tools.modes import get_trading, set_mode
from uchat_ai_core.adapters.tools.quant import (
    analyse_asset,
    assess_risk,
    find_opportunities,
    suggest_weights,
    what_if,
)
from uchat_ai_core.adapters.tools.safety import cancel_orders, revoke_mandates, stop_trading
from uchat_ai_core.adapters.tools.trade import (
    preview_trade,
    propose_allocation,
    propose_liquidation,
    propose_rebalance,
    propose_trade,
    trade_within_mandate,
)

TOOLS: Final[tuple[ToolFunction, ...]] = (
    get_quotes,
    list_instruments,
    convert,
    remembered,
    get_portfolio,
    get_position,
    list_orders,
    list_trades,
    get_pnl,
    plan_allocation,
    list_decisions,
    list_mandates,
    get_limits,
    get_trading,
    preview_trade,
    propose_trade,
    propose_allocation,
    propose_rebalance,
    propose_liquidation,
    trade_within_mandate,
    cancel_orders,
    stop_trading,
    revoke_mandates,
    set_mode,
    analyse_asset,
    assess_risk,
    what_if,
    suggest_weights,
    find_opportunities,
    search_docs,
    set_alert,
    list_alerts,
    change_alerts,
    set_digest,
    get_digest,
)

__all__ = ["TOOLS", "convert", "get_quotes", "list_instruments", "remembered"]
