"""Risk: of the whole portfolio, of one asset, and what would be if prices changed."""

# ruff: noqa: E501 - a rule is read as one line of a table
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import (
    ANALYSE,
    ASSESS_RISK,
    LIMITS,
    WHAT_IF,
    Call,
    Reply,
    Result,
    failed,
    unavailable,
)
from uchat_ai_core.domain.planner.skill import Question, Skill, rules
from uchat_ai_core.domain.planner.skills.analysis import heat
from uchat_ai_core.domain.planner.tables import Table
from uchat_ai_core.domain.planner.words import figure, gain, listed, money, pct

_PCT: Final = re.compile(r"(\d{1,4}(?:\.\d+)?) ?(?:%|percent|per cent)")
_PRICE_AIM: Final = re.compile(
    r"\b(?:to|at|below|above|under|over|reaches|hits) \$?(\d[\d,]*(?:\.\d+)?)(k?)\b"
)
_UP: Final = re.compile(
    r"\b(?:rises?|goes up|climbs?|gains?|pumps?|jumps?|rally|rallies|doubles?|triples?|moons?)\b"
)
_FIXED: Final = (
    (re.compile(r"\bhal(?:ves?|ved|f)\b"), "-50"),
    (re.compile(r"\bdoubles?\b"), "100"),
    (re.compile(r"\btriples?\b"), "200"),
    (re.compile(r"\b(?:goes|go|falls?|drops?) to zero\b|\bdies\b|\bworthless\b"), "-100"),
)
_CRASH: Final = "20"
_FALL: Final = r"(?:falls?|fell|drops?|dropped|crash(?:es|ed)?|tanks?|dips?|sinks?|plunges?|rises?|goes (?:up|down)|climbs?|gains?|loses?|halves|doubles?|triples?|pumps?|jumps?|goes to zero)"


def risk_calls(_: Question) -> tuple[Call, ...]:
    """Ask for the portfolio's risk and its limits."""
    return (Call(ASSESS_RISK), Call(LIMITS))


