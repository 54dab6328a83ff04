"""Forms of words that are made by rule: Spanish verbs with pronouns, numbers in words."""

import re
from collections.abc import Callable, Mapping
from typing import Final

_PRONOUNS: Final = {
    "me": "me", "nos": "us", "lo": "it", "la": "it", "los": "them", "las": "them", "melo": "me it",
    "mela": "me it", "melos": "me them", "melas": "me them", "te": "", "se": "",
}  # fmt: skip
_CLITIC: Final = re.compile(
    rf"([a-z]{{3,}}?[aeonr])({'|'.join(sorted(_PRONOUNS, key=len, reverse=True))})"
)


def spanish_form(word: str, table: Mapping[tuple[str, ...], str]) -> str:
    """Return a verb with pronouns (`vendelo`) in English, if the verb is known; else nothing."""
    match = _CLITIC.fullmatch(word)
    verb = table.get((match.group(1),), "") if match is not None else ""
    return f"{verb} {_PRONOUNS[match.group(2)]}".strip() if match is not None and verb else ""


_SPANISH: Final = dict(
    zip(
        re.findall(
            r"\w+",
            """
            dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
            dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres
            veinticuatro veinticinco
            """,
        ),
        range(2, 26),
        strict=True,
    )
) | dict(
    zip(
        ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa", "cien"],
        range(30, 101, 10),
        strict=True,
    )
) | {
    "ciento": 100, "doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500,
    "seiscientos": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
}  # fmt: skip
_FIFTHS: Final = re.compile(r"(?P<stem>\w+cient)as")


def spanish_number(words: list[str]) -> tuple[int, int]:
    """Return how many of the first words are a number, and the number; 0, 0 if they are none."""
    total, part, used = 0, 0, 0
    for place, word in enumerate(words):
        value = _SPANISH.get(_FIFTHS.sub(r"\g<stem>os", word))
        if value is not None:
            part += value
        elif word == "mil":
            total, part = total + (part or 1) * 1000, 0
        elif word == "y" and part and place + 1 < len(words) and words[place + 1] in _SPANISH:
            continue
        else:
            break
        used = place + 1
    return used, total + part


_GERMAN_ONES: Final = {
    "ein": 1, "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "fuenf": 5, "sechs": 6,
    "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwolf": 12, "zwoelf": 12,
    "dreizehn": 13, "vierzehn": 14, "funfzehn": 15, "fuenfzehn": 15, "sechzehn": 16,
    "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
}  # fmt: skip
_GERMAN_TENS: Final = {
    "zwanzig": 20, "dreissig": 30, "dreißig": 30, "vierzig": 40, "funfzig": 50, "fuenfzig": 50,
    "sechzig": 60, "siebzig": 70, "achtzig": 80, "neunzig": 90,
}  # fmt: skip
_ONE: Final = "|".join(sorted(_GERMAN_ONES, key=len, reverse=True))
_TEN: Final = "|".join(_GERMAN_TENS)
_BELOW: Final = rf"(?:(?:(?:{_ONE})und)?(?:{_TEN})|(?:{_ONE}))"
_GERMAN: Final = re.compile(
    rf"(?:(?:(?:{_ONE})?hundert)?{_BELOW}?tausend)?(?:(?:{_ONE})?hundert)?(?:{_BELOW})?"
)


def german_number(words: list[str]) -> tuple[int, int]:
    """Return 1 and the number that the first word is, as `zweihundertfunfzig`; 0, 0 if none."""
    word = words[0]
    match = _GERMAN.fullmatch(word)
    if not word or match is None or word in ("ein", "eins"):
        return 0, 0
    return 1, _german_value(word)


def _german_value(word: str) -> int:
    if "tausend" in word:
        before, _, after = word.partition("tausend")
        return (_german_value(before) or 1) * 1000 + _german_value(after)
    if "hundert" in word:
        before, _, after = word.partition("hundert")
        return (_german_value(before) or 1) * 100 + _german_value(after)
    if word in _GERMAN_ONES:
        return _GERMAN_ONES[word]
    ones, _, tens = word.rpartition("und")
    return _GERMAN_TENS.get(tens, 0) + _GERMAN_ONES.get(ones, 0)


NUMBERS: Final[Mapping[str, Callable[[list[str]], tuple[int, int]]]] = {
    "es": spanish_number,
    "de": german_number,
}
