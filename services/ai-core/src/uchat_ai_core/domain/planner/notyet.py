"""Honest answers to what cannot be done here yet: what was understood, and what can be done."""

# ruff: noqa: E501 - sentences are read whole
import re
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.prices import price_line
from uchat_ai_core.domain.planner.replies import Reply, Result, quotes_of
from uchat_ai_core.domain.planner.words import listed

_LACKS: Final[dict[Ask, tuple[str, str]]] = {
    Ask.TRADE: ("you want to {order}", "Placing orders is not possible here yet, so nothing was ordered"),
    Ask.APPROVE: ("you want to approve or reject a trade", "There is no trade waiting: trades cannot be proposed or approved here yet, so nothing was executed"),
    Ask.PORTFOLIO: ("you want to see {holdings}", "I have no access to an account here yet, so I know no balance and will not guess one"),
    Ask.RISK: ("you ask about risk{of}", "A risk assessment is not possible here yet"),
    Ask.REBALANCE: ("you want to rebalance your portfolio", "Rebalancing is not possible here yet, so nothing was changed"),
    Ask.STRATEGY: ("you want to talk about a strategy{of}", "I cannot work out or test a strategy here yet"),
    Ask.PERFORMANCE: ("you ask how you performed", "I have no trades or account to measure here yet, so I know no profit or loss"),
    Ask.OPPORTUNITY: ("you look for something to invest in{of}", "I do not recommend purchases: weighing opportunities is not possible here yet"),
    Ask.EMERGENCY: ("you want everything stopped, now", "Nothing of yours is running here: no order, position or autonomous trading exists yet that could be stopped, and none will be started"),
    Ask.AUTONOMOUS: ("you want autonomous trading switched or set", "Autonomous trading is not possible here yet; it is off"),
    Ask.ALERT: ("you want to be told when something happens{of}", "Alerts are not possible here yet, so none was set"),
    Ask.NEWS: ("you ask for news or reasons{of}", "I read no news here and will not make up a reason"),
    Ask.FORECAST: ("you ask where a price will go{of}", "Nobody knows that, and I have no forecast to give"),
}  # fmt: skip
_PORTION: Final = re.compile(
    r"\b(half|all|a third|a quarter|some|\d+(?:\.\d+)? ?%|\d+(?:\.\d+)?)(?=\s|$)", re.IGNORECASE
)
_CAN: Final = {
    Ask.PORTFOLIO: "What I can do: recall what you told me you have (“what do you know about me?”) and quote any listed coin.",
    Ask.PERFORMANCE: "What I can do: quote a coin with its change over 24 hours, and recall what you told me.",
    Ask.EMERGENCY: "If you trade elsewhere, stop it there: I am connected to no exchange.",
}
_NEAREST: Final = "What I can do: quote prices with their change over 24 hours, compare coins, and tell how much an amount would buy."


def not_yet(original: str, understood: Understanding, result: Result | None) -> Reply:
    """Say what was understood, that it cannot be done here yet, and what can."""
    understanding, lack = _LACKS[understood.ask]
    heard = understanding.format(
        order=_order(original, understood), holdings=_holdings(understood), of=_of(understood)
    )
    summary = f"I understand that {heard}. {lack}."
    nearest = _CAN.get(understood.ask, _NEAREST)
    quotes = quotes_of(result)
    detail = f"{price_line(quotes)} {nearest}" if quotes else nearest
    return Reply(summary, detail)


def _order(original: str, understood: Understanding) -> str:
    side = understood.side or "move money"
    amounts = [amount.written for amount in understood.amounts]
    covered = {amount.unit for amount in understood.amounts}
    names = [symbol for symbol in understood.mentions.symbols if symbol not in covered]
    names += understood.mentions.unlisted
    portion = _PORTION.search(original)
    if portion is not None and not amounts:
        amounts = [portion.group().lower()]
    if amounts and names:
        return f"{side} {listed(amounts)} of {listed(names)}"
    return f"{side} {listed(amounts or names)}".strip()


def _holdings(understood: Understanding) -> str:
    names = understood.mentions.symbols
    return f"what you hold in {listed(names)}" if names else "your balances and positions"


def _of(understood: Understanding) -> str:
    names = [*understood.mentions.symbols, *understood.mentions.unlisted]
    return f" ({listed(names)})" if names else ""
