"""How an answer is judged: what was understood and done, its figures, its tone."""

import re
from dataclasses import dataclass
from decimal import Decimal

from pydantic_evals.evaluators import EvaluationReason, Evaluator, EvaluatorContext

from tests.eval.cases import Line
from tests.eval.figures import unsupported
from tests.eval.world import Heard
from uchat_ai_core.adapters.grounded import LEFT_OUT
from uchat_ai_core.domain.planner.decide import understood_in
from uchat_ai_core.domain.planner.plain import plainly

Judged = EvaluatorContext[Line, Heard, None]
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
# What one could say, in quotation marks, claims nothing.
_EXAMPLE = re.compile("“[^”]*”")
_CANNED = re.compile(
    r"as an ai|not sure what you mean|i do not understand|please rephrase|great question|"
    r"i hope this helps|feel free to",
    re.IGNORECASE,
)


@dataclass
class Understood(Evaluator[Line, Heard, None]):
    """The intent, and the slots where there are some."""

    def evaluate(self, ctx: Judged) -> dict[str, bool | EvaluationReason]:
        wanted, heard = ctx.inputs.expected, ctx.output
        found = heard.answered.intent
        verdicts: dict[str, bool | EvaluationReason] = {
            "intent": EvaluationReason(found in wanted.intents, f"{found}"),
            "confidence_in_range": 0 <= heard.answered.confidence <= 1,
        }
        if wanted.has_slots:
            verdicts["slots"] = EvaluationReason(*_slots(ctx))
        return verdicts


def _slots(ctx: Judged) -> tuple[bool, str]:
    wanted, heard = ctx.inputs.expected, ctx.output
    understood = understood_in(heard.turn)
    named = {*understood.mentions.symbols, *understood.mentions.unlisted}
    dollars = {each.value for each in understood.amounts if each.is_money}
    wrong: list[str] = []
    if not wanted.symbols <= named:
        wrong.append(f"symbols {sorted(named)}")
    if not {Decimal(each) for each in wanted.dollars} <= dollars:
        wrong.append(f"dollars {sorted(map(str, dollars))}")
    if not _same(heard.effect, wanted.effect):
        wrong.append(f"effect {heard.effect!r}")
    if wanted.asks_back and "?" not in heard.text:
        wrong.append("asks nothing back")
    return not wrong, ", ".join(wrong)


def _same(found: str, wanted: str) -> bool:
    return re.sub(r"(\.\d*?)0+\b", r"\1", found) == re.sub(r"(\.\d*?)0+\b", r"\1", wanted)


@dataclass
class Faithful(Evaluator[Line, Heard, None]):
    """Nothing is proposed or done that was not asked for; what was asked for is."""

    def evaluate(self, ctx: Judged) -> dict[str, bool | EvaluationReason]:
        wanted, found = ctx.inputs.expected.effect, ctx.output.effect
        return {
            "nothing_unasked": EvaluationReason(not found or _same(found, wanted), found),
            "nothing_missed": EvaluationReason(not wanted or bool(found), found),
        }


@dataclass
class Grounded(Evaluator[Line, Heard, None]):
    """Each figure of the answer is of a tool of this turn, or the person's own."""

    def evaluate(self, ctx: Judged) -> dict[str, bool | EvaluationReason]:
        turn, heard = ctx.output.turn, ctx.output
        own = [plainly(each.text).text for each in turn.history if each.role == "user"]
        own.append(plainly(turn.message.text).text)
        loose = unsupported(
            _EXAMPLE.sub(" ", heard.text),
            (s.data for s in heard.answered.sources),
            [turn.message.text, *own],
        )
        return {"grounded": EvaluationReason(not loose, ", ".join(loose))}


@dataclass
class Toned(Evaluator[Line, Heard, None]):
    """Answered, with the answer first, as a person would: no canned phrase, no emoji."""

    longest: int = 6000

    def evaluate(self, ctx: Judged) -> dict[str, bool | EvaluationReason]:
        text = ctx.output.text
        first = text.split("\n\n", 1)[0]
        flaws = [
            name
            for name, flawed in (
                ("empty", not text.strip()),
                ("left out", LEFT_OUT in text),
                ("emoji", _EMOJI.search(text) is not None),
                ("canned", _CANNED.search(text) is not None),
                (f"{len(text)} characters", len(text) > self.longest),
                (f"begins with {len(first)} characters", len(first) > _FIRST),
            )
            if flawed
        ]
        return {"tone": EvaluationReason(not flaws, ", ".join(flaws))}


_FIRST = 700
