"""What may be added to a limit order: never taking, or only what is filled at once."""

import re
from dataclasses import dataclass
from typing import Final

from uchat_contracts.trading import TimeInForce

_LEAD: Final = r"(?:,\s*|\b(?:as|and|but|with|only)\s+)*(?:\ban?\s+)?"
_POST_ONLY: Final = re.compile(
    _LEAD + r"(?:\bpost[ -]only|\bmaker[ -]only|\b(?:only )?as (?:a )?maker)\b(?: orders?\b)?",
    re.IGNORECASE,
)


def _kept(words: str) -> re.Pattern[str]:
    return re.compile(f"{_LEAD}(?:{words})(?: orders?\\b)?", re.IGNORECASE)


_IN_FORCE: Final[tuple[tuple[TimeInForce, re.Pattern[str]], ...]] = (
    ("ioc", _kept(r"\bioc\b|\bimmediate[ -]or[ -]cancel\b")),
    ("fok", _kept(r"\bfok\b|\bfill[ -]or[ -]kill\b")),
    ("gtc", _kept(r"\bgtc\b|\bgood[ -](?:till?|until)[ -]cancell?ed\b")),
)


@dataclass(frozen=True, slots=True)
class Extras:
    """How long an order is good, and whether it may take. `flaw`: why it cannot be both."""

    time_in_force: TimeInForce = "gtc"
    post_only: bool = False
    flaw: str = ""

    @property
    def need_limit(self) -> bool:
        """Tell whether only a limit order can be so."""
        return self.post_only or self.time_in_force != "gtc"


def without_extras(text: str) -> tuple[str, Extras]:
    """Return a sentence without its extras, and the extras."""
    rest, taken = _POST_ONLY.subn(" ", text)
    kinds: list[TimeInForce] = []
    rests = bool(taken)
    for name, pattern in _IN_FORCE:
        rest, times = pattern.subn(" ", rest)
        if times and name == "gtc":
            rests = True
        elif times:
            kinds.append(name)
    flaw = ""
    if len(kinds) > 1 or (kinds and rests):
        flaw = (
            "An order is either post-only, immediate or cancel, or fill or kill, not two of them."
        )
    return rest, Extras(kinds[0] if kinds else "gtc", bool(taken), flaw)
