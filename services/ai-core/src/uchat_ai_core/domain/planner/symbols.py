"""Find the assets that a message speaks of, by symbol, by name, and by what people mistype."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from uchat_ai_core.domain.planner.lexicon import FIATS, NOT_ASSETS, NOT_SOUGHT, ORDINARY, RARE
from uchat_ai_core.domain.planner.normalise import Phrase, edit_distance

ALIASES: Final[Mapping[str, str]] = {
    "bitcoin": "BTC", "btc": "BTC", "xbt": "BTC", "bitcoins": "BTC",
    "ethereum": "ETH", "ether": "ETH", "eth": "ETH",
    "solana": "SOL", "sol": "SOL", "bnb": "BNB", "binance coin": "BNB",
    "xrp": "XRP", "ripple": "XRP", "cardano": "ADA", "ada": "ADA",
    "dogecoin": "DOGE", "doge": "DOGE", "avalanche": "AVAX", "avax": "AVAX",
    "polkadot": "DOT", "dot": "DOT", "chainlink": "LINK", "link": "LINK",
    "litecoin": "LTC", "ltc": "LTC", "bitcoin cash": "BCH", "bch": "BCH",
    "bit coin": "BTC", "lite coin": "LTC", "doge coin": "DOGE",
    "tron": "TRX", "trx": "TRX", "polygon": "POL", "matic": "POL", "pol": "POL",
    "cosmos": "ATOM", "atom": "ATOM", "uniswap": "UNI", "uni": "UNI",
    "stellar": "XLM", "xlm": "XLM", "lumens": "XLM", "near protocol": "NEAR", "near": "NEAR",
    "aptos": "APT", "apt": "APT", "arbitrum": "ARB", "arb": "ARB",
    "optimism": "OP", "op": "OP", "filecoin": "FIL", "fil": "FIL",
    "aave": "AAVE", "sui": "SUI",
}  # fmt: skip
"""Names that people use. Whether an asset is listed is for the tool to say."""

# The longest first, so that "bitcoin cash" is no bitcoin.
_NAMES: Final = tuple(
    (name, re.compile(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])"))
    for name in sorted(ALIASES, key=len, reverse=True)
)
_SYMBOLS: Final = frozenset(ALIASES.values())

ELSEWHERE: Final[Mapping[str, str]] = {
    "monero": "XMR", "xmr": "XMR", "pepe": "PEPE", "shiba": "SHIB", "shib": "SHIB",
    "toncoin": "TON", "hedera": "HBAR",
    "algorand": "ALGO", "tezos": "XTZ", "vechain": "VET", "zcash": "ZEC",
    "kaspa": "KAS", "dogwifhat": "WIF", "bonk": "BONK", "hyperliquid": "HYPE",
}  # fmt: skip
"""Assets that people ask for by name and that are often not listed."""

# Ordinary words too: they name an asset only in capitals, with $, or where a price is asked.
_CAPITALS: Final = re.compile(r"(?<![\w$])(\$?)([A-Z]{2,6})(?![\w])")
_DOLLARED: Final = re.compile(r"\$([A-Za-z]{2,6})\b")
# Long words in capitals name an asset only after a number or "of": "10 DOGECOINX".
_COUNTED: Final = re.compile(r"(?:\d|\b(?:of|into))\s?\$?([A-Z][A-Z0-9]{6,11})\b")
_AFTER_PRICE: Final = re.compile(
    r"\b(?:price|prices|quote|quotes|worth|value)\s+(?:of|for|on)\s+(?:the\s+|a\s+|one\s+)?([a-z0-9]{2,12})\b"
)
_AS_ASSET: Final = re.compile(
    r"\b(?:on|of|for|about|in|my|is|and|or|vs|buy|sell|analy[sz]e|bucks|dollars) (link|near)\b"
    r"(?! (?:my|the|a|an|to|code|telegram|it|\d))"
)
_FUZZY: Final = tuple(sorted(name for name in ALIASES if name.isalpha() and len(name) >= 5))  # noqa: PLR2004
_TWO_EDITS_FROM: Final = 8


@dataclass(frozen=True, slots=True)
class Mentions:
    """Assets in the order they are named, each once; `guessed` are mended typing errors.

    `unlisted` may name assets that nobody here knows by that name.
    """

    symbols: tuple[str, ...]
    guessed: Mapping[str, str]
    unlisted: tuple[str, ...]


def find_symbols(phrase: Phrase, *, price_asked: bool, of_market: bool = False) -> Mentions:
    """Return the assets that a message names.

    `price_asked`: the message asks for a price, so that ordinary words as "near" name assets too.
    `of_market`: it speaks of markets, so that rarer ones as "sol" do.
    """
    found: dict[str, int] = {}
    guessed: dict[str, str] = {}
    shouting = phrase.original.isupper()
    unlisted = _in_capitals(phrase.original, found, shouting=shouting)
    text = phrase.text
    for name, pattern in _NAMES:
        if name not in text or (
            name in ORDINARY and not (price_asked or (of_market and name in RARE))
        ):
            continue
        match = pattern.search(text)
        if match is None:
            continue
        found.setdefault(ALIASES[name], match.start())
        text = text.replace(name, " " * len(name))
    for word in re.finditer(r"[a-z][a-z0-9]{4,}", text):
        name = _nearest_name(word.group())
        if name is None and any(_extends(word.group(), each) for each in _FUZZY):
            unlisted.append(word.group().upper())
        elif name is not None and ALIASES[name] not in found:
            found[ALIASES[name]] = word.start()
            guessed[word.group()] = name
    words = text.split()
    unlisted += [symbol for name, symbol in ELSEWHERE.items() if name in words]
    for match in _AS_ASSET.finditer(phrase.text):
        found.setdefault(ALIASES[match.group(1)], match.start(1))
    for match in _AFTER_PRICE.finditer(phrase.text):
        word = match.group(1)
        if (
            word not in guessed
            and word not in ALIASES
            and word not in NOT_SOUGHT | FIATS
            and not word.isdigit()
        ):
            unlisted.append(word.upper())
    symbols = tuple(sorted(found, key=found.__getitem__))
    return Mentions(symbols, guessed, tuple(dict.fromkeys(unlisted)))


def _in_capitals(original: str, found: dict[str, int], *, shouting: bool) -> list[str]:
    unlisted: list[str] = []
    marked = [(match.start(), match.group(1).upper()) for match in _DOLLARED.finditer(original)]
    capitals = [
        (match.start(), match.group(2))
        for match in _CAPITALS.finditer(original)
        if not shouting or match.group(2) in _SYMBOLS - {word.upper() for word in ORDINARY}
    ]
    counted = [
        (match.start(1), match.group(1)) for match in _COUNTED.finditer(original) if not shouting
    ]
    for start, word in sorted(marked + capitals + counted):
        symbol = ALIASES.get(word.lower(), word)
        if symbol in _SYMBOLS:
            found.setdefault(symbol, start)
        elif word not in NOT_ASSETS and word.lower() not in FIATS:
            unlisted.append(word)
    return unlisted


@lru_cache(maxsize=8192)
def _nearest_name(word: str) -> str | None:
    if word in NOT_SOUGHT or word in ALIASES:
        return None
    for name in _FUZZY:
        if _extends(word, name):
            continue
        allowed = 2 if len(name) >= _TWO_EDITS_FROM else 1
        if name[0] == word[0] and 0 < edit_distance(word, name, allowed) <= allowed:
            return None if _is_plain_word(word, name) else name
    return None


def _extends(word: str, name: str) -> bool:
    """Tell whether a word is a name and more: another coin's; a letter struck twice is no more."""
    rest = word.removeprefix(name)
    return rest != word and rest.strip(name[-1]) not in ("", "s")


def _is_plain_word(word: str, name: str) -> bool:
    """Words of English that lie one edit from a name."""
    return (word, name) in {
        ("strong", "tron"), ("throne", "tron"), ("either", "ether"), ("other", "ether"),
        ("triple", "ripple"), ("cosmo", "cosmos"), ("ripples", "ripple"), ("ripped", "ripple"),
    }  # fmt: skip
