"""Accounts and sign-ins: what they are and what makes a good password."""

import re
from dataclasses import dataclass
from datetime import datetime

MIN_PASSWORD = 8
MAX_PASSWORD = 256
MAX_EMAIL = 254
# Whether an address exists is found out by writing to it, not by its spelling.
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@.\x00-\x1f\x7f]+(\.[^\s@.\x00-\x1f\x7f]+)+")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in. A guest has neither e-mail nor password."""

    account_id: str
    person_id: str
    email: str | None
    full_name: str
    role: str
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in hands out. `expires_in`: seconds until the access token ends."""

    access_token: str
    refresh_token: str
    expires_in: int
    account: Account


def is_email(text: str) -> bool:
    """Tell whether the text looks like an e-mail address."""
    return len(text) <= MAX_EMAIL and _EMAIL.fullmatch(text) is not None


def masked(account: Account) -> str:
    """Return the account as others may see it: enough for its owner to recognise it."""
    return masked_email(account.email) if account.email is not None else "Guest"


def masked_email(email: str) -> str:
    """Return an e-mail address as others may see it."""
    local, _, host = email.partition("@")
    name, _, top = host.rpartition(".")
    return f"{local[:1]}…@{name[:1]}….{top}"


def email_key(email: str) -> str:
    """Return what makes an e-mail address unique: people mix upper and lower case."""
    return email.casefold()


def missing_in_password(password: str) -> list[str]:
    """Return what a password lacks; an empty list: it is good enough."""
    rules = {
        f"at least {MIN_PASSWORD} characters": len(password) >= MIN_PASSWORD,
        f"at most {MAX_PASSWORD} characters": len(password) <= MAX_PASSWORD,
        "an upper-case letter": any(c.isupper() for c in password),
        "a lower-case letter": any(c.islower() for c in password),
        "a digit": any(c.isdigit() for c in password),
    }
    return [rule for rule, kept in rules.items() if not kept]
