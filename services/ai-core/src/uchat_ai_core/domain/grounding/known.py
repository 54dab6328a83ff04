"""What a turn knows: its tools' results, the person's own words, the clock."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, cast

from uchat_ai_core.domain.grounding.facts import (
    COUNT,
    Fact,
    Kept,
    Sort,
    Spoken,
    fact_of,
    measured,
    spoken,
)
from uchat_ai_core.domain.grounding.lexicon import ASSETS
from uchat_ai_core.domain.grounding.tokens import Claim, day_of
from uchat_ai_core.domain.planner.requests import own_words
from uchat_ai_core.domain.turn import TurnIn

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
_SYMBOL_KEYS: Final = frozenset(
    {"symbol", "name", "base", "asset", "fee_asset", "quote_currency", "unit"}
)
_HUNDRED: Final = Decimal(100)
_OTHERS: Final[Mapping[str, tuple[Sort, ...]]] = {
    "percent": ("money", "units", "count"),
    "money": ("percent", "units", "count"),
    "units": ("percent", "money", "count"),
    "count": ("percent", "money", "units"),
}
"""What a claim of a kind cannot be about."""

_ALWAYS: Final = (Decimal(24),)
"""Figures that need no source: quotes tell the change over 24 hours."""


@dataclass(slots=True)
class Known:
    """The facts of one turn. Tools add theirs as they return."""

    turn: TurnIn
    facts: list[Fact] = field(default_factory=list[Fact])
    symbols: set[str] = field(default_factory=set[str])
    advisable: set[str] = field(default_factory=set[str])
    held: set[str] = field(default_factory=set[str])
    holdings: set[str] = field(default_factory=set[str])
    named: frozenset[str] = frozenset()
    names: set[str] = field(default_factory=set[str])
    days: set[tuple[int, int, int]] = field(default_factory=set[tuple[int, int, int]])
    times: set[str] = field(default_factory=set[str])
    states: set[str] = field(default_factory=set[str])
    links: str = ""
    read_account: bool = False
    acted: bool = False
    stopped: bool = False
    _searched: bool = False
    _sorted: list[Fact] = field(default_factory=list[Fact])

    def __post_init__(self) -> None:
        """Know the time at which the message was written, and what it says."""
        self._moment(self.turn.message.at)
        self.facts += [fact_of(value, "count", "", account=False) for value in _ALWAYS]
        self._hear(spoken(self.turn.message.text))
        # What is advised on must be known to a tool or be in question: not what somebody praised.
        self.advisable |= ASSETS
        self.named = spoken(own_words(self.turn.message.text)).symbols

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

    def supports(
        self,
        claim: Claim,
        owners: Sequence[str],
        *,
        held: bool = False,
        kept_to: Kept = "any",
    ) -> bool:
        """Tell whether a figure is known. `owners`: the assets that its sentence names."""
        if len(self._sorted) != len(self.facts):
            self._sorted = sorted(self.facts, key=_size)
        for reading in claim.readings:
            value, step = float(reading.value), float(reading.step) * 1.001
            at = bisect_left(self._sorted, value - step, key=_size)
            for fact in self._sorted[at:]:
                if fact.about > value + step:
                    break
                if (
                    _is_from(fact, kept_to)
                    and self._suits(fact, claim, owners, held=held)
                    and reading.rounds(fact.value)
                ):
                    return True
        return False

    def _suits(self, fact: Fact, claim: Claim, owners: Sequence[str], *, held: bool) -> bool:
        if fact.sort in _OTHERS.get(claim.kind, ()):
            return False
        if claim.kind == "count" and fact.value % 1:
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

    def _hear(self, words: Spoken) -> None:
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


def _assets_in(text: str) -> frozenset[str]:
    return spoken(text).symbols


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
                for count in (len(items), *_up_and_down(items)):
                    self._figure(Decimal(count), COUNT, "")
                for each in items:
                    self.value(each, key, owner, depth=depth + 1)
        elif isinstance(value, str):
            self._text(value, key, owner, depth)
        elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            self._figure(Decimal(str(value)), key, owner)

    def _object(self, value: dict[str, Any], key: str, owner: str, depth: int) -> None:
        switch = key == "kill_switch" and value.get("on") is True
        if switch or value.get("kill_switch_on") is True:
            self.known.stopped = True
        named = value.get("symbol") or value.get("base") or value.get("asset")
        if isinstance(named, str) and named:
            owner = named.upper()
            # At the top it may only be what the model asked for.
            if depth or owner not in self.echo or owner in ASSETS:
                self.known.symbols.add(owner)
                self.known.advisable.add(owner)
            if self.account and depth and key not in ("unknown", "lines", "passed_over"):
                self.known.held.add(owner)
                if key in ("holdings", "holding"):
                    self.known.holdings.add(owner)
        for name, each in value.items():
            for number in measured(name).numbers:
                self._figure(number, COUNT, "")
            # `shares_after_pct: {BTC: …}`: the name is the asset, what is measured is outside.
            by_asset = name in ASSETS or name in self.known.symbols
            of, of_key = (name, key) if by_asset else (owner, name)
            self.value(each, of_key, of, depth=depth + 1)

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
            known.stopped = known.stopped or "is stopped" in value
            known.facts += [
                replace(fact, of="elsewhere")
                for fact in words.facts
                if format(fact.value, "f") not in self.echo
            ]
            known.symbols |= {each for each in words.symbols if each not in self.echo}
            known.names.update(words.words)
            known.days |= words.days
            known.times |= words.times
            if "http" in value or "/" in value:
                known.links += f" {value}"
        elif key == "symbols":
            known.symbols.add(value.upper())

    def _figure(self, value: Decimal, key: str, owner: str) -> None:
        of_key = measured(key)
        if of_key.basis_points:
            value /= _HUNDRED
        facts = self.known.facts
        of: Literal["cash", "elsewhere"] = "cash" if "cash" in key else "elsewhere"
        facts.append(fact_of(value, of_key.sort, owner, account=self.account, of=of))
        if of_key.may_be_share and abs(value) <= 10:  # noqa: PLR2004 - shares
            facts.append(fact_of(value * _HUNDRED, "percent", owner, account=self.account))

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


def _up_and_down(items: Sequence[Any]) -> Iterator[int]:
    """Count the quotes that rose and those that fell: an answer may tell how many did."""
    changes = [
        Decimal(each["change_24h_pct"])
        for each in items
        if isinstance(each, dict) and _NUMERIC.fullmatch(str(each.get("change_24h_pct")))
    ]
    if changes:
        yield sum(change > 0 for change in changes)
        yield sum(change < 0 for change in changes)


def _size(fact: Fact) -> float:
    return fact.about


def _is_from(fact: Fact, kept_to: Kept) -> bool:
    if kept_to == "tools":
        return fact.of != "words"
    return kept_to == "any" or fact.of in (kept_to, "words")


def _is_unread(result: Any) -> bool:
    return isinstance(result, dict) and "error" in result and result.get("code") not in _LOOKED
