"""Around every request: a trace, one log line, safe headers, and bodies within bounds.

Plain ASGI, so that streams pass through unbuffered.
"""

import asyncio
import json
import re
import time
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from uchat_gateway.doors import problems
from uchat_platform import telemetry
from uchat_platform.logging import get_logger, hashed

if TYPE_CHECKING:
    from uchat_gateway.ports.access import Principal

MAX_BODY = 64 * 1024
_MAX_DISCARDED = 1024 * 1024
_DISCARD_S = 1.0
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_HSTS = "max-age=31536000; includeSubDomains"
_PROBES = frozenset({"/livez", "/readyz", "/metrics", "/api/v1/unified-chat/health"})
# Every way to write NUL or a surrogate in JSON; whether it is a lone one, a parser has to say.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_log = get_logger("uchat_gateway.access")


class Edge:
    """Outermost: traces, logs and secures every answer; a fault of ours becomes a plain 500."""

    def __init__(self, app: ASGIApp, *, hsts: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if hsts:
            self._headers["Strict-Transport-Security"] = _HSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0
        scope.setdefault("state", {})
        with telemetry.span(
            scope["method"],
            kind=SpanKind.SERVER,
            context=telemetry.extract(Headers(scope=scope)),
        ) as span:
            trace_id = f"{span.get_span_context().trace_id:032x}"

            async def send_secured(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    headers = MutableHeaders(scope=message)
                    for name, value in self._headers.items():
                        headers.setdefault(name, value)
                    headers["X-Request-Id"] = trace_id
                await send(message)

            try:
                await self._app(scope, receive, send_secured)
            except Exception:
                _log.exception("request_crashed", method=scope["method"], route=_route(scope))
                if status:
                    raise
                await problems.internal_error()(scope, receive, send_secured)
            span.update_name(f"{scope['method']} {_route(scope)}")
            span.set_attribute("http.response.status_code", status)
            _write_access_line(scope, status, time.perf_counter() - started)


def _route(scope: Scope) -> str:
    # The template, never the path that was asked for: a path may hold anything.
    templates: dict[object, str] = scope["app"].state.templates if "app" in scope else {}
    return templates.get(scope.get("endpoint"), "-")


def _write_access_line(scope: Scope, status: int, seconds: float) -> None:
    principal: Principal | None = scope["state"].get("principal")
    fields: dict[str, object] = {
        "method": scope["method"],
        "route": _route(scope),
        "status": status,
        "processing_time": round(seconds * 1000, 1),  # milliseconds, as everywhere
    }
    if principal is not None:
        fields["user_id"] = hashed(principal.actor.person_id)
        fields["interface_type"] = principal.actor.interface
    session_id = scope.get("path_params", {}).get("session_id")
    if session_id:
        fields["session_id"] = session_id
    write = _log.debug if scope["path"] in _PROBES else _log.info
    write("http_request", **fields)


class BodyGuard:
    """Reads the body up to 64 KiB before anybody else does, and refuses text that is none.

    NUL and lone surrogates are valid in JSON but neither in Postgres nor in UTF-8, so that they are
    refused here once instead of failing somewhere below.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = _check_target(scope) or _check_length(scope)
        body = b""
        reads = scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if refusal is None and reads:
            body, refusal = await _read(receive)
            refusal = refusal or _check_body(body)
        elif reads and _length(scope) <= _MAX_DISCARDED:
            await _discard(receive)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        handed_over = False

        async def replay() -> Message:
            nonlocal handed_over
            if handed_over:
                return await receive()
            handed_over = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay if reads else receive, send)


async def _read(receive: Receive) -> tuple[bytes, Response | None]:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"", problems.problem_response(400, "invalid_request", "The body ended early")
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            if message.get("more_body", False):
                await _discard(receive)
            return b"", _too_large()
        if not message.get("more_body", False):
            return bytes(body), None


async def _discard(receive: Receive) -> None:
    """Read a body that is refused unread, within bounds: who still writes does not read answers.

    A proxy, above all, whose writing fails tells its client of a bad gateway instead.
    """
    left = _MAX_DISCARDED
    with suppress(TimeoutError):
        async with asyncio.timeout(_DISCARD_S):
            while left > 0:
                message = await receive()
                if not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))


def _check_length(scope: Scope) -> Response | None:
    return _too_large() if _length(scope) > MAX_BODY else None


def _length(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _too_large() -> Response:
    response = problems.problem_response(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "payload_too_large",
        f"A body may have {MAX_BODY} bytes at most",
    )
    # Not all of the body may have been read, so the connection cannot be used again.
    response.headers["Connection"] = "close"
    return response


def _check_target(scope: Scope) -> Response | None:
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass")
    for part in (raw_path, scope.get("query_string", b"")):
        try:
            text = unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            return _invalid_text("address")
        if "\x00" in text:
            return _invalid_text("address")
    return None


def _check_body(body: bytes) -> Response | None:
    try:
        body.decode()
    except UnicodeDecodeError:
        return _invalid_text("body")
    if b"\x00" in body:
        return _invalid_text("body")
    if _SUSPECT.search(body) is None:
        return None
    try:
        # JSON again without escapes: surrogates that make a pair have become one character.
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return _invalid_text("body")
    except (ValueError, RecursionError):
        return None  # not JSON at all: the route says so
    return _invalid_text("body") if _holds_nul(body) else None


def _holds_nul(body: bytes) -> bool:
    return "\\u0000" in json.dumps(json.loads(body)).replace("\\\\", "")


def _invalid_text(where: str) -> Response:
    return problems.problem_response(
        400, "invalid_text", f"The {where} holds NUL or characters that are not Unicode"
    )
