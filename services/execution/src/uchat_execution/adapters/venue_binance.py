"""Orders at an exchange that speaks Binance's spot API; on paper, that is the simulator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from uchat_execution.adapters.binance_api import Answer, BinanceApi, Credentials, NoAnswerError
from uchat_execution.adapters.binance_words import (
    UNKNOWN_KEYS,
    UNREADABLE,
    past_fill,
    past_order,
    placed_order,
    seen_order,
    type_of,
)
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.paper_keys import PaperKeys
from uchat_execution.adapters.venue_clock import VenueClock
from uchat_execution.adapters.venue_outcomes import outcome_of, outcome_without
from uchat_execution.domain.orders import (
    NewOrder,
    OrderRef,
    SeenOrder,
    SymbolRules,
    VenueFill,
    VenueOrder,
)
from uchat_execution.ports import AccountUnknownError, NotPlacedError, OutcomeUnknownError
from uchat_platform.errors import UnavailableError

# The matching engine's own limit: after it, Binance answers -1007.
_ENGINE_S: Final = 10.0
_NO_SUCH_ORDER: Final = -2013
_NOT_OPEN: Final = -2011
_PAGE: Final = 1000
_SKEW: Final = timedelta(seconds=1)
_SKEWED_S: Final = 5.0
_OPENED_S: Final = 1.0
_FOREIGN: Final = 20
"""Orders that are asked for one by one, to tell that a trade is not of the one that is missed."""


@dataclass(frozen=True, slots=True)
class BinanceVenue:
    """The `Venue` of one exchange. Symbols are base assets; pairs are the exchange's business."""

    api: BinanceApi
    listings: Listings
    keys: PaperKeys
    clock: VenueClock | None = None
    name: str = "paper"
    simulated: bool = True

    async def open_account(self, account: str, balances: Mapping[str, Decimal]) -> None:
        """Open a paper account; the balances count the first time only. Idempotent.

        Raises:
            UnavailableError: `venue_unavailable`.
        """
        credentials = self.keys.of(account)
        body = {
            "api_key": credentials.api_key,
            "secret": credentials.secret,
            "balances": {asset: format(amount, "f") for asset, amount in balances.items()},
        }
        try:
            answer = await self.api.post_json("/sim/accounts", body)
        except NoAnswerError as e:
            raise _unavailable(f"no answer: {e}") from e
        if not answer.ok:
            raise _unavailable(f"HTTP {answer.status}, code {answer.code}")

    async def rules(self) -> Mapping[str, SymbolRules]:
        """Return the rules of every tradable symbol, by base asset, from memory.

        Raises:
            UnavailableError: `venue_unavailable`, they were never read.
        """
        if not self.listings.rules:
            raise _unavailable("its rules were never read")
        return self.listings.rules

    async def place(self, order: NewOrder) -> VenueOrder:
        """Send an order once, with the time that it was signed at, however long ago that is.

        Raises:
            RejectedByVenueError: refused, nothing placed.
            AccountUnknownError, NotPlacedError: certainly not placed, for a passing reason.
            OutcomeUnknownError: everything else.
        """
        if self.clock is not None and self.clock.is_off:
            raise NotPlacedError(
                "The exchange's clock differs too much from ours; nothing was sent",
                code="clock_skew",
                retry_after_s=_SKEWED_S,
            )
        window = timedelta(milliseconds=order.window_ms)
        if self.api.clock.now() > order.signed_at + window:
            raise NotPlacedError(
                "The time to send the order has passed; it was not sent", code="window_passed"
            )
        try:
            answer = await self.api.signed(
                "POST",
                "/api/v3/order",
                self._parameters(order),
                self.keys.of(order.ref.account),
                signed_at=order.signed_at,
                window_ms=order.window_ms,
                timeout_s=window.total_seconds() + _ENGINE_S,
            )
        except NoAnswerError as e:
            raise outcome_without(e) from e
        if answer.code in UNKNOWN_KEYS:
            raise AccountUnknownError(
                "The paper exchange began anew and does not know the account; it is opened again",
                retry_after_s=_OPENED_S,
            )
        if not answer.ok:
            raise outcome_of(answer)
        try:
            return placed_order(order.ref, answer.body)
        except UNREADABLE as e:
            raise OutcomeUnknownError("The exchange's answer cannot be read") from e

    async def find(self, ref: OrderRef) -> VenueOrder | None:
        """Return the order with all its fills; None if the exchange certainly has none.

        Raises:
            UnavailableError: `venue_unavailable`, some question was not answered, or the answers
                contradict one another: no evidence either way.
        """
        params = {"symbol": self._pair(ref), "origClientOrderId": ref.client_order_id}
        answer = await self._query("GET", "/api/v3/order", params, ref.account)
        if answer.ok:
            return await self._with_fills(ref, answer.body)
        if answer.code != _NO_SUCH_ORDER:
            raise _unavailable(f"HTTP {answer.status}, code {answer.code}")
        await self._check_absence(ref)
        return None

    async def by_number(self, ref: OrderRef, venue_order_id: str) -> SeenOrder | None:
        """Return the account's order of the exchange's own number; None: there is none.

        Raises:
            UnavailableError: `venue_unavailable`, the question was not answered.
        """
        if not venue_order_id.isascii() or not venue_order_id.isdigit():
            return None
        params = {"symbol": self._pair(ref), "orderId": venue_order_id}
        answer = await self._query("GET", "/api/v3/order", params, ref.account)
        if answer.code == _NO_SUCH_ORDER:
            return None
        if not answer.ok:
            raise _unavailable(f"HTTP {answer.status}, code {answer.code}")
        order = await self._with_fills(ref, answer.body)
        try:
            return seen_order(order, answer.body)
        except UNREADABLE as e:
            raise _unavailable("its answer cannot be read") from e

    async def cancel(self, ref: OrderRef) -> VenueOrder | None:
        """Cancel an open order; returns it as it stands then, also if it was over before.

        Raises:
            UnavailableError: `venue_unavailable`, not known whether it was cancelled.
        """
        params = {"symbol": self._pair(ref), "origClientOrderId": ref.client_order_id}
        answer = await self._query("DELETE", "/api/v3/order", params, ref.account)
        if not answer.ok and answer.code != _NOT_OPEN:
            raise _unavailable(f"HTTP {answer.status}, code {answer.code}")
        return await self.find(ref)

    async def balances(self, account: str) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return free and reserved units by asset.

        Raises:
            UnavailableError: `venue_unavailable`.
        """
        body = await self._read("/api/v3/account", {}, account)
        try:
            return {
                entry["asset"]: (Decimal(entry["free"]), Decimal(entry["locked"]))
                for entry in body["balances"]
            }
        except UNREADABLE as e:
            raise _unavailable("its balances cannot be read") from e

    # An order query may lag behind. Open orders and all orders since the signature name the id
    # too, and a trade whose order is not among them says that the lists lag as well.
    async def _check_absence(self, ref: OrderRef) -> None:
        since = str(int((ref.since - _SKEW).timestamp() * 1000))
        pair = {"symbol": self._pair(ref)}
        recent = {**pair, "startTime": since, "limit": str(_PAGE)}
        open_orders = await self._read("/api/v3/openOrders", pair, ref.account)
        orders = await self._read("/api/v3/allOrders", recent, ref.account)
        trades = await self._read("/api/v3/myTrades", recent, ref.account)
        try:
            named = {entry["clientOrderId"] for entry in [*open_orders, *orders]}
            numbers = {entry["orderId"] for entry in [*open_orders, *orders]}
            traded = {entry["orderId"] for entry in trades}
        except UNREADABLE as e:
            raise _unavailable("its orders cannot be read") from e
        full = max(len(orders), len(trades)) >= _PAGE
        older = traded - numbers
        if full or ref.client_order_id in named or len(older) > _FOREIGN:
            raise _unavailable("its answers about the order contradict one another")
        for number in sorted(older):
            # Placed before, traded since; it must say so itself, or the lists lag behind.
            found = await self._read("/api/v3/order", {**pair, "orderId": str(number)}, ref.account)
            if found.get("clientOrderId", ref.client_order_id) == ref.client_order_id:
                raise _unavailable("its lists lag behind its trades")

    async def _with_fills(self, ref: OrderRef, body: Any) -> VenueOrder:
        try:
            filled, number = Decimal(body["executedQty"]), str(body["orderId"])
            fills: list[VenueFill] = []
            if filled:
                params = {"symbol": self._pair(ref), "orderId": number, "limit": str(_PAGE)}
                trades = await self._read("/api/v3/myTrades", params, ref.account)
                fills = [past_fill(trade) for trade in trades]
            order = past_order(ref, body, fills)
        except UNREADABLE as e:
            raise _unavailable("its answer cannot be read") from e
        if sum((fill.quantity for fill in fills), Decimal(0)) != filled:
            raise _unavailable("its trades lag behind its orders")
        return order

    async def _read(self, path: str, params: Mapping[str, str], account: str) -> Any:
        answer = await self._query("GET", path, params, account)
        if not answer.ok:
            raise _unavailable(f"HTTP {answer.status}, code {answer.code}")
        return answer.body

    async def _query(
        self, method: str, path: str, params: Mapping[str, str], account: str
    ) -> Answer:
        credentials: Credentials = self.keys.of(account)
        try:
            return await self.api.signed(method, path, params, credentials)
        except NoAnswerError as e:
            raise _unavailable(f"no answer: {e}") from e

    def _parameters(self, order: NewOrder) -> dict[str, str]:
        params = {
            "symbol": self._pair(order.ref),
            "side": order.side.upper(),
            "type": type_of(order),
            "quantity": format(order.quantity.normalize(), "f"),
            "newClientOrderId": order.ref.client_order_id,
            "newOrderRespType": "FULL",
        }
        if order.trigger_price is not None:
            params["stopPrice"] = format(order.trigger_price.normalize(), "f")
        if order.limit_price is not None:
            params["price"] = format(order.limit_price.normalize(), "f")
            if not order.post_only:
                params["timeInForce"] = order.time_in_force.upper()
        return params

    @staticmethod
    def _pair(ref: OrderRef) -> str:
        return ref.symbol + ref.quote_currency


def _unavailable(why: str) -> UnavailableError:
    return UnavailableError(f"The exchange: {why}", code="venue_unavailable")
