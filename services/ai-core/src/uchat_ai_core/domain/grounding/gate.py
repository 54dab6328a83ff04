"""Let an answer through as it streams: nothing is told before it is checked."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from uchat_ai_core.domain.grounding.lexicon import SUSPECT
from uchat_ai_core.domain.grounding.numbers import NUMBER_WORDS

UNAVAILABLE: Final = "[not available]"
_END: Final = re.compile(r"[.!?…][\"'”’)\]*_]*(?=\s)|\n")  # noqa: RUF001 - quotation marks of print
_MARKS: Final = re.compile(
    r"(?<![^\W\d_])\d|[$€£%<>\[\]@|`]|[A-Z]{2}|[a-z][A-Z]|://|[\w,;:(] [\"“'*_(]*[A-Z]|\w_\w"
    r"|[A-Z][-.][A-Z]|[@#]\w|\wfold\b|\w\.[a-z]|[\w+/]{20}|[^\x00-\u024f\u2000-\u20ff]"
)
_WORD: Final = re.compile(r"[^\W\d_][\w'’]*")  # noqa: RUF001 - an apostrophe of print
_HELD_WORDS: Final = SUSPECT | NUMBER_WORDS - {"one", "two"}
_LONGEST_SENTENCE: Final = 1500
_TAIL: Final = 80

Judge = Callable[[str], tuple[str, ...]]


class UngroundedError(Exception):
    """A sentence claims what nothing in the turn supports. `found` are the claims."""

    def __init__(self, found: tuple[str, ...], sentence: str) -> None:
        super().__init__("An answer claims what nothing supports")
        self.found = found
        self.sentence = sentence


@dataclass(slots=True)
class Gate:
    """Holds back a stream until what it says is checked.

    Words that can claim nothing pass at once; from the first that might, a sentence is held until
    it ends. With `removing` a sentence that fails is left out, else it raises `UngroundedError`.
    `may_begin` tells whether the end of a text could be the start of what must not be told.
    """

    judge: Judge
    may_begin: Callable[[str], bool] = lambda _: False
    removing: bool = False
    removed: list[str] = field(default_factory=list[str])
    _shown: str = ""
    _held: str = ""
    _suspect: bool = False

    def feed(self, text: str) -> str:
        """Take more text and return what may be told now.

        Raises:
            UngroundedError: a sentence failed.
        """
        self._held += text
        told: list[str] = []
        while (end := _END.search(self._held)) is not None:
            sentence, self._held = self._held[: end.end()], self._held[end.end() :]
            told.append(self._close(sentence))
        if not self._suspect:
            cut = max(self._held.rfind(" "), self._held.rfind("\t")) + 1
            words = self._held[:cut]
            if words and not self._might_claim(words):
                self._shown += words
                self._held = self._held[cut:]
                told.append(words)
        if len(self._held) > _LONGEST_SENTENCE:
            told.append(self.end())
        return "".join(told)

    def end(self) -> str:
        """Return what is left to be told: the text is over.

        Raises:
            UngroundedError: the last sentence failed.
        """
        rest, self._held = self._held, ""
        return self._close(rest) if rest or self._shown else ""

    def _close(self, rest: str) -> str:
        sentence = self._shown + rest
        shown, self._shown, self._suspect = self._shown, "", False
        if not sentence.strip():
            return rest
        found = self.judge(sentence)
        if not found:
            return rest
        if not self.removing:
            raise UngroundedError(found, sentence)
        self.removed += found
        ending = "\n" if rest.endswith("\n") else ""
        return f"{UNAVAILABLE}.{ending}" if shown.strip() else ending

    def _might_claim(self, words: str) -> bool:
        seen = f"{self._shown[-_TAIL:]}{words}"
        self._suspect = (
            _MARKS.search(seen) is not None
            or any(word.lower() in _HELD_WORDS for word in _WORD.findall(words))
            or self.may_begin(seen)
        )
        return self._suspect