def risk_reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Say how much could be lost, then the measures in a table."""
    result = results[ASSESS_RISK]
    if unavailable(result):
        return failed(result, "measure your risk")
    currency = result["quote_currency"]
    if not result["symbols"]:
        return Reply(
            f"You hold cash only ({money(result['total'])} {currency}), so no price can cost you anything.",
            "Say for example “I have $1000 to invest” for a suggested split, or “buy $100 of BTC”.",
        )
    most = max(
        result["contributions_pct"], key=lambda name: float(result["contributions_pct"][name])
    )
    summary = _asked(question, result) + (
        f"On all but the worst {result['tail_pct']} % of days you would lose less than {money(result['var_95'])} {currency}"
        f" ({pct(result['var_95_pct'])}) of {money(result['total'])}; about {money(result['month_var_95'])} in a bad"
        f" month. {most} brings {pct(result['contributions_pct'][most])} of the risk."
    )
    limits = results.get(LIMITS, {})
    cap = ""
    if "per_asset_share_pct" in limits:
        cap = f"Your limits: at most {limits['per_asset_share_pct']} % in one asset, a stop for the day at a loss of {limits['daily_loss_share_pct']} %. "
    detail = (
        f"From {result['days']} past days at today's weights ({_shares(result)}, cash {pct(result['cash_pct'])}); the future"
        f" may be worse. {cap}Next: “what if BTC falls 30%”, “should I rebalance”, or “set a stop loss for my {most} at …”."
    )
    return Reply(
        summary,
        detail,
        (_measures(result, currency),),
        more="More: “details”, or “what if BTC falls 30%”.",
    )


def _shares(result: Result) -> str:
    shares = result["shares_pct"]
    return listed([f"{name} {pct(shares[name])}" for name in result["symbols"]])


def _asked(question: Question, result: Result) -> str:
    """Say the one measure first that a question names; empty if it names none or several."""
    named = [
        row for row in (*_RATIOS, ("volatility_pct", "volatility")) if row[0][:6] in question.plain
    ]
    if len(named) != 1 or named[0][0] not in result:
        return ""
    name, title = named[0]
    return (
        f"Your portfolio's {title} is {result[name]}{' % a year' if name.endswith('pct') else ''}. "
    )


def _measures(result: Result, currency: str) -> Table:
    def loss(name: str) -> str:
        return f"{pct(result[f'{name}_pct'])} ({money(result[name])} {currency})"

    rows = [
        ("Volatility a year", f"{result['volatility_pct']} %"),
        ("Value at risk, a day, 95 %", loss("var_95")),
        ("Value at risk, a day, 99 %", loss("var_99")),
        ("Expected shortfall (CVaR), 95 %", loss("cvar_95")),
        ("Largest drawdown", loss("max_drawdown")),
        ("Worst day", loss("worst_day")),
        *((title, str(result[name])) for name, title in _RATIOS if name in result),
    ]
    return Table("Risk", ("Measure", "Value"), tuple(rows), "lr")


_RATIOS: Final = (("sharpe", "Sharpe ratio"), ("sortino", "Sortino ratio"), ("beta", "Beta to BTC"))


def asset_calls(question: Question) -> tuple[Call, ...]:
    """Ask for the indicators of each asset that is named, three at most."""
    return tuple(Call(ANALYSE, {"symbol": each}) for each in question.symbols[:3])


def asset_reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Say how strongly the assets swing."""
    found = [
        each for name, each in results.items() if name.startswith(ANALYSE) and "indicators" in each
    ]
    if not found:
        return failed(results[ANALYSE], f"measure the risk of {question.symbols[0]}")
    seen: list[dict[str, Any]] = sorted(
        (dict(each["indicators"]) for each in found),
        key=lambda each: -float(each["volatility_pct"]),
    )
    swings = [
        f"{each['symbol']} swings by about {each['volatility_pct']} % a year" for each in seen
    ]
    compared = f" {seen[0]['symbol']} is the riskier one." if len(seen) > 1 else ""
    down = listed(
        [
            f"{each['symbol']} stands {each['below_high_pct']} % below its 60-day high"
            for each in seen
        ]
    )
    rsi = listed([f"RSI {each['rsi_14']} ({heat(each['rsi_14'])})" for each in seen])
    return Reply(
        f"{listed(swings)}.{compared}",
        f"{down}; {rsi}. Next: “what if {seen[0]['symbol']} falls 30%” shows what it would cost you, “how risky is my portfolio” the whole.",
    )


def what_if_calls(question: Question) -> tuple[Call, ...]:
    """Ask what the portfolio would be worth then."""
    aim = _PRICE_AIM.search(question.plain) if question.symbols else None
    if aim is not None and _PCT.search(question.plain) is None:
        value = Decimal(aim.group(1).replace(",", "")) * (1000 if aim.group(2) else 1)
        return (Call(WHAT_IF, {"symbol": question.symbols[0], "price": format(value, "f")}),)
    arguments = {"change_pct": _change(question.plain)}
    if question.symbols:
        arguments["symbol"] = question.symbols[0]
    return (Call(WHAT_IF, arguments),)


def _change(text: str) -> str:
    named = _PCT.search(text)
    if named is None:
        found = next((change for pattern, change in _FIXED if pattern.search(text)), None)
        return found if found is not None else f"-{_CRASH}"
    return named.group(1) if _UP.search(text) else f"-{named.group(1)}"


def what_if_reply(_: Question, results: Mapping[str, Result]) -> Reply:
    """Say what a change of prices would do to the portfolio."""
    result = results[WHAT_IF]
    if unavailable(result):
        return failed(result, "reckon that")
    what = result["symbol"] or "everything you hold"
    moves = "rose" if not result["change_pct"].startswith("-") else "fell"
    by = f"{figure(result['change_pct'].lstrip('-'))} %"
    currency = result["quote_currency"]
    if not result["held"]:
        return Reply(
            f"You hold no {result['symbol'] or 'coins'}, so it would cost you nothing: your {money(result['total_before'])} {currency} would stay as they are.",
        )
    return Reply(
        f"If {what} {moves} by {by}, your account would be worth {money(result['total_after'])} {currency} instead of {money(result['total_before'])}: {gain(result['change'])} ({result['total_change_pct']} %).",
        f"It touches {money(result['touched'])} {currency} of your account; other prices are taken to stay, though coins often fall together. Next: “set a stop loss for my {result['symbol'] or 'BTC'} at …” limits a loss, “how risky is my portfolio” shows what is usual.",
    )


