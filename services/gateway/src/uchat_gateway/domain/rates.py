"""How often something may be done, as settings write it."""

import re
from dataclasses import dataclass
from typing import Final

_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_RATE: Final = re.compile(r"\s*([0-9]{1,9})\s*(?:/|per)\s*([0-9]{1,6})?\s*([a-z]+?)s?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times, `amount`, within a window of `span_s` seconds."""

    amount: int
    span_s: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read a rate: `120/minute`, `10 per 5 minutes`.

        Raises:
            ValueError: it is none, or of nothing.
        """
        found = _RATE.fullmatch(text.lower())
        amount, spans, unit = found.groups() if found else ("0", None, "")
        rate = cls(int(amount), int(spans or 1) * _SECONDS.get(unit, 0))
        if not rate.amount or not rate.span_s:
            wanted = "'120/minute' or '10 per 5 minutes'"
            raise ValueError(f"Expected a rate as {wanted}, found {text!r}")
        return rate

    def __str__(self) -> str:
        """Return it as a person reads it."""
        unit, seconds = next(
            (unit, seconds)
            for unit, seconds in reversed(_SECONDS.items())
            if not self.span_s % seconds
        )
        spans = self.span_s // seconds
        return f"{self.amount} per {unit}" if spans == 1 else f"{self.amount} per {spans} {unit}s"
