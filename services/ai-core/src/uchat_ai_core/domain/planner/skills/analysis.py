"""One asset in depth: where it stands, its indicators, and what they point to."""

# ruff: noqa: E501 - a rule is read as one line of a table
from collections.abc import Mapping
from typing import Any, Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import ANALYSE, Call, Reply, Result, failed, unavailable
from uchat_ai_core.domain.planner.skill import Question, Skill, rules
from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.planner.words import clock, gain_pct, price, signed_pct

_OVERBOUGHT: Final = 70
_OVERSOLD: Final = 30
_TRENDS: Final = {"up": "points up", "down": "points down", "sideways": "goes sideways"}


def calls(question: Question) -> tuple[Call, ...]:
    """Ask for the asset's indicators."""
    if not question.symbols:
        return ()
    return (Call(ANALYSE, {"symbol": question.symbols[0]}),)


def reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Say where an asset stands, with a table of its indicators and what to do next."""
    if ANALYSE not in results:
        return _OF_WHICH
    result = results[ANALYSE]
    if unavailable(result):
        return failed(result, f"analyse {question.symbols[0]}")
    quote: dict[str, Any] = result["quote"]
    symbol, name = quote["symbol"], quote.get("name") or quote["symbol"]
    at = f"{price(quote['price'])} {quote['quote_currency']}"
    if "indicators" not in result:
        return Reply(
            f"{name} trades at {at}, {signed_pct(quote['change_24h_pct'])} over 24 hours; it is"
            " listed for too short a time for indicators."
        )
    seen: dict[str, Any] = result["indicators"]
    above = "above" if seen["macd_above_signal"] else "below"
    summary = (
        f"{name} trades at {at} and its trend {_TRENDS[seen['trend']]}: RSI {seen['rsi_14']}"
        f" ({heat(seen['rsi_14'])}), MACD {above} its signal, {gain_pct(seen['change_7d_pct'])} over"
        f" 7 days."
    )
    detail = (
        f"{_setup(result['setups'], symbol)} From {result['days']} daily closes, as of"
        f" {clock(quote['as_of'])}{', simulated' if quote['simulated'] else ''}. Indicators tell of the"
        f" past; they do not forecast. Next: “what if {symbol} falls 20%”, or “buy $100 of {symbol}”"
        " to get a card."
    )
    return Reply(
        summary,
        detail,
        (_table(symbol, seen),),
        more=f"More: “details”, or “buy $100 of {symbol}”.",
    )


def heat(rsi: str) -> str:
    """Return what an RSI says in a word."""
    value = float(rsi)
    if value >= _OVERBOUGHT:
        return "overbought"
    return "oversold" if value <= _OVERSOLD else "neutral"


def _setup(setups: list[dict[str, Any]], symbol: str) -> str:
    if not setups:
        return f"No setup of mine (momentum, mean reversion, volatility) is there for {symbol} now."
    first = setups[0]
    style = first["style"].replace("_", " ")
    return (
        f"A {style} setup is there: entry {price(first['entry'])}, stop {price(first['stop'])}, target"
        f" {price(first['target'])}, about {first['horizon_days']} days, strength {first['strength']} of"
        f" 100, because {first['reason']}."
    )


def _table(symbol: str, seen: Mapping[str, Any]) -> Table:
    rows = [
        ("Trend", str(seen["trend"])),
        ("RSI (14)", f"{seen['rsi_14']} ({heat(seen['rsi_14'])})"),
        ("EMA 20", price(seen["ema_20"])),
        ("MACD / signal", f"{seen['macd']} / {seen['macd_signal']}"),
        ("Bollinger bands", f"{price(seen['band_lower'])} to {price(seen['band_upper'])}"),
        ("Volatility a year", f"{seen['volatility_pct']} %"),
        ("7 / 30 days", f"{gain_pct(seen['change_7d_pct'])} / {gain_pct(seen['change_30d_pct'])}"),
        ("Below its 60-day high", f"{seen['below_high_pct']} %"),
    ]
    if "ema_50" in seen:
        rows.insert(3, ("EMA 50", price(seen["ema_50"])))
    return Table(f"{symbol}, daily", ("Indicator", "Value"), tuple(rows), "lr")


_OF_WHICH: Final = Reply(
    "Of which coin? Say for example “RSI of BTC”.",
    "Trend, RSI, averages, MACD, bands and volatility are of one coin each, from its daily closes.",
)
SKILLS: Final = (
    Skill(
        Ask.ANALYSE,
        rules(
            (
                r"^(?:(?:please|show|me|give|tell|the|current|get|what|is|i need|i want) )*(?:rsi|macd|emas?|moving averages?|bollinger(?: bands?)?|technical (?:analysis|indicators?|picture)|technicals|chart analysis)(?: now| please| today| right now| of a coin| reading| value| level)*$",
                0.9,
            ),
        ),
        reply,
        calls,
        asset=False,
    ),
    Skill(
        Ask.ANALYSE,
        rules(
            (r"\b(?:analy[sz]e|analy[sz]is|analy[sz]ing)\b(?!.*\b(?:market|portfolio|my)\b)", 0.94),
            (
                r"\b(?:rsi|macd|ema|bollinger|indicators?|overbought|oversold|support level|resistance)\b",
                0.93,
            ),
            (r"\b(?:up ?|down ?)?trend(?:ing|s)?\b(?! lines?)", 0.88),
            (
                r"\b(?:full|whole|your|deep) (?:read|dive|picture|take|view|breakdown)\b(?!.*\bmy\b)",
                0.88,
            ),
            (
                r"\b(?:chart|technically|opinion|outlook|view|thoughts?|read) (?:on|of|for)\b|\bcharts?(?: please| now)?$|\blook\w* technically\b|\bhow strong\b",
                0.85,
            ),
            (r"\bin (?:depth|detail)\b(?!.*\bmy\b)|\bdeep dive\b|\bbullish\b|\bbearish\b", 0.82),
        ),
        reply,
        calls,
        asset=True,
    ),
)
