"""Find in a conversation what was asked for: facts first, else the sentences about a topic."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern
from typing import Final

from uchat_ai_core.domain.planner import memory
from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.forgetting import kept
from uchat_ai_core.domain.planner.lexicon import FILLERS
from uchat_ai_core.domain.planner.memory import Remembered
from uchat_ai_core.domain.planner.normalise import normalise
from uchat_ai_core.domain.planner.symbols import ALIASES
from uchat_ai_core.domain.turn import Said
from uchat_ai_core.domain.window import MESSAGES

MAX_FOUND: Final = 5
_KINDS: Final[dict[Ask, tuple[str, ...]]] = {
    Ask.RECALL_NAME: (memory.NAME,),
    Ask.RECALL_AMOUNT: (memory.CAPITAL,),
    Ask.RECALL_GOAL: (memory.GOAL,),
}
_INTERFACE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "telegram": ("telegram",),
    "web_chat": ("web", "web chat", "browser", "website"),
    "web_ui": ("web", "web app", "browser", "website"),
    "widget": ("widget",),
    "mobile": ("mobile", "phone", "app"),
    "api": ("api",),
}
_SUFFIX: Final = re.compile(r"(ing|ed|es|s|ment|ments|or|ors)$")
_SHORT_WORD: Final = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What a recall found, facts and messages newest first, and the topic that was sought.

    `begins_later`: there may be messages before the earliest that is known.
    """

    facts: tuple[Remembered, ...] = ()
    messages: tuple[Said, ...] = ()
    topic: str = ""
    begins_later: bool = False


def recall(ask: Ask, topic: str, history: Sequence[Said]) -> Found:
    """Return what the person said that a question asks for; `history` is before the question."""
    mine = tuple(said for said in history if said.role == "user")
    facts = list(reversed(kept(mine)))
    if ask in _KINDS:
        kinds = _KINDS[ask]
        return Found(tuple(each for each in facts if each.fact.kind in kinds)[:MAX_FOUND])
    if ask is Ask.RECALL_LAST:
        return Found(messages=mine[-1:])
    if ask is Ask.RECALL_FIRST:
        return Found(messages=mine[:1], begins_later=len(history) >= MESSAGES - 1)
    if ask is Ask.RECALL_ALL:
        return Found(_newest_of_each(facts), messages=mine[-3:][::-1])
    if ask is Ask.RECALL_WHERE and not _stems(topic):
        return Found(tuple(facts[:1]), messages=mine[-1:])
    return _about(topic, facts, mine)


def _about(topic: str, facts: Sequence[Remembered], mine: Sequence[Said]) -> Found:
    interface = _interface_of(topic)
    if interface is not None:
        there = [said for said in mine if said.interface in interface]
        named = " ".join(name for each in interface for name in _INTERFACE_WORDS[each])
        rest = _stems(topic) - _stems(named)
        chosen = _matching(there, rest) if rest else there[::-1]
        return Found(messages=tuple(chosen[:MAX_FOUND]), topic=topic)
    words = _stems(topic)
    hits = tuple(each for each in facts if words & _stems(each.fact.about + " " + each.fact.kind))
    messages = tuple(_matching(mine, words))
    covered = {each.said.message_id for each in hits}
    rest = tuple(said for said in messages if said.message_id not in covered)
    return Found(hits[:MAX_FOUND], rest[: MAX_FOUND - len(hits[:MAX_FOUND])], topic)


def _matching(messages: Sequence[Said], words: frozenset[str]) -> list[Said]:
    """Messages that share most words with the topic, newest first; questions come last."""
    scored = [
        (len(words & said.read_by(_stems)), not said.text.rstrip().endswith("?"), said.seq, said)
        for said in messages
    ]
    ranked = sorted((s for s in scored if s[0]), key=lambda s: s[:3], reverse=True)
    return [said for *_, said in ranked]


def _newest_of_each(facts: Sequence[Remembered]) -> tuple[Remembered, ...]:
    chosen: dict[tuple[str, str], Remembered] = {}
    for each in facts:
        once = each.fact.kind in (memory.NAME, memory.CAPITAL, memory.RISK)
        chosen.setdefault((each.fact.kind, "" if once else each.fact.value), each)
    return tuple(chosen.values())[: 2 * MAX_FOUND]


def _interface_of(topic: str) -> tuple[str, ...] | None:
    words = normalise(topic).text
    found = tuple(
        interface
        for interface, names in _INTERFACE_WORDS.items()
        if any(re.search(rf"\b{name}\b", words) for name in names)
    )
    return found or None


def _stems(text: str) -> frozenset[str]:
    words = (word.strip("$€£,.'") for word in normalise(text).words)
    # The same words are kept with many messages.
    return frozenset(intern(_stem(word)) for word in words if word and word not in FILLERS)


def _stem(word: str) -> str:
    if word in ALIASES:
        return ALIASES[word]
    return _SUFFIX.sub("", word) if len(word) > _SHORT_WORD else word
