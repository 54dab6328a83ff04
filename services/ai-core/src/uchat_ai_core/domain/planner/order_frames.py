"""Take a message apart into what may be an order and what is said around it.

A segment, from one comma, full stop or "so" to the next, is of an order if each of its words is
known in one. Whatever else is said around it may be in any words, but must not ask, doubt, deny,
put off, or tell what somebody else says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from uchat_ai_core.domain.planner.order_tokens import Token
from uchat_ai_core.domain.planner.order_words import PURPOSES, STARTS, SUBJECTS, words

_CORE: Final = frozenset("BSCWPTZzAMNHVKI@XYEGiFQq&w")
_LINKS: Final = frozenset(",:-()&")
_ENDS: Final = frozenset(".!?;")
_SIZES: Final = frozenset("MNHVK")
_SIDES: Final = frozenset("BSCWPTZzq")
# Whatever is said before, these make all of it no order of its writer.
_NEVER: Final = words(
    """
    hypothetical hypothetically suppose supposing pretend imagine imagining kidding joking
    example forwarded fwd newsletter headline translate meaning poem song simulate
    simulation backtest calculate preview as_a_test_case
    """
)
_DOING: Final = words(
    """
    buy sell do do_it do_that do_this place execute yet sure anything touch act proceed trade
    trading
    """
)
_OPINION: Final = words(
    """
    think guess feel reckon believe suppose hope wish imagine
    """
)
_APART: Final = words(
    """
    what what's whats how how's hows show tell list compare which is are am does do did
    alert notify warn ping cancel stop rebalance analyse analyze give price
    """
)
_ASKS: Final = words(
    """
    how why what which who whose what's whats hows how's
    """
)
_AHEAD: Final = words(
    """
    tomorrow tonight later next_week next_month next_year next_monday next_friday monday tuesday
    wednesday thursday friday saturday sunday weekend christmas this_evening this_weekend
    """
)
_LEFT: Final = frozenset("BSAMN")
_LEFT_OF_ORDER: Final = frozenset("BSAMNHP")
_MEDIA: Final = frozenset(
    ["email", "emailed", "texted", "messaged", "shouted", "message", "letter", "dm"]
)
_IFS: Final = words(
    """
    if unless whether when should_i shall_i what_if maybe perhaps might should example
    """
)
_SUBJECTS: Final = words("i im i'm ive i've it's he she they we")
_AUXILIARIES: Final = words("can could may will would shall should where as since because")
_OF: Final = frozenset({"of", "for", "from", "with", "by"})
_DANGLING: Final = 3


@dataclass(frozen=True, slots=True)
class Segment:
    """Words between two marks. `before` and `after`: the marks; empty at the message's ends."""

    words: tuple[Token, ...]
    before: str
    after: str

    @property
    def codes(self) -> str:
        """Return the classes of the words."""
        return "".join(each.code for each in self.words)

    @property
    def is_core(self) -> bool:
        """Tell whether each word is one of an order."""
        return _CORE.issuperset(self.codes)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a segment stands to an order: in its sentence or a later one, and before it."""

    core: Segment
    same: bool
    before: bool
    brake: bool


def segments(found: Sequence[Token], *, apart: bool = True) -> list[Segment]:
    """Return a message in segments; `apart`: a run of words that is an order by itself is one."""
    cut: list[Segment] = []
    words: list[Token] = []
    before = ""
    for token in found:
        if not apart and token.said in _SUBJECTS and words and not _opens(words[0]):
            cut.append(Segment(tuple(words), before, " "))
            words, before = [], " "
        if token.code in _CORE or token.code in "DRntU":
            words.append(token)
            continue
        mark = token.said if token.code != "J" else f"J{token.said}"
        if words:
            cut.append(Segment(tuple(words), before, mark))
            words, before = [], mark
        else:
            before = mark if mark[:1] != "J" or not before else before + mark
    if words:
        cut.append(Segment(tuple(words), before, ""))
    return [part for each in cut for part in _parted(each)] if apart else cut


def _opens(word: Token) -> bool:
    """Tell whether a word begins a question or a condition, which goes on with "I"."""
    return word.code == "D" or word.said in _ASKS | _APART | _AUXILIARIES


def _parted(segment: Segment) -> list[Segment]:
    """Cut an order out of words that run on: "buy 0.1 btc pls my phone is dying"."""
    if segment.is_core:
        return [segment]
    words = segment.words
    for start, end in _runs(segment.codes):
        stop = _stop(words, start, end)
        if stop is None or not _complete(words[start:stop]):
            continue
        if start and not _asks(words[start:stop]):
            continue
        parts = (words[:start], words[start:stop], words[stop:])
        marks = [segment.before, " " if start else segment.before, " ", segment.after]
        if not parts[2]:
            marks[2] = segment.after
        return [
            Segment(part, marks[place], marks[place + 1])
            for place, part in enumerate(parts)
            if part
        ]
    return [segment]


def _asks(words: Sequence[Token]) -> bool:
    first = words[1] if words[0].code == "&" else words[0]
    return first.code in "Qq" or first.said.startswith("pl")


def _runs(codes: str) -> list[tuple[int, int]]:
    edges = [
        0,
        *(i for i in range(1, len(codes)) if (codes[i] in _CORE) != (codes[i - 1] in _CORE)),
        len(codes),
    ]
    return [(start, end) for start, end in pairwise(edges) if codes[start] in _CORE]


def _stop(words: Sequence[Token], start: int, end: int) -> int | None:
    """Where a run of an order's words ends, if something new begins behind it."""
    if end == len(words) or words[end].said in STARTS:
        return end
    if words[end].said == "before" and words[end + 1 : end + 2] and words[end + 1].code == "Y":
        return end  # "before it bounces"
    for place in range(end - 1, max(start, end - _DANGLING - 1), -1):
        if _begins(words, place, unknown=words[end].code == "U"):
            return place
    return None


