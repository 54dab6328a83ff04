"""A thin client of Binance's spot REST API: sign, send once, hand back what came.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security
"""

import hashlib
import hmac
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlencode

import aiohttp
import orjson

from uchat_execution.adapters.circuits import Breaker, Circuits
from uchat_platform.clock import Clock

_CONNECT_S: Final = 2.0
_READ_S: Final = 5.0
_QUERY_WINDOW_MS: Final = 5000
# Shorter than a server keeps an idle connection: an order never goes out on one that just ends.
_KEEP_ALIVE_S: Final = 30.0


class NoAnswerError(Exception):
    """No answer, or none that can be read; `sent` is False if nothing can have left this host."""

    def __init__(self, why: str, *, sent: bool = True) -> None:
        super().__init__(why)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key and its secret."""

    api_key: str
    secret: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the exchange answered: the HTTP status and the JSON body."""

    status: int
    body: Any
    retry_after_s: float | None = None

    @property
    def ok(self) -> bool:
        """Tell whether it is no refusal."""
        return self.status < 300  # noqa: PLR2004 - HTTP

    @property
    def code(self) -> int | None:
        """Return Binance's error code, as -2010, if the body has one."""
        value = self._said("code")
        return value if isinstance(value, int) else None

    @property
    def message(self) -> str:
        """Return Binance's words for an error, if the body has some."""
        value = self._said("msg")
        return value if isinstance(value, str) else ""

    def _said(self, name: str) -> object:
        return cast("dict[str, object]", self.body).get(name) if isinstance(self.body, dict) else ""


@dataclass(frozen=True, slots=True)
class BinanceApi:
    """Requests to one exchange. Nothing is ever sent twice.

    While one of its `circuits` is open, such requests fail at once as never sent.
    """

    session: aiohttp.ClientSession
    url: str
    clock: Clock
    circuits: Circuits | None = None

    async def public(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Ask what anybody may ask.

        Raises:
            NoAnswerError: nothing that can be read came within 5 seconds.
        """
        circuit = self.circuits and self.circuits.market
        return await self._through(circuit, "GET", path, urlencode(params or {}), {})

    async def post_json(self, path: str, body: Mapping[str, object]) -> Answer:
        """Send JSON: what the simulator has beside Binance's API.

        Raises:
            NoAnswerError: nothing that can be read came within 5 seconds.
        """
        headers = {"Content-Type": "application/json"}
        circuit = self.circuits and self.circuits.venue
        return await self._through(circuit, "POST", path, "", headers, data=orjson.dumps(body))

    async def signed(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        credentials: Credentials,
        *,
        signed_at: datetime | None = None,
        window_ms: int = _QUERY_WINDOW_MS,
        timeout_s: float = _READ_S,
    ) -> Answer:
        """Send a signed request, valid for `window_ms` from `signed_at` on (none: now).

        Raises:
            NoAnswerError: nothing that can be read came in time.
        """
        at = signed_at or self.clock.now()
        timing = {"recvWindow": str(window_ms), "timestamp": str(int(at.timestamp() * 1000))}
        query = urlencode({**params, **timing})
        signature = hmac.digest(credentials.secret.encode(), query.encode(), hashlib.sha256).hex()
        headers = {"X-MBX-APIKEY": credentials.api_key}
        whole = f"{query}&signature={signature}"
        circuit = self.circuits and self.circuits.venue
        return await self._through(circuit, method, path, whole, headers, timeout_s=timeout_s)

    async def _through(self, circuit: Breaker | None, *request: Any, **more: Any) -> Answer:
        if circuit is None:
            return await self._send(*request, **more)
        if not circuit.lets():
            raise NoAnswerError("it has not answered for a while", sent=False)
        ok: bool | None = None
        try:
            answer = await self._send(*request, **more)
            ok = answer.status < 500  # noqa: PLR2004 - HTTP
        except NoAnswerError:
            ok = False
            raise
        finally:
            circuit.done(ok=ok)
        return answer

    async def _send(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        *,
        timeout_s: float = _READ_S,
        data: bytes | None = None,
    ) -> Answer:
        target = f"{self.url}{path}?{query}" if query else f"{self.url}{path}"
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_S)
        try:
            async with self.session.request(
                method, target, headers=headers, data=data, timeout=timeout, allow_redirects=False
            ) as response:
                raw = await response.read()
        except aiohttp.ClientConnectorError as e:
            raise NoAnswerError("no connection", sent=False) from e
        except (aiohttp.ClientError, TimeoutError) as e:
            raise NoAnswerError(type(e).__name__) from e
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError as e:
            raise NoAnswerError(f"HTTP {response.status} without JSON") from e
        return Answer(response.status, body, _seconds(response.headers.get("Retry-After")))


@asynccontextmanager
async def binance_api(
    url: str, clock: Clock, circuits: Circuits | None = None
) -> AsyncGenerator[BinanceApi]:
    """Open the client of an exchange; nothing is asked yet, so it may be away."""
    connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=_KEEP_ALIVE_S)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield BinanceApi(session, url.rstrip("/"), clock, circuits)


def _seconds(value: str | None) -> float | None:
    return float(value) if value is not None and value.isdecimal() else None
