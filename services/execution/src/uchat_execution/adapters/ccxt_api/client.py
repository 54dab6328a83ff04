"""One exchange as ccxt speaks it: requests that are sent once, and what came back.

ccxt's classes of errors do not tell what became of an order (a rate limit is a network error
there, a taken id is an invalid order), so refusals keep the status and the body of the answer.
"""

import asyncio
import importlib
import socket
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import localcontext
from typing import Any, Final

import aiohttp
import orjson
from ccxt.base import errors as ccxt_errors
from ccxt.base.decimal_to_precision import decimal_to_precision

from uchat_execution.adapters.binance_api import Answer, NoAnswerError
from uchat_execution.domain.venues import Credentials, Traits

READ_S: Final = 10.0
"""How long a question may take. Placing has a time of its own."""
_CEILING_MS: Final = 90_000  # longer than the longest window of an order and the engine's time
_RATE_LIMITED: Final = frozenset({418, 429})
_TOO_MANY_ORDERS: Final = -1015
"""Binance counts orders by account, and everything else by address."""
_REST_S: Final = 60.0
_ACCOUNTS: Final = 64
_UNREFUSED: Final = 300
_UNAUTHORISED: Final = 401


class RefusedError(Exception):
    """The exchange answered with a refusal."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}, code {answer.code}")
        self.answer = answer

    @property
    def key_refused(self) -> bool:
        """Tell whether it is the key that is refused."""
        return self.answer.status == _UNAUTHORISED


class RestingError(Exception):
    """Nothing is sent for so many seconds: of this address, or no order of this account."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds:.0f} s")
        self.seconds = seconds


class KeyRefusedError(Exception):
    """ccxt says so of an exchange that tells it otherwise than by HTTP's 401."""


def _speaking(venue: str) -> type[Any]:
    """Return ccxt's class of an exchange that keeps refusals as they came."""
    base: type[Any] = getattr(importlib.import_module(f"ccxt.async_support.{venue}"), venue)

    def handle_errors(self: Any, code: int, reason: str, url: str, method: str, *more: Any) -> Any:
        headers, body, response = more[:3]
        if code >= _UNREFUSED:
            raise RefusedError(_answer(code, headers, body))
        if response is None:
            raise NoAnswerError(f"HTTP {code} without JSON")
        return base.handle_errors(self, code, reason, url, method, *more)

    def init(self: Any, config: dict[str, Any]) -> None:
        base.__init__(self, config)
        self.decimal_to_precision = _rounded_apart

    # The session is ours to close: ccxt would complain of each client that is let go.
    changed = {"__init__": init, "handle_errors": handle_errors, "__del__": lambda _self: None}
    return type(f"Speaking{venue.title()}", (base,), changed)


def _rounded_apart(*number: Any, **how: Any) -> str:
    """Round as ccxt does, which leaves its way of rounding behind for everybody."""
    with localcontext():
        return decimal_to_precision(*number, **how)


def _answer(code: int, headers: Mapping[str, str], body: str) -> Answer:
    try:
        said: Any = orjson.loads(body)
    except orjson.JSONDecodeError as e:
        raise NoAnswerError(f"HTTP {code} without JSON") from e
    after = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return Answer(code, said, float(after) if after.isdecimal() else None)


