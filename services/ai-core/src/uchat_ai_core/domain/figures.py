"""Find amounts of money and percentages in an answer that nothing in its turn has said."""

import re
from collections.abc import Iterable
from typing import Any, Final

_FIGURE: Final = re.compile(
    r"[$€£]\s?\d[\d,]*(?:\.\d+)?|\d[\d,]*(?:\.\d+)?\s?(?:%|USDT|USDC|USD|EUR|GBP|dollars|euros)",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")


def unsupported(answer: str, tool_results: Iterable[Any], conversation: Iterable[str]) -> list[str]:
    """Return the figures of an answer that neither a tool returned nor the person named.

    A figure counts as supported if it is a rounding of one that is.
    """
    figures = list(dict.fromkeys(match.group().strip() for match in _FIGURE.finditer(answer)))
    if not figures:
        return []
    known: set[str] = set()
    for text in (*conversation, *(str(result) for result in tool_results)):
        known.update(_plain(match.group()) for match in _NUMBER.finditer(text))
    return [figure for figure in figures if not _is_supported(figure, known)]


def _is_supported(figure: str, known: set[str]) -> bool:
    match = _NUMBER.search(figure)
    if match is None:
        return True
    number = _plain(match.group())
    return any(number == other or _rounds_to(other, number) for other in known)


def _rounds_to(exact: str, rounded: str) -> bool:
    decimals = len(rounded.partition(".")[2])
    return "." in exact and f"{float(exact):.{decimals}f}" == rounded


def _plain(number: str) -> str:
    plain = number.replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
