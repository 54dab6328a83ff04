"""The letters of a word as people type them on other keyboards."""

import unicodedata


def bare(text: str) -> str:
    """Return a text without accents and ß, as people type it on other keyboards."""
    decomposed = unicodedata.normalize("NFD", text.replace("ß", "ss"))
    return unicodedata.normalize(
        "NFC", "".join(each for each in decomposed if not unicodedata.combining(each))
    )