@dataclass(slots=True)
class CcxtClient:
    """ccxt's clients of one exchange: one for what is public, one for each key (64 at most)."""

    traits: Traits
    session: aiohttp.ClientSession
    url: str | None = None
    public: Any = field(init=False)
    _class: type[Any] = field(init=False)
    _keyed: OrderedDict[Credentials, Any] = field(
        default_factory=OrderedDict[Credentials, Any], init=False
    )
    _rests_until: float = field(default=0.0, init=False)
    _orders_rest: dict[Credentials, float] = field(
        default_factory=dict[Credentials, float], init=False
    )

    def __post_init__(self) -> None:
        self._class = _speaking(self.traits.venue)
        self.public = self._class(self._config())

    async def told_time(self) -> Answer:
        """Ask for the exchange's time, and answer as Binance's `/api/v3/time` does.

        Raises:
            NoAnswerError: it did not tell.
        """
        try:
            async with self.asking():
                return Answer(200, {"serverTime": await self.public.fetch_time()})
        except RefusedError as e:
            return e.answer
        except (RestingError, KeyRefusedError) as e:
            raise NoAnswerError(str(e)) from e

    def keyed(self, credentials: Credentials) -> Any:
        """Return the client that signs with a key; it shares what is known of the markets."""
        held = self._keyed.pop(credentials, None)
        if held is None or held.markets is not self.public.markets:
            held = self._class(
                {
                    **self._config(),
                    "apiKey": credentials.api_key,
                    "secret": credentials.secret,
                    "password": credentials.passphrase,
                }
            )
            if self.public.markets:
                held.set_markets(self.public.markets, self.public.currencies)
                held.markets = self.public.markets
        self._keyed[credentials] = held
        if len(self._keyed) > _ACCOUNTS:
            self._keyed.popitem(last=False)
        return held

    @asynccontextmanager
    async def asking(
        self, timeout_s: float = READ_S, *, placing: Credentials | None = None
    ) -> AsyncGenerator[None]:
        """Ask the exchange within the block; what goes wrong comes out as one of four.

        `placing`: whose order is sent. Where one account has sent too many, only it has to wait.

        Raises:
            RefusedError: it refused.
            RestingError: nothing was sent, it has told to wait.
            NoAnswerError: nothing that can be read came in time.
            KeyRefusedError: ccxt knows the answer to mean that the key is refused.
        """
        loop = asyncio.get_running_loop()
        until = self._orders_rest.get(placing, 0.0) if placing else 0.0
        rest = max(self._rests_until, until) - loop.time()
        if rest > 0:
            raise RestingError(rest)
        try:
            async with asyncio.timeout(timeout_s):
                yield
        except RefusedError as e:
            if e.answer.status in _RATE_LIMITED:
                self._rest(e.answer, placing, loop.time())
            raise
        except TimeoutError as e:
            raise NoAnswerError("TimeoutError") from e
        except ccxt_errors.AuthenticationError as e:
            raise KeyRefusedError(type(e).__name__) from e
        except ccxt_errors.BaseError as e:
            # Its text has the whole address in it: a signature is nothing for a log.
            unsent = isinstance(e.__cause__, (aiohttp.ClientConnectorError, socket.gaierror))
            raise NoAnswerError(type(e).__name__, sent=not unsent) from e

    def _rest(self, answer: Answer, placing: Credentials | None, now: float) -> None:
        until = now + (answer.retry_after_s or _REST_S)
        if placing is None or answer.code != _TOO_MANY_ORDERS:
            # What was under way when a ban was told must not end it.
            self._rests_until = max(self._rests_until, until)
            return
        resting = {key: end for key, end in self._orders_rest.items() if end > now}
        self._orders_rest = resting | {placing: max(until, resting.get(placing, until))}

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = {
            "session": self.session,
            "enableRateLimit": True,
            "timeout": _CEILING_MS,
            "number": str,
            "options": {
                "defaultType": "spot",
                "maxRetriesOnFailure": 0,
                "fetchMarkets": {"types": ["spot"]},
                "fetchMargins": False,
                "fetchCurrencies": False,
                "adjustForTimeDifference": False,
                "warnOnFetchOpenOrdersWithoutSymbol": False,
            },
        }
        if self.url is not None:
            paths = {"public": "api/v3", "private": "api/v3", "v1": "api/v1", "sapi": "sapi/v1"}
            api = {name: f"{self.url.rstrip('/')}/{path}" for name, path in paths.items()}
            config["urls"] = {"api": api}
        return config
