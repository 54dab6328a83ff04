"""The person wants something forgotten that they told."""

from collections.abc import Mapping, Sequence
from typing import Final

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.forgetting import RULES, forget_in, kept, without
from uchat_ai_core.domain.planner.memory import Remembered
from uchat_ai_core.domain.planner.recollections import fact_in_words
from uchat_ai_core.domain.planner.replies import Reply, Result
from uchat_ai_core.domain.planner.skill import Question, Skill, rules
from uchat_ai_core.domain.planner.words import listed, where_and_when
from uchat_ai_core.domain.turn import Said

_STAYS: Final = (
    "I no longer use it on any interface. Your messages themselves stay in the conversation until "
    "you delete it."
)


def forgets(text: str, history: Sequence[Said]) -> bool:
    """Tell whether a message wants something forgotten; "forget that" only if there is a that."""
    wish = forget_in(text)
    return wish is not None and (not wish.latest or bool(_gone(text, history)))


def _gone(text: str, history: Sequence[Said]) -> list[Remembered]:
    wish = forget_in(text)
    if wish is None:
        return []
    facts = kept(history)
    before = next((said.message_id for said in reversed(history) if said.role == "user"), "")
    stays = without(wish, facts, before)
    return [each for each in facts if each not in stays]


def _reply(question: Question, _results: Mapping[str, Result]) -> Reply:
    gone = _gone(question.turn.message.text, question.turn.history)
    if not gone:
        return Reply(
            "I keep nothing like that of you in this conversation.",
            "Ask “what do you know about me?” to see what I keep, each with where and when you "
            "said it.",
        )
    told = listed([fact_in_words(each.fact.kind, each.fact.value) for each in gone])
    where = listed([where_and_when(each.said) for each in gone])
    return Reply(f"Forgotten: {told}.", f"You had said so {where}. {_STAYS}")


SKILLS: Final = (Skill(Ask.FORGET, rules(*RULES), _reply),)
