"""What a turn knows: its tools' results, the person's own words, the clock."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from sys import intern
from typing import Any, Final, Literal, cast

from uchat_ai_core.domain.grounding.lexicon import ASSETS
from uchat_ai_core.domain.grounding.tokens import Claim, Sentence, day_of, read
from uchat_ai_core.domain.planner.requests import own_words
from uchat_ai_core.domain.turn import FORWARDED, TurnIn

Sort = Literal["money", "percent", "units", "count", "any"]

_LOOKED: Final = frozenset({"insufficient_balance", "nothing_held"})
"""Refusals of an account tool that say what the account has, or has not."""
ACCOUNT_TOOLS: Final = frozenset(
    {
        "get_portfolio", "get_position", "list_orders", "list_trades", "get_pnl", "list_decisions",
        "propose_trade", "propose_allocation", "propose_rebalance", "propose_liquidation",
        "trade_within_mandate", "preview_trade", "cancel_orders", "assess_risk", "what_if",
        "suggest_weights",
    }
)  # fmt: skip
"""Tools whose results tell what the person holds."""

ACTING_TOOLS: Final = frozenset(
    {
        "cancel_orders", "stop_trading", "revoke_mandates", "set_mode", "propose_trade",
        "propose_allocation", "propose_rebalance", "propose_liquidation", "trade_within_mandate",
    }
)  # fmt: skip
"""Tools that do something, or propose it."""

_NUMERIC: Final = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?")
_PERCENT: Final = re.compile(r"pct|percent")
_SHARE: Final = re.compile(
    r"share|weight|portion|confidence|probab|volatil|return|drawdown|var|beta|rate|ratio"
)
_BPS: Final = re.compile(r"bps")
_UNITS: Final = re.compile(r"quantity|free|reserved|filled|units|remaining|holding|position|qty")
_MONEY: Final = re.compile(
    r"price|\bbid|\bask|value|total|cash|cost|notional|realised|profit|deposit|amount|worth|per_order|used|left"
)
_IN_KEY: Final = re.compile(r"\d+")
_SYMBOL_KEYS: Final = frozenset(
    {"symbol", "name", "base", "asset", "fee_asset", "quote_currency", "unit"}
)
_OWN: Final = re.compile(r"\b(?:i|i'm|i've|my|mine|we|our|me|ich|mein\w*|yo|mi|mis|tengo)\b")
_LONGEST: Final = 4000
_COUNT: Final = "count"
_HUNDRED: Final = Decimal(100)
_OTHERS: Final[Mapping[str, tuple[Sort, ...]]] = {
    "percent": ("money", "units", "count"),
    "money": ("percent", "units", "count"),
    "units": ("percent", "money", "count"),
}
"""What a claim of a kind cannot be about."""

_ALWAYS: Final = (Decimal(24),)
"""Figures that need no source: quotes tell the change over 24 hours."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure that is known, without its sign: what it measures, and of which asset if of one.

    `about` is the same, quick to compare.
    """

    value: Decimal
    about: float
    sort: Sort
    owner: str
    account: bool


@dataclass(slots=True)
class Known:
    """The facts of one turn. Tools add theirs as they return."""

    turn: TurnIn
    facts: list[Fact] = field(default_factory=list[Fact])
    symbols: set[str] = field(default_factory=set[str])
    advisable: set[str] = field(default_factory=set[str])
    held: set[str] = field(default_factory=set[str])
    names: set[str] = field(default_factory=set[str])
    days: set[tuple[int, int, int]] = field(default_factory=set[tuple[int, int, int]])
    times: set[str] = field(default_factory=set[str])
    states: set[str] = field(default_factory=set[str])
    links: str = ""
    read_account: bool = False
    acted: bool = False
    _searched: bool = False
    _sorted: list[Fact] = field(default_factory=list[Fact])

    def __post_init__(self) -> None:
        """Know the time at which the message was written, and what it says."""
        self._moment(self.turn.message.at)
        self.facts += [_fact(value, "count", "", account=False) for value in _ALWAYS]
        self._hear(spoken(self.turn.message.text))
        # What is advised on must be known to a tool or be in question: not what somebody praised.
        self.advisable |= ASSETS | spoken(own_words(self.turn.message.text)).symbols

    def learn(self, tool: str, arguments: Mapping[str, Any], result: Any, *, trusted: bool) -> None:
        """Take a tool's result. What it only echoes of a model's arguments is no knowledge."""
        echo: set[str] = set()
        if not trusted:
            _gather(arguments, echo)
        account = tool in ACCOUNT_TOOLS and not _is_unread(result)
        self.read_account = self.read_account or account
        failed = isinstance(result, dict) and "error" in result
        self.acted = self.acted or (tool in ACTING_TOOLS and not failed)
        walk = _Walk(self, echo, account=account)
        walk.value(result, "", "", depth=0)

    def supports(self, claim: Claim, owners: Sequence[str], *, held: bool = False) -> bool:
        """Tell whether a figure is known. `owners`: the assets that its sentence names."""
        if len(self._sorted) != len(self.facts):
            self._sorted = sorted(self.facts, key=_size)
        for reading in claim.readings:
            value, step = float(reading.value), float(reading.step) * 1.001
            at = bisect_left(self._sorted, value - step, key=_size)
            for fact in self._sorted[at:]:
                if fact.about > value + step:
                    break
                if self._suits(fact, claim, owners, held=held) and reading.rounds(fact.value):
                    return True
        return False

    def _suits(self, fact: Fact, claim: Claim, owners: Sequence[str], *, held: bool) -> bool:
        if fact.sort in _OTHERS.get(claim.kind, ()):
            return False
        if held and not fact.account and (claim.kind == "units" or not self.read_account):
            return False
        if claim.kind == "units":
            return fact.owner in ("", claim.unit)
        return not (fact.owner and owners and fact.owner not in owners)

    def search_history(self) -> bool:
        """Take in what the person said before; false if that was done already."""
        if self._searched:
            return False
        self._searched = True
        for said in self.turn.history:
            self._moment(said.at)
            if said.role == "user":
                self._hear(said.read_by(spoken))
            else:
                # Earlier answers were checked: their assets exist, their figures may be old.
                self.symbols |= said.read_by(_assets_in)
        return True

    def _hear(self, words: "Spoken") -> None:
        self.facts += words.facts
        self.symbols |= words.symbols
        self.names.update(words.words)
        self.days |= words.days
        self.times |= words.times
        if words.own:
            self.held |= words.symbols

    def _moment(self, at: datetime) -> None:
        at = at.astimezone(UTC)
        self.days.add(day_of(at))
        self.times.add(f"{at.hour:02}:{at.minute:02}")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What words hold: figures, assets, dates; `own`: they speak of their writer."""

    facts: tuple[Fact, ...]
    symbols: frozenset[str]
    words: tuple[str, ...]
    days: frozenset[tuple[int, int, int]]
    times: frozenset[str]
    own: bool


