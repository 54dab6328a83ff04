"""Orders that are put right in the same breath: "buy 1 ETH, sorry, make that 2"."""

import re
from collections.abc import Sequence
from typing import Final

from uchat_ai_core.domain.planner.order_tokens import Token, tokens

_SIZES: Final = frozenset("MNH")
_SIDES: Final = frozenset("BSC")
_GOES_ON: Final = frozenset("BSCMNHAGFYI@")
_MARK: Final = re.compile(
    r"(?:[\s,.;:!-]+(?:no|nah|nope|oops|sorry|wait|scratch that|correction|actually|i meant?|"
    r"make (?:that|it)|(?:or )?rather|h[ao]ng on|hold on|just|not [$]?\w+)\b)+(?:[\s,.;:!-]+)",
    re.IGNORECASE,
)
_WEAK: Final = re.compile(r"[\W_]*(?:just|not \S+)[\W_]*", re.IGNORECASE)


def corrected(text: str) -> str:
    """Return an order with what its writer puts right in it; other texts as they are."""
    mark = _MARK.search(text)
    if mark is None or not mark.start() or _WEAK.fullmatch(mark.group()):
        return text
    before, after = text[: mark.start()], text[mark.end() :]
    said, put = tokens(before), _run(tokens(after))
    if not put or not _SIZES.union("A").intersection(each.code for each in put):
        return text
    rest = after[put[-1].end :].lstrip(" ,.;")
    figure = next((after[each.start : each.end] for each in put if each.code in _SIZES), "")
    if figure:  # said once more: "actually 126 …, 126"
        rest = re.sub(rf"[\s,.;]+{re.escape(figure)}(?![\w.,]*\w)", "", rest)
    fresh = _anew(before, said, after, put)
    return f"{fresh}. {rest}".rstrip(" .") if fresh else text


def _run(found: Sequence[Token]) -> list[Token]:
    """Return the words of an order with which a text begins."""
    run: list[Token] = []
    for token in found:
        if token.code not in _GOES_ON:
            break
        run.append(token)
    while run and run[-1].code in "GFYI@":
        run.pop()
    return run


def _anew(before: str, said: Sequence[Token], after: str, put: Sequence[Token]) -> str:
    sides = [each for each in said if each.code in _SIDES]
    codes = {each.code for each in put}
    whole = after[put[0].start : put[-1].end]
    if codes & _SIDES and codes & _SIZES:
        return f"{before[: sides[0].start]}{whole}" if sides else ""
    sizes = {each.value or each.said: each for each in put if each.code in _SIZES}
    names = {each.said: each for each in put if each.code == "A"}
    named = [each for each in said if each.code == "A"]
    old = _replaced(said, list(sizes.values()))
    if len(sizes) > 1 or len(names) > 1 or len({each.said for each in named}) > 1:
        return ""
    if (sizes and old is None) or codes & _SIDES:
        return ""
    if old is not None and names and not named:
        return f"{before[: old.start]}{whole}{before[old.end :]}"
    changes = [(each, next(iter(names))) for each in named if names]
    if old is not None:
        new = next(iter(sizes.values()))
        changes.append((old, after[new.start : new.end]))
    for token, words in sorted(changes, key=lambda pair: -pair[0].start):
        before = f"{before[: token.start]}{words}{before[token.end :]}"
    return before if changes else ""


def _replaced(said: Sequence[Token], new: Sequence[Token]) -> Token | None:
    """Return the figure that a new one stands for: the only one, or the one that is near to it."""
    figures = [each for each in said if each.code in _SIZES]
    if len(figures) <= 1 or not new:
        return figures[0] if figures and new else None
    value = new[0].value
    near = [
        each
        for each in figures
        if value is not None and each.value is not None and each.value / 2 < value < each.value * 2
    ]
    alike = near or [each for each in figures if each.code == new[0].code]
    return alike[0] if len(alike) == 1 else None
