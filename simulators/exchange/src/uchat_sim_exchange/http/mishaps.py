"""Makes faults happen to a request: before it is understood, or after it was carried out."""

import asyncio

from starlette.responses import HTMLResponse, Response, StreamingResponse

from uchat_sim_exchange.errors import ExchangeError, banned, timed_out
from uchat_sim_exchange.faults import Fault

_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><h1>502 Bad Gateway</h1></html>"


async def before(fault: Fault | None, now_ms: int) -> Response | None:
    """Return what is answered instead, if nothing is done at all; None: the request goes on.

    Raises:
        ExchangeError: what the fault says.
    """
    if fault is None:
        return None
    match fault.kind:
        case "lost":
            await asyncio.sleep(fault.ms / 1000)
            raise timed_out()
        case "hang":
            await asyncio.sleep(fault.ms / 1000)
            return _cut()
        case "http_429":
            wait = {"Retry-After": str(-(-fault.ms // 1000))}
            raise ExchangeError(-1003, "Too many requests.", 429, wait)
        case "http_418":
            raise banned(now_ms + fault.ms, -(-fault.ms // 1000))
        case "not_found":
            raise ExchangeError(-2013, "Order does not exist.")
        case _:
            return _at_once(fault.kind)


async def after(fault: Fault | None, response: Response) -> Response:
    """Return what is answered after the request was carried out.

    Raises:
        ExchangeError: what the fault says.
    """
    if fault is None:
        return response
    match fault.kind:
        case "accept_then_timeout":
            await asyncio.sleep(fault.ms / 1000)
            raise timed_out()
        case "accept_then_hang":
            await asyncio.sleep(fault.ms / 1000)
            return _cut()
        case "slow_answer":
            await asyncio.sleep(fault.ms / 1000)
            return response
        case "accept_then_garbage":
            return Response(b'{"orderId": 12', media_type="application/json")
        case kind if kind.startswith("accept_then_"):
            return _at_once(kind.removeprefix("accept_then_")) or response
        case _:
            return response


def _at_once(kind: str) -> Response | None:
    match kind:
        case "drop":
            return _cut()
        case "unknown_1007" | "1007":
            raise timed_out()
        case "http_500" | "500" | "503":
            text = "Unknown error, please check your request or try again later."
            raise ExchangeError(-1000, text, 500 if kind.endswith("500") else 503)
        case "http_503":
            raise ExchangeError(-1008, "Server is currently overloaded with other requests.", 503)
        case "html_502" | "502":
            return HTMLResponse(_BAD_GATEWAY, 502)
        case _:
            return None


# A body that is shorter than promised makes the server cut the connection.
def _cut() -> Response:
    return StreamingResponse(iter(list[bytes]()), headers={"Content-Length": "9"})
