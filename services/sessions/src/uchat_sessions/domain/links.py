"""Outside identities of a person, and how they come and go."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

LINK_CHANGED: Final = "link.changed"
ACCOUNT: Final = "account"
"""The provider of the gateway's own accounts: not an interface that could be linked."""

CODE_UNKNOWN: Final = "code_unknown"
CODE_EXPIRED: Final = "code_expired"
_CODE_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a person can be told something outside of the web."""

    provider: str
    external_id: str
    may_approve: bool


@dataclass(frozen=True, slots=True)
class Claimant:
    """An outside identity that asks to be linked."""

    provider: str
    external_id: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Code:
    """What is kept of a code, and how many seconds what it stands for lasts."""

    digest: bytes
    life_s: int


def new_code() -> str:
    """Return a code of 256 bits that fits a URL."""
    return secrets.token_urlsafe(_CODE_BYTES)


def code_hash(code: str) -> bytes:
    """Return what is kept of a code."""
    return hashlib.sha256(code.encode()).digest()


def new_match_number() -> str:
    """Return two digits that both sides show, so that a person sees that they belong together."""
    return f"{secrets.randbelow(90) + 10}"
