"""Honest answers to what cannot be done here yet: what was understood, and what can be done."""

# ruff: noqa: E501 - sentences are read whole
from typing import Final

from uchat_ai_core.domain.planner.alert_calls import HOW
from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.prices import price_line
from uchat_ai_core.domain.planner.replies import Reply, Result, quotes_of
from uchat_ai_core.domain.planner.words import listed

_LACKS: Final[dict[Ask, tuple[str, str]]] = {
    Ask.RISK: ("you ask about risk{of}", "A risk assessment of single coins is not possible here yet"),
    Ask.REBALANCE: ("you want to rebalance your portfolio", "I do that only when it is plainly asked for, so nothing was changed"),
    Ask.STRATEGY: ("you want to talk about a strategy{of}", "I cannot work out or test a strategy here yet"),
    Ask.OPPORTUNITY: ("you ask what to buy or sell{of}", "I do not recommend purchases or sales: weighing opportunities is not possible here yet"),
    Ask.ALERT: ("you want to be told when something happens{of}", "Of what I could not read, so nothing was set"),
    Ask.NEWS: ("you ask for news or reasons{of}", "I read no news here and will not make up a reason"),
    Ask.FORECAST: ("you ask where a price will go{of}", "Nobody knows that, and I have no forecast to give"),
}  # fmt: skip
_CAN: Final = {
    Ask.ALERT: HOW,
    Ask.REBALANCE: "What I can do: show how your portfolio is allocated next to a suggested split (“show me the portfolio allocation”), and prepare the orders that lead to one: say “rebalance my portfolio to the balanced profile”.",
    Ask.STRATEGY: "What I can do: show how an amount could be spread (“I have $5000 to invest”), and prepare orders for your approval.",
    Ask.OPPORTUNITY: "What I can do: show how an amount could be spread (“I have $5000 to invest”), and prepare an order for your approval when you ask for it.",
}
_NEAREST: Final = "What I can do: quote prices with their change over 24 hours, compare coins, and tell how much an amount would buy."


def not_yet(understood: Understanding, result: Result | None) -> Reply:
    """Say what was understood, that it cannot be done here yet, and what can."""
    understanding, lack = _LACKS[understood.ask]
    heard = understanding.format(of=_of(understood))
    summary = f"I understand that {heard}. {lack}."
    nearest = _CAN.get(understood.ask, _NEAREST)
    quotes = quotes_of(result)
    detail = f"{price_line(quotes)} {nearest}" if quotes else nearest
    return Reply(summary, detail)


def _of(understood: Understanding) -> str:
    names = [*understood.mentions.symbols, *understood.mentions.unlisted]
    return f" ({listed(names)})" if names else ""
