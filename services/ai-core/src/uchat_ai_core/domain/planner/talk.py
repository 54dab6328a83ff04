"""Answers that need no figure: greetings, what this is, what it can do, what a term means."""

# ruff: noqa: E501 - sentences are read whole
from collections.abc import Sequence
from typing import Final

from uchat_ai_core.domain.planner import memory
from uchat_ai_core.domain.planner.asks import Ask, Understanding
from uchat_ai_core.domain.planner.forgetting import kept
from uchat_ai_core.domain.planner.glossary import definition
from uchat_ai_core.domain.planner.nearest import nearest
from uchat_ai_core.domain.planner.normalise import normalise
from uchat_ai_core.domain.planner.prices import price_line
from uchat_ai_core.domain.planner.replies import Reply, Result, quotes_of
from uchat_ai_core.domain.planner.words import listed, quoted
from uchat_ai_core.domain.turn import Said

_CAN: Final = (
    "show your portfolio, positions, profit, orders and trades; spread an amount over coins (“I have "
    "$5000 to invest”); prepare orders for your approval (“buy 0.01 BTC”, “sell half my ETH”, “set a "
    "stop loss for my BTC at …”, “rebalance my portfolio”); quote and compare coins; tell your mode and "
    "stop everything (“which mode am I in?”, “stop all trading”); and remember what you tell me on any "
    "interface"
)
_FIXED: Final[dict[Ask, Reply]] = {
    Ask.HOW_ARE_YOU: Reply(
        "All well here, thank you. What would you like to know?", f"I can {_CAN}."
    ),
    Ask.THANKS: Reply("You are welcome."),
    Ask.GOODBYE: Reply("Goodbye. This conversation goes on wherever you open it next."),
    Ask.IDENTITY: Reply(
        "I am the assistant of Unified Chat: one conversation about trading that you can continue on "
        "every interface.",
        "This answer is from the rule-based planner, a program without a language model: it understands "
        "a limited set of questions, takes every figure from a tool and says so when it does not know.",
    ),
    Ask.CAPABILITIES: Reply(
        "I show your account, plan and propose trades that you approve yourself, and remember what you "
        "tell me, in one conversation over all interfaces.",
        f"I can {_CAN}. Not possible here yet: news, forecasts and testing strategies.",
    ),
    Ask.MODES: Reply(
        "I answer in one of four modes: trading, quick, analysis and support. You trade in one of four too: manual, assisted, autonomous and emergency.",
        "Quick answers in a sentence or two, which is the default on Telegram and in the widget; the "
        "others add the details. Your client can choose one per message or for the conversation. How you trade you choose on the web, under Settings, or with /trading on Telegram; ask “which mode am I in?”. In assisted mode you approve every trade, in autonomous mode a mandate may, in emergency mode nothing is bought.",
    ),
}


def fixed_reply(ask: Ask) -> Reply:
    """Return the answer to a question that always has the same one."""
    return _FIXED[ask]


def greeting(history: Sequence[Said]) -> Reply:
    """Greet, by name if it is known, and as one who returns if there was talk before."""
    names = [each.fact.value for each in kept(history) if each.fact.kind == memory.NAME]
    name = f", {names[-1]}" if names else ""
    if any(said.role == "user" for said in history):
        return Reply(f"Hello again{name}. What would you like to know?", f"I can {_CAN}.")
    return Reply(f"Hello{name}. I am your trading assistant; how can I help?", f"I can {_CAN}.")


def explanation(original: str, understood: Understanding, result: Result | None) -> Reply | None:
    """Explain a term or an asset that the message names, if it is known."""
    meaning = definition(normalise(original).text)
    quotes = quotes_of(result)
    if meaning and not understood.mentions.symbols:
        return Reply(meaning)
    if quotes:
        names = [f"{q.get('name') or q['symbol']} ({q['symbol']})" for q in quotes]
        kind = (
            "is a cryptocurrency that I can quote"
            if len(quotes) == 1
            else "are cryptocurrencies that I can quote"
        )
        return Reply(f"{listed(names)} {kind}. {meaning}".strip(), price_line(quotes))
    return Reply(meaning) if meaning else None


def unsure(original: str, understood: Understanding, result: Result | None) -> Reply:
    """Say what was understood of a message, and the nearest things that can be done."""
    names = [*understood.mentions.symbols, *understood.mentions.unlisted]
    amounts = [amount.written for amount in understood.amounts]
    asked = original.rstrip().endswith("?")
    kind = "a question" if asked else "a message"
    about = f" about {listed(names + amounts)}" if names or amounts else ""
    near = [f"“{each}”" for each in nearest(original)]
    summary = (
        f"I read {quoted(original)} as {kind}{about}, but the rule-based planner does not understand it. "
        f"Nearest to it you can say {listed(near, 'or')}."
    )
    more: list[str] = []
    quotes = quotes_of(result)
    if quotes:
        more.append(price_line(quotes))
    if amounts and names:
        more.append(f"Ask “how much {names[0]} would {amounts[0]} buy?” to convert.")
    more.append("“What can you do?” tells all.")
    return Reply(summary, " ".join(more))
