"""Orders and statements of one account at an exchange, by ccxt."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from uchat_execution.adapters.binance_api import NoAnswerError
from uchat_execution.adapters.ccxt_api import words
from uchat_execution.adapters.ccxt_api.client import (
    CcxtClient,
    KeyRefusedError,
    RefusedError,
    RestingError,
)
from uchat_execution.adapters.venue_outcomes import outcome_of, outcome_without
from uchat_execution.domain.orders import NewOrder, OrderRef, SeenOrder, VenueOrder
from uchat_execution.domain.statements import ToldOrder, ToldTrade, ToldTransfer
from uchat_execution.domain.venues import Credentials
from uchat_execution.ports import NotPlacedError, OutcomeUnknownError, RejectedByVenueError
from uchat_execution.ports.reconciling import AccountLostError
from uchat_platform.clock import Clock
from uchat_platform.errors import UnavailableError

# The matching engine's own limit: after it, Binance answers -1007.
_ENGINE_S: Final = 10.0
_NO_SUCH_ORDER: Final = -2013
_NOT_OPEN: Final = -2011
_PAGE: Final = 1000
_PAGES: Final = 10
_SKEW: Final = timedelta(seconds=1)
_SKEWED_S: Final = 5.0
_FOREIGN: Final = 20
"""Orders that are asked for one by one, to tell that a trade is not of the one that is missed."""


@dataclass(frozen=True, slots=True)
class CcxtAccount:
    """What `Venue` and `Statements` say, for the account that a key is of."""

    client: CcxtClient
    credentials: Credentials
    clock: Clock
    skewed: Callable[[], bool] = lambda: False

    @property
    def _api(self) -> Any:
        return self.client.keyed(self.credentials)

    async def place(self, order: NewOrder) -> VenueOrder:
        """Send an order once, with the time that it was signed at, however long ago that is.

        Raises:
            RejectedByVenueError: refused, nothing placed.
            NotPlacedError: certainly not placed, for a passing reason.
            OutcomeUnknownError: everything else.
        """
        window = timedelta(milliseconds=order.window_ms)
        if self.skewed():
            raise NotPlacedError(
                "The exchange's clock differs too much from ours; nothing was sent",
                code="clock_skew",
                retry_after_s=_SKEWED_S,
            )
        if self.clock.now() > order.signed_at + window:
            raise NotPlacedError(
                "The time to send the order has passed; it was not sent", code="window_passed"
            )
        sent = self._exact(order)
        try:
            until = window.total_seconds() + _ENGINE_S
            async with self.client.asking(until, placing=self.credentials):
                told = await self._api.create_order(*sent, words.parameters(order))
            return words.placed_order(order.ref, told)
        except RestingError as e:
            raise NotPlacedError(
                "The exchange takes no more orders for a moment",
                code="venue_rate_limited",
                retry_after_s=e.seconds,
            ) from e
        except RefusedError as e:
            raise outcome_of(e.answer) from e
        except NoAnswerError as e:
            raise outcome_without(e) from e
        except Exception as e:
            raise OutcomeUnknownError("The exchange's answer cannot be read") from e

    def _exact(self, order: NewOrder) -> tuple[str, str, str, str, str | None]:
        """Ccxt's arguments. It would truncate quantities and round prices: nothing may change."""
        market = words.pair(order.ref.symbol, order.ref.quote_currency)
        quantity, limit = words.text(order.quantity), order.limit_price
        try:
            same = Decimal(self._api.amount_to_precision(market, quantity)) == order.quantity
        except Exception as e:
            raise _refused("quantity_refused", "The exchange does not take this quantity") from e
        if not same:
            raise _refused("quantity_refused", "The exchange does not take this quantity")
        for price in (limit, order.trigger_price):
            if price is None:
                continue
            if Decimal(self._api.price_to_precision(market, words.text(price))) != price:
                raise _refused("price_refused", "The exchange does not take this price")
        # A market order has no price: with one ccxt makes it an order by amount of money.
        kind = "market" if limit is None else "limit"
        return market, kind, order.side, quantity, None if limit is None else words.text(limit)

    async def find(self, ref: OrderRef) -> VenueOrder | None:
        """Return the order with all its fills; None if the exchange certainly has none.

        Raises:
            UnavailableError: `venue_unavailable`, some question was not answered, or the answers
                contradict one another: no evidence either way.
        """
        market = words.pair(ref.symbol, ref.quote_currency)
        named = {"clientOrderId": ref.client_order_id}
        async with self._reading():
            try:
                async with self.client.asking():
                    told = await self._api.fetch_order(None, market, named)
            except RefusedError as e:
                if e.answer.code != _NO_SUCH_ORDER:
                    raise
                await self._check_absence(ref, market)
                return None
            return await self._with_fills(ref, market, told)

    async def by_number(self, ref: OrderRef, venue_order_id: str) -> SeenOrder | None:
        """Return the account's order of the exchange's own number; None: there is none.

        Raises:
            UnavailableError: `venue_unavailable`.
        """
        if not venue_order_id.isascii() or not venue_order_id.isdigit():
            return None
        market = words.pair(ref.symbol, ref.quote_currency)
        async with self._reading():
            try:
                async with self.client.asking():
                    told = await self._api.fetch_order(venue_order_id, market)
            except RefusedError as e:
                if e.answer.code != _NO_SUCH_ORDER:
                    raise
                return None
            return words.seen_order(await self._with_fills(ref, market, told), told)

    async def cancel(self, ref: OrderRef) -> VenueOrder | None:
        """Cancel an open order; returns it as it stands then, also if it was over before.

        Raises:
            UnavailableError: `venue_unavailable`, not known whether it was cancelled.
        """
        market = words.pair(ref.symbol, ref.quote_currency)
        async with self._reading():
            try:
                async with self.client.asking():
                    named = {"clientOrderId": ref.client_order_id}
                    await self._api.cancel_order(None, market, named)
            except RefusedError as e:
                if e.answer.code != _NOT_OPEN:
                    raise
        return await self.find(ref)

    async def balances(self) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return free and reserved units by asset; assets of which there is none are missing."""
        async with self._reading():
            async with self.client.asking():
                told = await self._api.fetch_balance()
            return words.balances(told)

    async def open_orders(self, quote_currency: str) -> Sequence[ToldOrder]:
        """Return every order that rests and is quoted in a currency."""
        async with self._reading():
            async with self.client.asking():
                told = await self._api.fetch_open_orders()
            return words.told_orders(told, quote_currency)

    async def trades(
        self, symbol: str, quote_currency: str, after: str | None, since: datetime
    ) -> tuple[Sequence[ToldTrade], bool]:
        """Return a page of trades after one (none: since a time), and whether there are more."""
        market = words.pair(symbol, quote_currency)
        if after is not None and not self.client.traits.from_trade_id:
            return await self._trades_past(market, symbol, after, since), False
        extra = {} if after is None else {"fromId": str(int(after) + 1)}
        from_ms = _milliseconds(since) if after is None else None
        async with self._reading():
            async with self.client.asking():
                told = await self._api.fetch_my_trades(market, from_ms, _PAGE, extra)
            trades = [words.told_trade(symbol, each) for each in told]
        return sorted(trades, key=_in_order), len(trades) >= _PAGE

    async def client_ids(
        self, symbol: str, quote_currency: str, venue_order_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """Return what whoever placed these orders called them.

        An exchange that takes no orders from here has none that is ours: they are not asked for.
        """
        if not self.client.traits.tested:
            return dict.fromkeys(venue_order_ids, "")
        market, found = words.pair(symbol, quote_currency), dict[str, str]()
        async with self._reading():
            for number in venue_order_ids:
                try:
                    async with self.client.asking():
                        told = await self._api.fetch_order(number, market)
                except RefusedError as e:
                    if e.answer.code != _NO_SUCH_ORDER:
                        raise
                else:
                    found[number] = str(told["clientOrderId"] or "")
        return found

    async def transfers(self, since: datetime) -> Sequence[ToldTransfer]:
        """Return deposits and withdrawals that are completed, oldest first."""
        async with self._reading():
            async with self.client.asking():
                came = await self._api.fetch_deposits(None, _milliseconds(since), _PAGE)
            async with self.client.asking():
                went = await self._api.fetch_withdrawals(None, _milliseconds(since), _PAGE)
            return words.told_transfers(came, went)

    async def _trades_past(
        self, market: str, symbol: str, after: str, since: datetime
    ) -> Sequence[ToldTrade]:
        """Read from a time on, page by page, and drop everything up to a trade."""
        read, from_ms = dict[str, ToldTrade](), _milliseconds(since)
        async with self._reading():
            for _ in range(_PAGES):
                async with self.client.asking():
                    told = await self._api.fetch_my_trades(market, from_ms, None)
                page = [words.told_trade(symbol, each) for each in told]
                fresh = {each.fill.trade_id: each for each in page}
                if not fresh.keys() - read.keys():
                    break
                read |= fresh
                from_ms = max(_milliseconds(each.fill.at) for each in page)
        ordered = sorted(read.values(), key=_in_order)
        numbers = [each.fill.trade_id for each in ordered]
        return ordered[numbers.index(after) + 1 :] if after in numbers else ordered

    # An order query may lag behind. Open orders and all orders since the signature name the id
    # too, and a trade whose order is not among them says that the lists lag as well.
    async def _check_absence(self, ref: OrderRef, market: str) -> None:
        since = _milliseconds(ref.since - _SKEW)
        async with self.client.asking():
            resting = await self._api.fetch_open_orders(market)
        async with self.client.asking():
            orders = await self._api.fetch_orders(market, since, _PAGE)
        async with self.client.asking():
            trades = await self._api.fetch_my_trades(market, since, _PAGE)
        told = [*resting, *orders]
        older = {str(each["order"]) for each in trades} - {str(each["id"]) for each in told}
        full = max(len(orders), len(trades)) >= _PAGE
        named = any(each["clientOrderId"] == ref.client_order_id for each in told)
        if full or named or len(older) > _FOREIGN:
            raise _unavailable("its answers about the order contradict one another")
        for number in sorted(older):
            # Placed before, traded since; it must say so itself, or the lists lag behind.
            async with self.client.asking():
                found = await self._api.fetch_order(number, market)
            if found["clientOrderId"] in (None, ref.client_order_id):
                raise _unavailable("its lists lag behind its trades")

    async def _with_fills(self, ref: OrderRef, market: str, told: Any) -> VenueOrder:
        fills: list[Any] = []
        if Decimal(told["filled"]):
            async with self.client.asking():
                fills = await self._api.fetch_order_trades(told["id"], market, None, _PAGE)
        return words.past_order(ref, told, [words.past_fill(each) for each in fills])

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[None]:
        """Whatever goes wrong in the block is no evidence of anything."""
        try:
            yield
        except (RefusedError, KeyRefusedError) as e:
            if isinstance(e, KeyRefusedError) or e.key_refused:
                raise AccountLostError("The exchange does not accept the account's key") from e
            raise _unavailable(str(e)) from e
        except RestingError as e:
            raise _unavailable(f"takes no requests {e}") from e
        except NoAnswerError as e:
            raise _unavailable(f"no answer: {e}") from e
        except words.UNREADABLE as e:
            raise _unavailable("its answer cannot be read") from e


def _in_order(trade: ToldTrade) -> tuple[datetime, int, str]:
    number = trade.fill.trade_id
    return trade.fill.at, int(number) if number.isdecimal() else 0, number


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _refused(code: str, sentence: str) -> RejectedByVenueError:
    return RejectedByVenueError(sentence, code=code)


def _unavailable(why: str) -> UnavailableError:
    return UnavailableError(f"The exchange: {why}", code="venue_unavailable")
