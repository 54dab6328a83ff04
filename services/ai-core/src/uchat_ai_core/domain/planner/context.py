"""What earlier messages mean for this one: the assets that are spoken of, amounts, risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from uchat_ai_core.domain.planner import memory
from uchat_ai_core.domain.planner.amounts import Amount
from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.forgetting import kept
from uchat_ai_core.domain.planner.intents import points_back, understand
from uchat_ai_core.domain.planner.memory import Fact, Remembered, facts_in
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.sizes import DOLLARS
from uchat_ai_core.domain.planner.words import named_money
from uchat_ai_core.domain.turn import Said, TurnIn

PRICES: Final = frozenset({Ask.PRICE, Ask.COMPARE, Ask.MARKET, Ask.MOVERS})
_DOUBTFUL: Final = 0.8
_GOES_ON: Final = 10  # words
# What was said before can only change the meaning of these, and only if they name no asset.
_OPEN: Final = frozenset({Ask.UNKNOWN, Ask.PRICE, Ask.MARKET})
_LOOK_BACK: Final = 3
_CAUTIOUS: Final = (
    "conservative", "cautious", "averse", "low", "hate", "avoid", "safe", "not",
)  # fmt: skip
_PROFILES: Final = (
    ("cautious", ("cautious", "conservative", "safe", "careful", "low risk")),
    ("balanced", ("balanced", "moderate", "medium risk")),
    ("bold", ("bold", "aggressive", "risky", "riskier", "high risk")),
)
_ABOUT_SPLITS: Final = frozenset(
    {
        Ask.OPPORTUNITY,
        Ask.CAPITAL,
        Ask.ALLOCATION,
        Ask.INVEST,
        Ask.WITHIN_MANDATE,
        Ask.REBALANCING,
        Ask.REBALANCE,
        Ask.WEIGHTS,
    }
)
_BOLD: Final = ("aggressive", "high", "love", "bold", "like", "can")


@dataclass(frozen=True, slots=True)
class Capital:
    """Money that the person named to invest, and the message that named it (None: this one).

    `shown` is how an answer writes it.
    """

    value: Decimal
    shown: str
    remembered: Remembered | None = None


class Spoken(NamedTuple):
    """The assets that the person named latest, whether they asked a price last, or what else."""

    symbols: tuple[str, ...] = ()
    was_price: bool = False
    ask: Ask = Ask.UNKNOWN


def spoken_of(history: Sequence[Said]) -> Spoken:
    """Return what the person spoke of before this message."""
    mine = [said for said in history[-2 * _LOOK_BACK :] if said.role == "user"][-_LOOK_BACK:]
    spoken = Spoken()
    for said in mine:
        found = understand(said.text, last_symbols=spoken.symbols, last_was_price=spoken.was_price)
        was_price = found.ask in PRICES or found.ask is Ask.CONVERT
        spoken = Spoken(found.mentions.symbols or spoken.symbols, was_price, found.ask)
    return spoken


def in_context(turn: TurnIn) -> Understanding:
    """Understand the message of a turn in the light of what was said before."""
    understood = understand(turn.message.text)
    is_open = understood.ask in _OPEN and not understood.mentions.symbols
    if not turn.history or not (is_open or _is_doubtful(understood, turn.message.text)):
        return understood
    spoken = spoken_of(turn.history)
    return understand(
        turn.message.text,
        last_symbols=spoken.symbols,
        last_was_price=spoken.was_price and is_open,
        last_ask=spoken.ask,
    )


def _is_doubtful(understood: Understanding, text: str) -> bool:
    """Tell whether what was said before may be what a message goes on with."""
    certain = understood.request is not None or understood.alert is not None
    if certain or len(text.split()) > _GOES_ON:
        return False
    names_none = not understood.mentions.symbols
    doubtful = understood.confidence < _DOUBTFUL
    return doubtful or (names_none and points_back(understood.ask, text))


def assets_meant(history: Sequence[Said]) -> tuple[str, ...]:
    """Return the assets that "it" stands for."""
    return spoken_of(history).symbols


def capital_of(turn: TurnIn) -> Capital | None:
    """Return the money to invest that this message names, or else the latest one that did."""
    for fact in reversed(facts_in(turn.message.text)):
        found = _capital(fact)
        if found is not None:
            return found
    for each in reversed(kept(turn.history)):
        found = _capital(each.fact)
        if found is not None:
            return Capital(found.value, found.shown, each)
    return None


def profile_of(turn: TurnIn) -> str:
    """Return how much risk the person wants: as asked lately, else as told earlier, or balanced."""
    mine = [said.text for said in turn.history if said.role == "user"][-_LOOK_BACK:]
    for text in (turn.message.text, *reversed(mine)):
        found = understand(text)
        named = _named(text) if found.ask in _ABOUT_SPLITS else ""
        if named:
            return named
    told = [each.fact.value for each in kept(turn.history)
            if each.fact.kind == memory.RISK]  # fmt: skip
    value = told[-1].lower() if told else ""
    if any(word in value for word in _CAUTIOUS):
        return "cautious"
    return "bold" if any(word in value for word in _BOLD) else "balanced"


def _named(text: str) -> str:
    plain = plainly(text).text.lower()
    return next((name for name, words in _PROFILES if any(word in plain for word in words)), "")


def money_of(amount: Amount) -> Capital | None:
    """Return an amount of dollars as money to invest; None if it is none."""
    if amount.unit not in DOLLARS or amount.value <= 0:
        return None
    return Capital(amount.value, named_money(amount.value, amount.unit))


def _capital(fact: Fact) -> Capital | None:
    amount = fact.amount
    if fact.kind != memory.CAPITAL or amount is None:
        return None
    return money_of(amount)
