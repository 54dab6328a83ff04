"""Where a text would lead somebody: hosts, wallets, handles; and whether it asks for a secret."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from collections.abc import Iterator
from typing import Final

_TOP: Final = "com|net|org|io|xyz|app|finance|exchange|info|biz|co|ru|cn|top|site|online|live|pro|link|example|gg|ly|uk|us|eu|dev|cc|tv|shop|club|money|cash|trade|vip|win"
_ADDRESS: Final = re.compile(
    rf"\b(?:[a-z0-9-]+\.)+(?:{_TOP})\b(?:/\S*)?|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{{2,12}}/\S+"
    rf"|\bhxxps?\S*|\b[\w-]+\s?[\[(]\s?(?-i:\.|dot)\s?[\])]\s?\w+|\b[\w-]+ (?-i:dot) (?:{_TOP})\b"
    r"|\b[\w.+-]+@[\w-]+\.\w+|\B@[a-z]\w{3,}\b"
    r"|\b0x[0-9a-f]{8,}\b|\b(?:bc1|ltc1|addr1|cosmos1)[a-z0-9]{6,}\b|\b[13][1-9A-HJ-NP-Za-km-z]{25,34}\b",
    re.IGNORECASE,
)
_ENCODED: Final = re.compile(
    r"\b(?=[\w+/-]*\d)(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])[\w+/-]{20,}={0,2}"
)
_SIGNS: Final = re.compile(r"\.[a-zA-Z]|@|0x|hxxp|dot|[\[(]|1[a-zA-Z0-9]{6}|[\w+/-]{20}")
_ASKS_FOR_SECRET: Final = re.compile(
    r"\b(?:type|enter|send|share|give|provide|tell|paste|confirm|submit|reply with|write|need|gib|sende|nenne|envía|escribe|dime)\b[^.!?]{0,40}\b(?:seed|recovery phrase|secret phrase|mnemonic|private key|passwords?|passphrase|passwort|contraseña|one-time code|2fa code|totp|pin)\b",
    re.IGNORECASE,
)
_SECRET: Final = re.compile(
    r"seed|phrase|mnemonic|key|pass|contraseña|code|totp|\bpin\b", re.IGNORECASE
)
_WARNS: Final = re.compile(
    r"\b(?:never|not|nobody|don't|no one|nie|niemals|nunca|no)\b", re.IGNORECASE
)


def addresses(text: str) -> Iterator[str]:
    """Yield what a text names that leads elsewhere, or that only a machine reads."""
    if _SIGNS.search(text) is None:
        return
    for pattern in (_ADDRESS, _ENCODED):
        for match in pattern.finditer(text):
            yield match.group()


def asks_for_secret(text: str) -> bool:
    """Tell whether a sentence asks the person for what nobody may ask them for."""
    return (
        _SECRET.search(text) is not None
        and _ASKS_FOR_SECRET.search(text) is not None
        and _WARNS.search(text) is None
    )
