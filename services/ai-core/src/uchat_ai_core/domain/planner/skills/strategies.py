"""Strategies explained plainly: how they work, what for, what against, what can be done here."""

# ruff: noqa: E501 - sentences are read whole
import re
from collections.abc import Mapping
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.replies import Reply, Result
from uchat_ai_core.domain.planner.skill import Question, Skill, rules

# Pattern, what it is and when it works, what speaks against it, what to say next.
_BOOK: Final[tuple[tuple[re.Pattern[str], str, str, str], ...]] = tuple(
    (re.compile(pattern), what, against, then)
    for pattern, what, against, then in (
        (r"\b(?:dca|dollar[ -]cost|averag\w+ in|cost averaging)\b",
         "Dollar cost averaging buys for the same amount at fixed times, whatever the price: more units when it is low, fewer when it is high. It suits those who have income to invest and no wish to time the market.",
         "In a market that rises for long, buying all at once does better; fees are paid each time.",
         "say “buy $50 of BTC” when it is time; nothing repeats by itself here"),
        (r"\bgrid\b",
         "Grid trading places purchases below and sales above the price at fixed steps and earns on each swing between them. It suits a market that goes sideways.",
         "In a trend it sells winners early or holds a falling coin; many orders cost many fees.",
         "place single limit orders, as “buy $100 of BTC at …”"),
        (r"\b(?:momentum|trend[ -]?following|breakouts?)\b",
         "A momentum strategy buys what has been rising and sells when the rise ends, on the experience that moves go on for some time. A short average above a long one and MACD above its signal tell when.",
         "It is late at turns and loses in sideways markets, by many small losses; a stop is part of it.",
         "ask “show me momentum setups”"),
        (r"\b(?:mean[ -]reversion|reversal)\b",
         "Mean reversion buys what has fallen unusually far below its average and sells near the average. A low RSI and a price at the lower Bollinger band are usual marks.",
         "What falls can go on falling; without a stop one loss takes many gains.",
         "ask “anything oversold?”"),
        (r"\b(?:hedg\w+|protect against)\b",
         "A hedge takes off risk without giving up the position. Here that means selling a part, a stop loss below the price, or moving into cash; shorts, options and futures are not possible here.",
         "Every hedge costs something: part of the gain, or a sale at a bad moment.",
         "say “set a stop loss for my BTC at …” or ask “what if BTC falls 30%”"),
        (r"\b(?:swing|day[ -]?trad\w+|scalp\w*)\b",
         "Swing trading holds for days to weeks and follows single moves; day trading and scalping close within the day. The shorter, the more the fees and spreads decide.",
         "Most people who trade often do worse than those who hold; it takes rules, stops and time.",
         "ask “best swing trade” for a setup with entry, stop and target"),
        (r"\b(?:hodl\w*|hold(?:ing)?|long[ -]term|buy and hold)\b",
         "Holding for years costs least in fees and nerves, and has beaten most trading. A spread over several coins, some cash, and rebalancing now and then is a plain long-term plan.",
         "Falls that took most of its worth have happened; what you need soon should not be in it.",
         "say “I have $1000 to invest” for a split by your profile, then “should I rebalance” now and then"),
        (r"\barbitrage\b",
         "Arbitrage buys where a coin is cheap and sells where it is dear, at the same moment.",
         "Between large exchanges the gaps are smaller than the fees; here there is one exchange, so it is not possible.",
         "“compare BTC and ETH” shows how coins moved"),
        (r"\bdiversif\w+\b",
         "Diversification spreads money over things that do not fall together. Coins mostly do fall together, so cash is the part that diversifies best.",
         "Too many small positions only add fees.",
         "ask “how diversified am I”"),
    )
)  # fmt: skip
_CAUTIOUS: Final = re.compile(
    r"\b(?:cautious|conservative|careful|beginners?|safe|low risk|new to)\b"
)


def reply(question: Question, results: Mapping[str, Result]) -> Reply:
    """Explain the strategy that is named, or offer the plain ones."""
    del results
    found = [each for each in _BOOK if each[0].search(question.plain)]
    if not found:
        plain = "For a cautious start" if _CAUTIOUS.search(question.plain) else "For most people"
        return Reply(
            f"{plain} the plainest plan does best: spread over a few large coins by how calm they are, keep a part in cash (more for a cautious profile than for a bold one), buy in several steps, and rebalance now and then.",
            "Others are momentum, mean reversion, swing trading, grids and dollar cost averaging; ask “explain momentum trading”, for example. Next: “I have $1000 to invest in a cautious way” shows the split.",
        )
    _, what, against, then = found[0]
    other = f" {found[1][1]}" if len(found) > 1 else ""
    return Reply(f"{what}{other}", f"Against it: {against[:1].lower()}{against[1:]} Here: {then}.")


SKILLS: Final = (
    Skill(
        Ask.STRATEGY,
        rules(
            (
                r"\b(?:view|opinion|thoughts?) on (?:hold\w*|trading|dca|hodling|averaging)\b|\bhold\w* forever\b",
                0.9,
            ),
            (
                r"^(?!(?:what is|explain|define|what does|what are)(?: an?| the)? (?:dca|dollar cost averaging|hodl|diversification|arbitrage|hedge)(?: mean)?$)(?!.*\b(?:my trades|suggest a|allocation for)\b).*\b(?:strateg(?:y|ies)|dca|dollar[ -]cost|grid trad\w+|swing trad\w+|day ?trad\w+|scalp\w*|hodl\w*|mean[ -]reversion|momentum trad\w+|trend following|arbitrage|hedg(?:e|ing)|buy and hold|long[ -]term plan)\b",
                0.9,
            ),
            (
                r"\b(?:explain|how (?:does|do)|tell me about)\b.*\b(?:momentum|mean[ -]reversion|trend following)\b",
                0.9,
            ),
            (
                r"\b(?:better|rather) (?:to )?(?:hold|trade)\b|\b(?:hold|hodl) or (?:trade|sell)\b|\btrade or hold\b",
                0.88,
            ),
        ),
        reply,
    ),
)