def _begins(words: Sequence[Token], place: int, *, unknown: bool) -> bool:
    """Tell whether a person goes on to tell something here: "pls my phone …", "to pay …"."""
    before, said = words[place - 1], words[place].said.split("_")[0]
    if said in STARTS:
        return before.code != "I" and before.said not in _OF
    if said == "to":
        return words[place + 1].said in PURPOSES
    return (said == "for" and unknown) or (said == "the" and before.code == "F")


def _complete(words: Sequence[Token]) -> bool:
    codes = {each.code for each in words}
    return bool(codes & _SIDES) and "A" in codes and bool(codes & _SIZES or "C" in codes)


def groups(parts: Sequence[Segment]) -> list[tuple[int, int]]:
    """Return the rows of segments that may be an order together, the longest first."""
    rows: list[tuple[int, int]] = []
    start = 0
    while start < len(parts):
        if not parts[start].is_core:
            start += 1
            continue
        end = start + 1
        while end < len(parts) and parts[end].is_core and parts[end].before[:1] != " ":
            end += 1
        rows += _windows(parts, start, end)
        start = end
    return rows


def _windows(parts: Sequence[Segment], start: int, end: int) -> list[tuple[int, int]]:
    """All of a row within one sentence, all of it, and what is left of it bit by bit."""
    windows: list[tuple[int, int]] = []
    first = start
    for place in range(start + 1, end + 1):
        if place == end or is_end(parts[place].before):
            windows.append((first, place))
            first = place
    whole = [(start, end)] if len(windows) > 1 else []
    shorter = [(a, b) for a in range(start, end) for b in range(end, a, -1)]
    return [*windows, *whole, *(each for each in shorter if each not in windows)][:12]


def harmless(parts: Sequence[Segment], start: int, end: int, *, brake: bool = False) -> bool:
    """Tell whether what is said around an order leaves it one; a `brake` stands more."""
    asked = next((each.after for each in parts[end - 1 :] if is_end(each.after)), "")
    polite = any(each in "Qq" for part in parts[start:end] for each in part.codes)
    if asked[:1] == "?" and not polite:
        return False
    sentence = sentence_start(parts, start)
    return all(
        _quiet(part, _Place(parts[start], place >= sentence, place < start, brake))
        for place, part in enumerate(parts)
        if not start <= place < end
    )


def is_end(mark: str) -> bool:
    """Tell whether a mark ends a sentence."""
    return mark[:1] in _ENDS if mark else False


def span_of(text: str, parts: Sequence[Segment], start: int, end: int, said: str) -> str:
    """Return a message with its sentences from one segment to another said anew."""
    first = sentence_start(parts, start)
    while end < len(parts) and not is_end(parts[end].before):
        end += 1
    before = text[: parts[first].words[0].start] if first else ""
    after = text[parts[end].words[0].start :] if end < len(parts) else ""
    return f"{before}{said}. {after}".strip(" .")


def sentence_start(parts: Sequence[Segment], place: int) -> int:
    """Return the first segment of the sentence of this one."""
    while place and not is_end(parts[place].before):
        place -= 1
    return place


def _quiet(part: Segment, place: _Place) -> bool:
    codes, said = part.codes, [each.said for each in part.words]
    told = _NEVER.intersection(said) or said[0] in ("he", "she") or _led(part, place)
    if told or (place.same and _unread(part, said, brake=place.brake)):
        return False
    if place.brake and _MEDIA.intersection(said):
        codes = codes.replace("R", "U")
    if "R" in codes and (codes[-1] == "R" or not (place.before and _concludes(place.core))):
        return False
    if place.same and "n" in codes and _denies(codes, said, before=place.before):
        return False
    later = "t" in codes and not SUBJECTS.intersection(said) and "U" not in codes
    # "Before I go, …" tells when it was said; "tomorrow" when it is to be done.
    later = later and said != ["before"]
    later = later or (said[0] == "after" and bool(_AHEAD.intersection(said)))
    unsure = len(said) <= _DANGLING and _OPINION.intersection(said) and not place.brake
    return not (place.same and later) and not unsure


def _led(part: Segment, place: _Place) -> bool:
    """Tell whether a word or two announce what follows: "explain: …"."""
    announces = place.before and part.after == ":" and len(part.words) < _DANGLING
    return announces and not part.is_core


def _unread(part: Segment, said: Sequence[str], *, brake: bool) -> bool:
    """Tell whether a segment is another wish, doubts, or is a part of an order that is not read."""
    if part.is_core and (_LEFT if brake else _LEFT_OF_ORDER).intersection(part.codes):
        return True
    if brake:
        # "No orders should go through" is what a brake is for.
        return bool(_IFS.intersection(said)) and not ("n" in part.codes and "should" in said)
    return "D" in part.codes or said[0] in _APART or bool(_ASKS.intersection(said[:2]))


def _concludes(core: Segment) -> bool:
    """Tell whether an order follows from what somebody said as its writer's own: "…, so please"."""
    said = {each.said for each in core.words}
    return "Jso" in core.before and bool(said & {"please", "pls", "me", "my", "for_me"})


def _denies(codes: str, said: Sequence[str], *, before: bool) -> bool:
    if set(codes) <= set("nFGt"):
        # "No, buy 1 ETH" begins anew; "do not, please" denies.
        return not (before and said[0] in ("no", "nah", "nope"))
    last = codes.rindex("n")
    return last == len(codes) - 1 or bool(_DOING.intersection(said[last + 1 :]))
