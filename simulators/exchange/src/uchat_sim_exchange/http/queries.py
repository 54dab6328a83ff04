"""Signed routes that only ask: orders, trades, the account."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from uchat_sim_exchange.access import Signed
from uchat_sim_exchange.domain.orders import Order
from uchat_sim_exchange.errors import ExchangeError
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.faults import Fault
from uchat_sim_exchange.http.answers import account_body, answer, order_body, trade_body
from uchat_sim_exchange.http.asked import limit_of, names, optional, pair_of
from uchat_sim_exchange.http.door import Door, Handler
from uchat_sim_exchange.views import Views


@dataclass(frozen=True, slots=True)
class QueryRoutes:
    """What an account may ask about itself."""

    exchange: Exchange
    views: Views
    door: Door

    def routes(self) -> list[Route]:
        """Return the routes."""
        routes: tuple[tuple[str, int, Handler], ...] = (
            ("/order", 4, self.order),
            ("/openOrders", 6, self.open_orders),
            ("/allOrders", 20, self.all_orders),
            ("/myTrades", 20, self.my_trades),
            ("/account", 20, self.account),
        )
        return [
            Route(f"/api/v3{path}", self.door.signed("query", weight, handler), methods=["GET"])
            for path, weight, handler in routes
        ]

    async def order(self, signed: Signed, _fault: Fault | None) -> Response:
        """Answer one order, by number or by the client's id."""
        account, named = signed.account.api_key, names(signed, "origClientOrderId")
        order = await self.views.order(account, pair_of(signed), *named)
        if order is None:
            raise ExchangeError(-2013, "Order does not exist.")
        return answer(order_body(order))

    async def open_orders(self, signed: Signed, _fault: Fault | None) -> Response:
        """Answer what rests in the book."""
        pair = pair_of(signed) if signed.params.get("symbol") else None
        return _orders(self.views.open_orders(signed.account.api_key, pair))

    async def all_orders(self, signed: Signed, _fault: Fault | None) -> Response:
        """Answer orders of a symbol: from a number on, or from a time on, or the latest."""
        return _orders(
            await self.views.orders(
                signed.account.api_key,
                pair_of(signed),
                from_id=optional(signed, "orderId"),
                since_ms=optional(signed, "startTime"),
                until_ms=optional(signed, "endTime"),
                limit=limit_of(signed),
            )
        )

    async def my_trades(self, signed: Signed, _fault: Fault | None) -> Response:
        """Answer trades of a symbol: of an order, from an id on, from a time on, or the latest."""
        trades = await self.views.trades(
            signed.account.api_key,
            pair_of(signed),
            order_id=optional(signed, "orderId"),
            from_id=optional(signed, "fromId"),
            since_ms=optional(signed, "startTime"),
            until_ms=optional(signed, "endTime"),
            limit=limit_of(signed),
        )
        return answer([trade_body(trade) for trade in trades])

    async def account(self, signed: Signed, _fault: Fault | None) -> Response:
        """Answer the balances, the commissions, and what the key may do."""
        balances = self.views.balances(signed.account)
        now = self.exchange.market.now_ms()
        fees, may = self.exchange.rules.fees, signed.key.permissions
        return answer(account_body(signed.account, balances, fees, may, now))


def _orders(orders: list[Order]) -> Response:
    return answer([order_body(order) for order in orders])
