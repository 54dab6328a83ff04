"""Find amounts of money, units of assets and percentages that nothing in the turn has said.

Another way to look than the guard's own, which is what is judged.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any, Final

from uchat_ai_core.domain.planner.symbols import ALIASES

_UNITS: Final = "|".join(sorted(set(ALIASES.values()), key=len, reverse=True))
_FIGURE: Final = re.compile(
    r"[$€£]\s?\d[\d,]*(?:\.\d+)?"
    r"|\d[\d,]*(?:\.\d+)?\s?(?:%|(?:USDT|USDC|USD|EUR|GBP|dollars|euros)\b)"
    rf"|\d[\d,]*(?:\.\d+)?\s?(?-i:(?:{_UNITS})\b)",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_ROUNDINGS: Final = (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN)


def unsupported(answer: str, tool_results: Iterable[Any], conversation: Iterable[str]) -> list[str]:
    """Return the figures of an answer that neither a tool returned nor the person named.

    A figure counts as supported if it is a rounding of one that is.
    """
    figures = list(dict.fromkeys(match.group().strip() for match in _FIGURE.finditer(answer)))
    if not figures:
        return []
    known: set[str] = set()
    for text in (*conversation, *(str(result) for result in tool_results)):
        known.update(match.group().replace(",", "") for match in _NUMBER.finditer(text))
    wholes = {_plain(number) for number in known}
    exact = [(float(number), number) for number in known if "." in number]
    return [figure for figure in figures if not _is_supported(figure, wholes, exact)]


def _is_supported(figure: str, wholes: set[str], exact: list[tuple[float, str]]) -> bool:
    match = _NUMBER.search(figure)
    if match is None:
        return True
    shown = match.group().replace(",", "")
    if _plain(shown) in wholes:
        return True
    step = Decimal(1).scaleb(-len(shown.partition(".")[2]))
    value, wanted = float(shown), Decimal(shown)
    near = (number for about, number in exact if abs(about - value) <= step)
    return any(Decimal(n).quantize(step, r) == wanted for n in near for r in _ROUNDINGS)


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
