"""Read the cases: what a person writes, and what is to be understood, done and asked back.

A section names the intent of its lines. A line is

    text [>> text …] [| intent|intent] [=> slots]

Messages before the last `>>` were written earlier, on another interface. Slots are symbols (`BTC`),
amounts of dollars (`$500`), `?` (a question has to be asked back), and in braces what is to be
proposed or done, nothing else: `{buy BTC $200}`, `{sell ETH 50%}`, `{buy BTC 0.1 @60000}` (limit),
`<60000` or `>60000` (waits until it falls or rises), `;` between orders of one plan, or `{cancel}`,
`{cancel BTC}`, `{stop}`, `{liquidate}`, `{revoke}`, `{rebalance bold}`, `{invest 5000}`,
`{mode manual}`, `{within}`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "cases"
UNHEARD = ("held_out", "situations")
"""Files of hands that the grammar was not developed on."""
LANGUAGES = {"spanish": "es", "german": "de"}
_BY_LINE = frozenset({"spanish", "german", "refusal"})
_EFFECT = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case expects. `effect` is empty where nothing is to be proposed or done."""

    intents: frozenset[str]
    symbols: frozenset[str] = field(default_factory=frozenset)
    dollars: frozenset[str] = field(default_factory=frozenset)
    effect: str = ""
    asks_back: bool = False

    @property
    def has_slots(self) -> bool:
        """Tell whether there is anything to understand beside the intent."""
        return bool(self.symbols or self.dollars or self.effect or self.asks_back)


@dataclass(frozen=True, slots=True)
class Line:
    """A case: the messages of a person, the last of which is judged."""

    name: str
    section: str
    messages: tuple[str, ...]
    expected: Expected


def read(name: str) -> list[Line]:
    """Return the cases of a file: `developed`, or one of `UNHEARD`."""
    return list(_lines(name, (FOLDER / f"{name}.txt").read_text()))


def _lines(name: str, text: str) -> Iterator[Line]:
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        written, _, slots = line.partition(" => ")
        written, _, named = written.partition(" | ")
        intents = named.split("|") if named else [] if section in _BY_LINE else [section]
        if not intents:
            raise ValueError(f"{name}:{number}: a line of this section names its intent")
        messages = tuple(each.strip() for each in written.split(" >> "))
        yield Line(f"{name}:{number}", section, messages, _expected(intents, slots))


def _expected(intents: list[str], slots: str) -> Expected:
    effect = _EFFECT.search(slots)
    words = _EFFECT.sub(" ", slots).split()
    return Expected(
        frozenset(each.strip() for each in intents),
        frozenset(word for word in words if word[0] not in "$?"),
        frozenset(word[1:] for word in words if word.startswith("$")),
        effect.group(1).strip() if effect is not None else "",
        "?" in words,
    )
