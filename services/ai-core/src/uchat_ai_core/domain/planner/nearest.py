"""What a message that was not understood comes nearest to, as something to say instead."""

from collections.abc import Iterator
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.likeness import likeness

_MOST: Final = 3
_SAY: Final = {
    Ask.ALERT: "tell me when BTC falls below …",
    Ask.ALLOCATION: "how is my money spread?",
    Ask.ANALYSE: "analyse ETH",
    Ask.ASSET_RISK: "how volatile is SOL?",
    Ask.AUTONOMOUS: "which mandates do I have?",
    Ask.CANCEL: "cancel all my orders",
    Ask.CAPABILITIES: "what can you do?",
    Ask.CAPITAL: "I have … to invest",
    Ask.COMPARE: "compare BTC and ETH",
    Ask.CONVERT: "how many dollars is 1 ETH?",
    Ask.DOCS: "how do I link Telegram?",
    Ask.EXPLAIN: "what is a stop loss?",
    Ask.FORECAST: "should I buy SOL?",
    Ask.INSTRUMENTS: "which coins can I trade?",
    Ask.LIMITS: "what are my limits?",
    Ask.MARKET: "how is the market?",
    Ask.MODE: "which mode am I in?",
    Ask.MOVERS: "what moved the most today?",
    Ask.OPPORTUNITY: "find opportunities",
    Ask.ORDERS: "show my open orders",
    Ask.PENDING: "what waits for my approval?",
    Ask.PERFORMANCE: "how much have I made?",
    Ask.PORTFOLIO: "show my portfolio",
    Ask.POSITIONS: "which of my coins did best?",
    Ask.PREVIEW: "what would 1 ETH cost me?",
    Ask.PRICE: "what is BTC at?",
    Ask.REBALANCE: "should I rebalance?",
    Ask.RECALL_ALL: "what do you know about me?",
    Ask.RISK: "how risky is my portfolio?",
    Ask.SAFETY: "who sees my messages?",
    Ask.SCREEN: "find opportunities",
    Ask.STOPPED: "is trading stopped?",
    Ask.STRATEGY: "which strategies are there?",
    Ask.TRADE: "buy $50 of BTC",
    Ask.TRADES: "show my trades",
    Ask.TRADING: "may I trade?",
    Ask.TUTORIAL: "tutorial: first paper trade",
    Ask.WEIGHTS: "suggest weights by risk parity",
    Ask.WHAT_IF: "what if BTC falls?",
    Ask.WIN_RATE: "what is my win rate?",
}


def nearest(text: str) -> tuple[str, ...]:
    """Return up to three things to say, the one that a message resembles most first."""
    scores = likeness().scores(text)
    by_likeness = sorted(scores, key=scores.__getitem__, reverse=True)
    return tuple(dict.fromkeys(_sayable(by_likeness)))[:_MOST]


def _sayable(asks: list[Ask]) -> Iterator[str]:
    return (_SAY[ask] for ask in asks if ask in _SAY)
