"""What a model gets to see of a conversation: without what was taken back, the older part short."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from uchat_ai_core.domain.planner.forgetting import forget_in, kept
from uchat_ai_core.domain.planner.memory import Remembered, facts_in
from uchat_ai_core.domain.planner.recollections import fact_in_words
from uchat_ai_core.domain.planner.words import moment, where_and_when
from uchat_ai_core.domain.turn import Said

_GONE: Final = "(I told something about myself here, and took it back later.)"
_WISH: Final = "(I asked you to forget something.)"
_ANSWER: Final = "(I answered on something that was taken back later.)"
_MOST_FACTS: Final = 20


def withheld(history: Sequence[Said]) -> tuple[Said, ...]:
    """Return a conversation without the words of what the person wanted forgotten.

    The wishes themselves, which may quote them, and the answers, which may repeat them, go as well.
    """
    mine = [said for said in history if said.role == "user"]
    wishes = {each.message_id for each in mine if each.read_by(forget_in) is not None}
    if not wishes:
        return tuple(history)
    left = {(each.said.message_id, each.fact) for each in kept(mine)}
    gone = {
        said.message_id
        for said in mine
        if said.message_id not in wishes
        and any((said.message_id, fact) not in left for fact in said.read_by(facts_in))
    }
    return tuple(_shown(said, wishes, gone) for said in history)


def _shown(said: Said, wishes: set[str], gone: set[str]) -> Said:
    if said.message_id in wishes:
        return replace(said, text=_WISH)
    if said.message_id in gone:
        return replace(said, text=_GONE)
    return replace(said, text=_ANSWER) if said.answers in wishes | gone else said


def summary_of(earlier: Sequence[Said]) -> str:
    """Return in short what was said before the messages that are shown; empty: nothing was.

    It holds only what the person told and when, never a figure of an answer: those are old.
    """
    if not earlier:
        return ""
    facts = kept(earlier)[-_MOST_FACTS:]
    span = f"{moment(earlier[0].at)} to {moment(earlier[-1].at)}"
    start = f"(Earlier in this conversation, {span}: {len(earlier)} messages that are not shown."
    told = "; ".join(_told(each) for each in facts)
    return f"{start} Of what I told there this counts: {told}.)" if told else f"{start})"


def _told(each: Remembered) -> str:
    words = fact_in_words(each.fact.kind, each.fact.value)
    return f"{words} ({where_and_when(each.said)})"
