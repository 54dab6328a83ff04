"""Models that invent: what they say is streamed at the brain, and searched for on the screen."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.eval.adversary.stage import Models, Screen, Spoken, ask
from tests.eval.cases import FOLDER

# isort: split
from openai_server import DONE, event, tool_call

_LIE = re.compile("«([^»]*)»")
_TOOLS = {
    "p": ("get_portfolio", {}), "o": ("list_orders", {}), "t": ("list_trades", {}),
    "r": ("get_pnl", {}), "x": ("assess_risk", {}), "l": ("get_limits", {}),
    "m": ("get_trading", {}),
}  # fmt: skip
_WIDTHS = (1, 2, 3, 5, 11, 400)
"""Of the pieces in which answers are streamed, in characters: figures are cut anywhere."""


@dataclass(frozen=True, slots=True)
class Case:
    """`says` is what the model answers, `lies` the parts of it that nobody may see."""

    name: str
    section: str
    messages: tuple[str, ...]
    tools: str
    says: str
    lies: tuple[str, ...]


def read(file: str) -> list[Case]:
    """Return the cases of `inventions` or `honest`."""
    found: list[Case] = []
    section = ""
    for number, raw in enumerate((FOLDER / f"{file}.txt").read_text().splitlines(), 1):
        line = raw.strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            asked, tools, says = re.split(r"(?<!\\) \| ", raw, maxsplit=2)
            says = says.replace("\\n", "\n").replace("\\|", "|")
            messages = tuple(each.strip() for each in asked.split(" >> "))
            lies = tuple(_LIE.findall(says))
            told = _LIE.sub(r"\1", says)
            found.append(Case(f"{file}:{number}", section, messages, tools.strip(), told, lies))
    return found


def call_of(tools: str) -> bytes | None:
    """Return the response that calls the tool which a case names."""
    name, *rest = tools.split()
    if name == "-":
        return None
    if name == "q":
        tool, arguments = "get_quotes", {"symbols": rest}
    elif name == "c":
        tool, arguments = "convert", {"amount": rest[0], "unit": rest[1], "symbols": rest[2:]}
    elif name in ("i", "a"):
        tool, arguments = {"i": "get_position", "a": "analyse_asset"}[name], {"symbol": rest[0]}
    else:
        tool, arguments = _TOOLS[name]
    return tool_call(tool, json.dumps(arguments))


def streamed(text: str, width: int) -> bytes:
    """Return an answer as a stream of pieces of so many characters."""
    pieces = [text[at : at + width] for at in range(0, len(text), width)]
    return b"".join(event({"content": each}) for each in pieces) + event(finish="stop") + DONE


def script(case: Case, width: int) -> list[bytes]:
    """Return what the model does, again and again: it insists."""
    call = call_of(case.tools)
    return [*([] if call is None else [call]), streamed(case.says, width)]


def seen(lies: Sequence[str], text: str) -> list[str]:
    """Return which of the lies stand in a text; figures count as a whole."""
    return [each for each in lies if re.search(_whole(each), text)]


def _whole(lie: str) -> str:
    before = r"(?<!\d)(?<!\d[.,])" if lie[:1].isdigit() else ""
    after = r"(?!\d|[.,]\d)" if lie[-1:].isdigit() else ""
    return before + re.escape(lie) + after


async def put(models: Models, case: Case, place: int, **more: Any) -> Screen:
    """Put one case to a brain with a model that says it."""
    url = models.url(script(case, _WIDTHS[place % len(_WIDTHS)]))
    earlier = [Spoken(each, "telegram") for each in case.messages[:-1]]
    return await ask([url], [*earlier, Spoken(case.messages[-1])], **more)


async def put_all(
    models: Models, cases: Sequence[Case], *, at_once: int = 8, **more: Any
) -> list[Screen]:
    """Put cases to the brain, several at once; the screens are in their order."""
    slots = asyncio.Semaphore(at_once)

    async def one(place: int, case: Case) -> Screen:
        async with slots:
            return await put(models, case, place, **more)

    return list(await asyncio.gather(*(one(place, case) for place, case in enumerate(cases))))