@lru_cache(maxsize=4096)
def spoken(text: str) -> Spoken:
    """Return what a text of a person or of a tool holds."""
    sentence = read(text[:_LONGEST])
    return Spoken(
        facts=tuple(_facts_of(sentence)),
        symbols=frozenset(claim.unit for claim in sentence.claims if claim.kind == "symbol"),
        # The same words are kept with many messages.
        words=tuple(map(intern, sentence.words)),
        days=frozenset(claim.day for claim in sentence.claims if claim.kind == "date"),
        times=frozenset(claim.text for claim in sentence.claims if claim.kind == "time"),
        own=not text.startswith(FORWARDED) and _OWN.search(sentence.text.lower()) is not None,
    )


def _assets_in(text: str) -> frozenset[str]:
    return spoken(text).symbols


def _facts_of(sentence: Sentence) -> Iterable[Fact]:
    for claim in sentence.claims:
        # Money, and not units of an asset, may be meant by a bare number, and the reverse.
        sort: Sort = claim.kind if claim.kind in ("money", "percent", "units") else "any"
        for reading in claim.readings:
            yield _fact(reading.value, sort, claim.unit, account=True)
    if re.search(r"\b(?:half|halve|hälfte|mitad)\b", sentence.text, re.IGNORECASE):
        yield _fact(Decimal(50), "percent", "", account=False)
        yield _fact(Decimal("0.5"), "units", "", account=True)


def _gather(value: Any, into: set[str]) -> None:
    if isinstance(value, Mapping):
        for each in cast("Mapping[str, Any]", value).values():
            _gather(each, into)
    elif isinstance(value, (list, tuple)):
        for each in cast("Sequence[Any]", value):
            _gather(each, into)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        into.add(_normal(str(value)))


def _normal(text: str) -> str:
    if _NUMERIC.fullmatch(text):
        try:
            return format(Decimal(text).normalize(), "f")
        except InvalidOperation:
            return text
    return text.upper()


