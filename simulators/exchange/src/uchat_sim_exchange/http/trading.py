"""Signed routes: orders, trades, the account. What they answer is on disk by then."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from uchat_sim_exchange.access import Signed, authenticate, number
from uchat_sim_exchange.domain.instruments import BY_PAIR
from uchat_sim_exchange.domain.orders import Order
from uchat_sim_exchange.errors import ExchangeError, missing, unknown_symbol
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.faults import Fault, Faults, On
from uchat_sim_exchange.history import History
from uchat_sim_exchange.http.answers import (
    answer,
    cancelled_body,
    order_body,
    placed_body,
    text,
    trade_body,
)
from uchat_sim_exchange.tickets import read_ticket

_MAX_PAGE: Final = 1000
_DEFAULT_PAGE: Final = 500

_Handler = Callable[[Signed], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class TradingRoutes:
    """What an account may ask about itself."""

    exchange: Exchange
    history: History
    faults: Faults

    def routes(self) -> list[Route]:
        """Return the routes."""
        routes: tuple[tuple[str, str, On | None, _Handler], ...] = (
            ("POST", "/order", "place", self.place),
            ("POST", "/order/test", None, self.test),
            ("GET", "/order", "query", self.order),
            ("DELETE", "/order", "cancel", self.cancel),
            ("GET", "/openOrders", "query", self.open_orders),
            ("DELETE", "/openOrders", "cancel", self.cancel_all),
            ("GET", "/allOrders", "query", self.all_orders),
            ("GET", "/myTrades", "query", self.my_trades),
            ("GET", "/account", "query", self.account),
        )
        return [
            Route(f"/api/v3{path}", self._signed(on, handler), methods=[method])
            for method, path, on, handler in routes
        ]

    async def place(self, signed: Signed) -> Response:
        """Match an order."""
        ticket = read_ticket(signed.params)
        order, trades = self.exchange.place(signed.account, ticket)
        form = signed.params.get("newOrderRespType", "FULL")
        return answer(placed_body(order, trades, form))

    async def test(self, signed: Signed) -> Response:
        """Check an order without matching it."""
        self.exchange.check(signed.account, read_ticket(signed.params))
        return answer({})

    async def order(self, signed: Signed) -> Response:
        """Answer one order, by number or by the client's id."""
        order = await self.history.order(
            signed.account.api_key, _pair(signed), *_names(signed, "origClientOrderId")
        )
        if order is None:
            raise ExchangeError(-2013, "Order does not exist.")
        return answer(order_body(order))

    async def cancel(self, signed: Signed) -> Response:
        """Take one order out of the book."""
        names = _names(signed, "origClientOrderId")
        order = self.exchange.find_open(signed.account, _pair(signed), *names)
        if order is None:
            raise ExchangeError(-2011, "Unknown order sent.")
        return answer(cancelled_body(self.exchange.cancel(signed.account, order)))

    async def cancel_all(self, signed: Signed) -> Response:
        """Take all orders of a symbol out of the book."""
        orders = self.exchange.open_orders(signed.account, _pair(signed))
        if not orders:
            raise ExchangeError(-2011, "Unknown order sent.")
        cancelled = [self.exchange.cancel(signed.account, order) for order in orders]
        return answer([cancelled_body(order) for order in cancelled])

    async def open_orders(self, signed: Signed) -> Response:
        """Answer what rests in the book."""
        pair = _pair(signed) if signed.params.get("symbol") else None
        return _orders(self.exchange.open_orders(signed.account, pair))

    async def all_orders(self, signed: Signed) -> Response:
        """Answer orders of a symbol: from a number on, or from a time on, or the latest."""
        return _orders(
            await self.history.orders(
                signed.account.api_key,
                _pair(signed),
                from_id=_optional(signed, "orderId"),
                since_ms=_optional(signed, "startTime"),
                until_ms=_optional(signed, "endTime"),
                limit=_limit(signed),
            )
        )

    async def my_trades(self, signed: Signed) -> Response:
        """Answer trades of a symbol: of an order, from an id on, from a time on, or the latest."""
        trades = await self.history.trades(
            signed.account.api_key,
            _pair(signed),
            order_id=_optional(signed, "orderId"),
            from_id=_optional(signed, "fromId"),
            since_ms=_optional(signed, "startTime"),
            until_ms=_optional(signed, "endTime"),
            limit=_limit(signed),
        )
        return answer([trade_body(trade) for trade in trades])

    async def account(self, signed: Signed) -> Response:
        """Answer the balances and the commission in basis points."""
        balances = [
            {"asset": asset, "free": text(balance.free), "locked": text(balance.locked)}
            for asset, balance in sorted(signed.account.balances.items())
        ]
        return answer(
            {
                "makerCommission": 10,
                "takerCommission": 10,
                "buyerCommission": 0,
                "sellerCommission": 0,
                "canTrade": True,
                "canWithdraw": False,
                "canDeposit": False,
                "accountType": "SPOT",
                "updateTime": self.exchange.market.now_ms(),
                "balances": balances,
                "permissions": ["SPOT"],
            }
        )

    def _signed(self, on: On | None, handler: _Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            fault = self.faults.next(on) if on else None
            instead = await _before(fault)
            if instead is not None:
                return instead
            body = (await request.body()).decode("latin-1")
            signed = authenticate(
                self.exchange.accounts,
                request.headers.get("x-mbx-apikey", ""),
                request.url.query,
                body,
                self.exchange.market.now_ms(),
            )
            if fault is not None and fault.kind == "delay_ms":
                await asyncio.sleep(fault.ms / 1000)
            # Asked again right before matching, as Binance does: a late order is no order.
            signed.window.check(self.exchange.market.now_ms())
            response = await handler(signed)
            await self.exchange.journal.settled()
            return await _after(fault, response)

        return endpoint


async def _before(fault: Fault | None) -> Response | None:
    match fault.kind if fault else None:
        case "lost":
            await asyncio.sleep(fault.ms / 1000 if fault else 0)
            raise _timed_out()
        case "http_503":
            raise ExchangeError(-1008, "Server is currently overloaded with other requests.", 503)
        case "http_429":
            raise ExchangeError(-1003, "Too many requests.", 429, {"Retry-After": "1"})
        case "not_found":
            raise ExchangeError(-2013, "Order does not exist.")
        case "html_502":
            return HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", 502)
        case _:
            return None


async def _after(fault: Fault | None, response: Response) -> Response:
    match fault.kind if fault else None:
        case "accept_then_timeout":
            await asyncio.sleep(fault.ms / 1000 if fault else 0)
            raise _timed_out()
        case "accept_then_503":
            text = "Unknown error, please check your request or try again later."
            raise ExchangeError(-1000, text, 503)
        case "accept_then_garbage":
            return Response(b'{"orderId": 12', media_type="application/json")
        case "accept_then_drop":
            # A body that is shorter than promised makes the server cut the connection.
            return StreamingResponse(iter(list[bytes]()), headers={"Content-Length": "9"})
        case _:
            return response


def _timed_out() -> ExchangeError:
    text = "Timeout waiting for response from backend server. Send status unknown."
    return ExchangeError(-1007, text, 408)


def _orders(orders: list[Order]) -> Response:
    return answer([order_body(order) for order in orders])


def _pair(signed: Signed) -> str:
    pair = signed.params.get("symbol", "")
    if not pair:
        raise missing("symbol")
    if pair not in BY_PAIR:
        raise unknown_symbol()
    return pair


def _names(signed: Signed, client_name: str) -> tuple[int | None, str | None]:
    order_id = _optional(signed, "orderId")
    client_order_id = signed.params.get(client_name) or None
    if order_id is None and client_order_id is None:
        raise missing("orderId")
    return order_id, client_order_id


def _optional(signed: Signed, name: str) -> int | None:
    return number(signed.params, name) if signed.params.get(name) else None


def _limit(signed: Signed) -> int:
    return max(1, min(number(signed.params, "limit", _DEFAULT_PAGE), _MAX_PAGE))
