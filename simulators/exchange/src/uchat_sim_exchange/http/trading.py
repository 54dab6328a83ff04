"""Signed routes that change something: orders and cancels. What they answer is on disk by then."""

import asyncio
import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from starlette.responses import Response
from starlette.routing import Route

from uchat_sim_exchange.access import Signed
from uchat_sim_exchange.domain.orders import Order
from uchat_sim_exchange.errors import ExchangeError
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.faults import Fault, On
from uchat_sim_exchange.http.answers import answer, cancelled_body, placed_body
from uchat_sim_exchange.http.asked import names, pair_of
from uchat_sim_exchange.http.door import Door, Handler
from uchat_sim_exchange.placing import place
from uchat_sim_exchange.tickets import read_ticket

_ACK: Final = "ACK"


@dataclass(frozen=True, slots=True)
class TradingRoutes:
    """What an account may do."""

    exchange: Exchange
    door: Door

    def routes(self) -> list[Route]:
        """Return the routes."""
        routes: tuple[tuple[str, str, On | None, Handler], ...] = (
            ("POST", "/order", "place", self.place),
            ("POST", "/order/test", None, self.test),
            ("DELETE", "/order", "cancel", self.cancel),
            ("DELETE", "/openOrders", "cancel", self.cancel_all),
        )
        return [
            Route(f"/api/v3{path}", self.door.signed(on, 1, handler, "trading"), methods=[method])
            for method, path, on, handler in routes
        ]

    async def place(self, signed: Signed, _fault: Fault | None) -> Response:
        """Accept an order and match it."""
        ticket = read_ticket(signed.params)
        order, trades = await place(self.exchange, signed.account, ticket)
        usual = "FULL" if ticket.type in ("MARKET", "LIMIT") else _ACK
        form = signed.params.get("newOrderRespType", usual)
        return answer(placed_body(order, trades, form))

    async def test(self, signed: Signed, _fault: Fault | None) -> Response:
        """Check an order without accepting it."""
        self.exchange.check(signed.account, read_ticket(signed.params))
        return answer({})

    async def cancel(self, signed: Signed, fault: Fault | None) -> Response:
        """Take one order out of the book."""
        account = signed.account
        number, client_order_id = names(signed, "origClientOrderId")
        order = self.exchange.open.find(account.api_key, pair_of(signed), number, client_order_id)
        if order is None:
            raise ExchangeError(-2011, "Unknown order sent.")
        return answer(self._cancel(signed, order, fault))

    async def cancel_all(self, signed: Signed, fault: Fault | None) -> Response:
        """Take all orders of a symbol out of the book."""
        orders = self.exchange.open.of(signed.account.api_key, pair_of(signed))
        if not orders:
            raise ExchangeError(-2011, "Unknown order sent.")
        return answer([self._cancel(signed, order, fault) for order in orders])

    def _cancel(self, signed: Signed, order: Order, fault: Fault | None) -> dict[str, object]:
        cancel_id = signed.params.get("newClientOrderId") or secrets.token_hex(11)
        cancelled = self.exchange.cancel(signed.account, order, cancel_id)
        body = cancelled_body(cancelled, cancel_id)
        if fault is not None and fault.kind == "late_fill":
            share = Decimal(repr(fault.share))
            loop = asyncio.get_running_loop()
            loop.call_later(fault.ms / 1000, self.exchange.fill_late, order, share)
        return body