@dataclass(slots=True)
class _Walk:
    """Walks one result; `echo` holds what its call's arguments said."""

    known: Known
    echo: set[str]
    account: bool

    def value(self, value: Any, key: str, owner: str, *, depth: int) -> None:
        if isinstance(value, dict):
            self._object(cast("dict[str, Any]", value), key, owner, depth)
        elif isinstance(value, (list, tuple)):
            items = cast("Sequence[Any]", value)
            if key != "unknown":
                self._figure(Decimal(len(items)), _COUNT, "")
                for each in items:
                    self.value(each, key, owner, depth=depth + 1)
        elif isinstance(value, str):
            self._text(value, key, owner, depth)
        elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            self._figure(Decimal(str(value)), key, owner)

    def _object(self, value: dict[str, Any], key: str, owner: str, depth: int) -> None:
        named = value.get("symbol") or value.get("base") or value.get("asset")
        if isinstance(named, str) and named:
            owner = named.upper()
            # At the top it may only be what the model asked for.
            if depth or owner not in self.echo or owner in ASSETS:
                self.known.symbols.add(owner)
                self.known.advisable.add(owner)
            if self.account and depth and key not in ("unknown", "lines", "passed_over"):
                self.known.held.add(owner)
        for name, each in value.items():
            for number in _measured(name).numbers:
                self._figure(number, _COUNT, "")
            # `shares_after_pct: {BTC: …}`: the name is the asset, what is measured is outside.
            by_asset = name in ASSETS or name in self.known.symbols
            of, measured = (name, key) if by_asset else (owner, name)
            self.value(each, measured, of, depth=depth + 1)

    def _text(self, value: str, key: str, owner: str, depth: int) -> None:
        known = self.known
        if _NUMERIC.fullmatch(value):
            if not self.echo or _normal(value) not in self.echo:
                self._figure(Decimal(value), key, owner)
        elif _MOMENT.fullmatch(value):
            self._moment(value)
        elif key in _SYMBOL_KEYS:
            if key != "symbol" or depth > 1 or value.upper() not in self.echo:
                known.names.update(value.lower().split())
        elif key == "state":
            known.states.add(value)
        elif len(value) > 3 and value.upper() not in self.echo:  # noqa: PLR2004 - words, not codes
            words = spoken(value)
            known.facts += [f for f in words.facts if format(f.value, "f") not in self.echo]
            known.symbols |= {each for each in words.symbols if each not in self.echo}
            known.names.update(words.words)
            known.days |= words.days
            known.times |= words.times
            if "http" in value or "/" in value:
                known.links += f" {value}"
        elif key == "symbols":
            known.symbols.add(value.upper())

    def _figure(self, value: Decimal, key: str, owner: str) -> None:
        measured = _measured(key)
        if measured.basis_points:
            value /= _HUNDRED
        facts = self.known.facts
        facts.append(_fact(value, measured.sort, owner, account=self.account))
        if measured.may_be_share and abs(value) <= 10:  # noqa: PLR2004 - shares
            facts.append(_fact(value * _HUNDRED, "percent", owner, account=self.account))

    def _moment(self, value: str) -> None:
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return
        known = self.known
        if at.tzinfo is not None:
            at = at.astimezone(UTC)
        known.days.add(day_of(at))
        if "T" in value or " " in value:
            known.times.add(at.strftime("%H:%M"))


@dataclass(frozen=True, slots=True)
class _Measured:
    """What the values under a name of a result measure, and the numbers within the name."""

    sort: Sort
    basis_points: bool
    may_be_share: bool
    numbers: tuple[Decimal, ...]


@lru_cache(maxsize=1024)
def _measured(key: str) -> _Measured:
    points, percent = _BPS.search(key) is not None, _PERCENT.search(key) is not None
    sort: Sort = "any"
    if key == _COUNT:
        sort = "count"
    elif percent or points:
        sort = "percent"
    elif _UNITS.search(key):
        sort = "units"
    elif _MONEY.search(key):
        sort = "money"
    numbers = tuple(Decimal(each) for each in _IN_KEY.findall(key))
    return _Measured(sort, points, not percent and _SHARE.search(key) is not None, numbers)


def _size(fact: Fact) -> float:
    return fact.about


def _fact(value: Decimal, sort: Sort, owner: str, *, account: bool) -> Fact:
    value = abs(value)
    return Fact(value, float(value), sort, owner, account)


def _is_unread(result: Any) -> bool:
    return isinstance(result, dict) and "error" in result and result.get("code") not in _LOOKED