SKILLS: Final = (
    Skill(
        Ask.WHAT_IF,
        rules(
            (
                r"^(?:and )?if \w+ (?:goes|falls|drops|crashes|halves|doubles|rises|dies)\b.*\b(?:what|how much|happens?|lose)\b",
                0.92,
            ),
            (
                rf"\bwhat (?:if|happens|would happen|do i lose|would i lose|will happen)\b.*\b{_FALL}\b",
                0.94,
            ),
            (
                r"\b\d{1,3} ?(?:%|percent) (?:market )?(?:crash|drop|fall|dip|correction|decline|rally)\b",
                0.92,
            ),
            (
                r"\bif (?:the )?(?:market|everything|all|crypto)\b.*\b(?:crash\w*|tank\w*|f[ae]lls?|drop\w*)\b.*\b(?:i|my|me)\b",
                0.88,
            ),
            (r"\b(?:market )?crash\b.*\b(?:cost|do to|mean for|hit) (?:me|my)\b", 0.9),
            (r"\bstress test\b", 0.9),
        ),
        what_if_reply,
        what_if_calls,
    ),
    Skill(
        Ask.ASSET_RISK,
        rules(
            (r"\bhow (?:swingy|jumpy|wild|shaky|stable|calm|dangerous) (?:is|are)\b", 0.9),
            (
                r"\b(?:risky|riskier|riskiest|volatile|volatility|risk of|safe|safer|dangerous|swings?)\b(?!.*\b(?:my|i)\b)",
                0.9,
            ),
        ),
        asset_reply,
        asset_calls,
        asset=True,
    ),
    Skill(
        Ask.RISK,
        rules(
            (
                r"\b(?:could|can|might) (?:i|we) lose (?:everything|it all|all|my)\b|\bcorrelat\w+\b.*\b(?:my|portfolio)\b|\bhow correlated\b|\b(?:which|what) (?:coin|asset|position) (?:adds|brings|has|carries) (?:the )?most risk\b",
                0.92,
            ),
            (
                r"\b(?:my|our|the|of|calculate|compute|show(?: me)?)\b.*\b(?:value at risk|var|cvar|expected shortfall|sharpe|sortino|beta|drawdown)\b(?! ?\?)(?<!what is the sharpe ratio)(?<!what is a drawdown)",
                0.93,
            ),
            (
                r"\b(?:sharpe|sortino|beta|volatility|drawdown|var|cvar)\b.*\b(?:of|for) (?:my|our|the portfolio)\b",
                0.94,
            ),
            (
                r"\bhow (?:risky|volatile|safe|exposed|dangerous)\b.*\b(?:my|i|our|me|portfolio|holdings|depot)\b",
                0.94,
            ),
            (
                r"\bhow (?:much|far)\b.*\b(?:could|can|might|do) (?:i|my \w+|we) (?:\w+ )?(?:lose|fall|drop|be down)\b|\bhow bad\b.*\b(?:could|can|might|will)\b|\bworst case\b|\bworst (?:day|week|month)\b",
                0.92,
            ),
            (
                r"\b(?:am i|are we) (?:too )?(?:exposed|risky|overexposed|at risk|safe)\b(?!.*\b(?:coin|asset)\b)|\bmy (?:risk|exposure)\b(?! (?:profile|tolerance|limits?|is|appetite))|\bhow much risk\b",
                0.9,
            ),
            (
                r"\brisk (?:assessment|report|analysis|check|metrics?|measures?|figures?|overview)\b|\b(?:assess|measure|check|analy[sz]e) (?:my |the |our )?(?:portfolio )?risks?\b",
                0.92,
            ),
        ),
        risk_reply,
        risk_calls,
    ),
)
