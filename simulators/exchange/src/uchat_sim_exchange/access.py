"""Who asks: API key, HMAC-SHA256 signature, timestamp and recvWindow.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl

from uchat_sim_exchange.domain.accounts import Account, Key
from uchat_sim_exchange.errors import (
    ExchangeError,
    ahead_of_server,
    illegal,
    may_not,
    missing,
    outside_window,
)
from uchat_sim_exchange.ledger import Ledger

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")
_DEFAULT_WINDOW_MS: Final = 5000
_MAX_WINDOW_MS: Final = 60_000
_AHEAD_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which a request is valid, Unix milliseconds."""

    timestamp: int
    width_ms: int

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Self:
        """Read it from the parameters.

        Raises:
            ExchangeError: -1102, -1100 or -1131.
        """
        timestamp = number(params, "timestamp")
        width = number(params, "recvWindow", _DEFAULT_WINDOW_MS)
        if not 0 < width <= _MAX_WINDOW_MS:
            raise ExchangeError(-1131, "recvWindow must be less than 60000.")
        return cls(timestamp, width)

    def check(self, now_ms: int) -> None:
        """Check that the request is valid now; asked at arrival and again before matching.

        Raises:
            ExchangeError: -1021.
        """
        if self.timestamp >= now_ms + _AHEAD_MS:
            raise ahead_of_server()
        if now_ms - self.timestamp > self.width_ms:
            raise outside_window()


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature was right."""

    account: Account
    key: Key
    params: Mapping[str, str]
    window: Window


def authenticate(ledger: Ledger, api_key: str, query: str, body: str) -> Signed:
    """Return who asks and for what. The signature covers query and body, one after the other.

    Raises:
        ExchangeError: -2014, -2015, -1102, -1022 and what `Window.of` raises; not -1021, the window
            is the caller's to check.
    """
    params = parameters(query, body)
    key = _known(ledger, api_key)
    check_signature(key, params, _unsigned(query) + _unsigned(body))
    return Signed(ledger.accounts[key.account], key, params, Window.of(params))


def authenticate_sorted(ledger: Ledger, params: Mapping[str, str]) -> Signed:
    """Return who asks over a WebSocket: there the parameters are signed in alphabetical order.

    Raises:
        ExchangeError: as `authenticate`.
    """
    key = _known(ledger, params.get("apiKey", ""))
    signed = "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature")
    check_signature(key, params, signed)
    return Signed(ledger.accounts[key.account], key, params, Window.of(params))


def check_signature(key: Key, params: Mapping[str, str], payload: str) -> None:
    """Check the HMAC-SHA256 of a payload.

    Raises:
        ExchangeError: -1102 or -1022.
    """
    if not params.get("signature"):
        raise missing("signature")
    expected = hmac.digest(key.secret.encode(), payload.encode(), hashlib.sha256).hex()
    if not hmac.compare_digest(expected.encode(), params["signature"].lower().encode()):
        raise ExchangeError(-1022, "Signature for this request is not valid.")


def parameters(query: str, body: str = "") -> dict[str, str]:
    """Return the parameters of query and body; the query wins."""
    return {
        **dict(parse_qsl(body, keep_blank_values=True)),
        **dict(parse_qsl(query, keep_blank_values=True)),
    }


def number(params: Mapping[str, str], name: str, default: int | None = None) -> int:
    """Return a whole number from the parameters.

    Raises:
        ExchangeError: -1102 without one and without a default, -1100 if it is none.
    """
    value = params.get(name, "")
    if not value:
        if default is None:
            raise missing(name)
        return default
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise illegal(name, "^[0-9]{1,20}$")
    return int(value)


def _known(ledger: Ledger, api_key: str) -> Key:
    if not _KEY.fullmatch(api_key):
        raise ExchangeError(-2014, "API-key format invalid.", 401)
    key = ledger.keys.get(api_key)
    if key is None:
        raise may_not()
    return key


def _unsigned(part: str) -> str:
    return "&".join(piece for piece in part.split("&") if not piece.startswith("signature="))
