"""On which account a sentence wants something done: "on binance", "with real money", "on paper"."""

# ruff: noqa: E501 - a pattern is read as one line
import re
from dataclasses import dataclass
from typing import Final

from uchat_contracts.trading import PAPER, VENUE_NAMES, venue_name

LIVE: Final = "live"
"""The account with real money, whichever it is: the one that the person has connected."""
_ELSEWHERE: Final = (
    "bitfinex", "bitmex", "bitpanda", "bitstamp", "deribit", "gemini", "htx", "huobi",
    "hyperliquid", "robinhood", "uniswap",
)  # fmt: skip
"""Exchanges that nobody reaches from here: whoever names one does not mean the account on paper."""
_NAMES: Final = "|".join((*VENUE_NAMES, *_ELSEWHERE))
# "gate" alone is a word of its own.
_ALONE: Final = "|".join(each for each in VENUE_NAMES if each != "gate")
_AT: Final = (
    r"(?:[,:]\s*|\b(?:and|but|only|please)\s+)?\b(?:on|at|via|through|over|using|with|from)\s+"
)
_IN: Final = r"(?:[,:]\s*|\b(?:and|but|only|please)\s+)?\b(?:on|at|via|through|over|using|with|from|in|into|for)\s+"
_MY: Final = r"(?:(?:my|the|an?|our|own)\s+)*"
_ACCOUNT: Final = r"(?:\s+(?:spot|trading|exchange|live|real))*\s+(?:accounts?|wallet|exchange)"
_COIN: Final = r"(?!\s+(?:coins?|smart|chain|usd))"
_VENUES: Final = (
    re.compile(
        rf"{_AT}{_MY}(?:(?:live|real)\s+)?(?P<venue>{_NAMES})(?:\.(?:com|io))?(?:{_ACCOUNT})?\b{_COIN}\s*,?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_IN}{_MY}(?:(?:live|real)\s+)?(?P<venue>{_NAMES}){_ACCOUNT}\b\s*,?", re.IGNORECASE
    ),
    # What is owned there: "my binance portfolio".
    re.compile(
        rf"(?<=\bmy )(?:(?:live|real)\s+)?(?P<venue>{_NAMES})\s+(?=(?:portfolio|holdings|balance|positions?|orders?|trades|account|cash|coins)\b)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:^|\s)\(?(?P<venue>{_ALONE})\)?(?=\s*[.!?]*$)", re.IGNORECASE),
)
_REAL: Final = (
    re.compile(rf"{_IN}{_MY}(?:live|real|actual|exchange|connected)(?:\s+(?:trading|exchange|money))?\s+(?:accounts?|exchange|trading|money|cash|funds|venue)\b\s*,?", re.IGNORECASE),
    re.compile(rf"{_IN}{_MY}real[- ](?:money|cash|funds|dollars|usdt)\b\s*,?", re.IGNORECASE),
    re.compile(r"(?<=\bmy )(?:live|real)\s+(?=(?:portfolio|holdings|balance|positions?|orders?|trades|cash|coins)\b)", re.IGNORECASE),
    re.compile(r"(?:^|\s)\(?live\)?(?=\s*[.!?]*$)", re.IGNORECASE),
)  # fmt: skip
_ON_PAPER: Final = (
    re.compile(
        rf"{_IN}{_MY}(?:paper|demo|practi[cs]e|simulated|simulation|virtual|play|fake|test)(?:[- ](?:trading|money))?(?:\s+(?:accounts?|money|trading|exchange|funds|cash))?\b\s*,?",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<=\bmy )(?:paper|demo|simulated)\s+(?=(?:portfolio|holdings|balance|positions?|orders?|trades|cash|coins)\b)",
        re.IGNORECASE,
    ),
    re.compile(r"(?:^|\s)\(?paper\)?(?=\s*[.!?]*$)", re.IGNORECASE),
)
_FOR_REAL: Final = re.compile(r"\bfor real\b(?!\s+(?:money|cash))", re.IGNORECASE)
_HINT: Final = re.compile(
    rf"{_NAMES}|live|real|actual|exchange|connected|paper|demo|practi|simulat|virtual|play|fake|test",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence without its account, and the account.

    `account`: an exchange's name, `live`, `paper`, or empty: none was named. `flaw`: why it is not
    clear which one is meant; nothing is guessed then.
    """

    rest: str
    account: str = ""
    flaw: str = ""

    @property
    def is_live(self) -> bool:
        """Tell whether real money is meant."""
        return self.account not in ("", PAPER)


def without_account(text: str) -> Place:
    """Return a sentence without the account that it names, and that account."""
    if _HINT.search(text) is None:
        return Place(text)
    rest, accounts = text, set[str]()
    for kind, patterns in (("", _VENUES), (LIVE, _REAL), (PAPER, _ON_PAPER)):
        for pattern in patterns:
            accounts |= {
                match.groupdict().get("venue", "").lower() or kind
                for match in pattern.finditer(rest)
            }
            rest = pattern.sub(" ", rest)
    if LIVE in accounts and not accounts & {PAPER}:
        # "On my live account at Binance" is one account.
        accounts = accounts - {LIVE} or {LIVE}
    rest = _FOR_REAL.sub(" ", rest)
    if len(accounts) > 1 or (not accounts and _FOR_REAL.search(text) is not None):
        return Place(rest, "", _ONE)
    return Place(" ".join(rest.split()), accounts.pop()) if accounts else Place(text)


def on(account: str) -> str:
    """Return how an order is put on an account, as ` on binance`; empty: no account is named."""
    return f" on {_SAID.get(account, account)}" if account else ""


def shown(account: str) -> str:
    """Return an account as an answer names it."""
    return "your live account" if account == LIVE else venue_name(account)


_SAID: Final = {LIVE: "my live account", PAPER: "paper"}
_ONE: Final = "An order is for one account, and I do not choose it: say “on paper”, or name the exchange, as “on Binance”."
