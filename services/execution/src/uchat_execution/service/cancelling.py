"""Takes orders back: the wish is durable, and the venue is asked until it confirms."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from uchat_contracts.trading import Order
from uchat_execution.domain import orders as domain
from uchat_execution.domain.orders import RESTING, SETTLED
from uchat_execution.ports import Venue
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.portfolio import shown_order
from uchat_execution.service.recording import Recording
from uchat_platform import logging
from uchat_platform.errors import NotFoundError, UchatError

_AT_ONCE: Final = 8
_TRIES: Final = 5
_LOOKS: Final = 30
_LOOK_S: Final = 0.05
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Cancelling:
    """Cancels orders wherever they are: kept here, on their way, or resting at the venue.

    Cancelling can only lower a risk, so it needs no approval, and trading may be stopped.
    """

    books: Books
    keeper: AccountKeeper
    venue: Venue
    recording: Recording

    async def cancel(
        self, person: str, order_ids: list[str], symbol: str | None, venue: str | None = None
    ) -> list[Order]:
        """Cancel open orders (no ids: all, or those of a symbol); return them as they stand.

        Without a `venue` they are those of all of the person's accounts.

        What the venue has not confirmed yet comes back as `cancelling`, and is seen to.

        Raises:
            NotFoundError: an id is none of this person's orders.
            UnavailableError: the database is away.
        """
        account = await self.keeper.of(person, venue)
        async with self.books.unit() as unit:
            accounts = [account.account]
            if venue is None:
                accounts += [key.account for key in await unit.venues.keys(person)]
            found = await self._chosen(unit, accounts, order_ids, symbol)
        return [shown_order(order) for order in await self.take_back(found)]

    async def purchases_of(self, account: str) -> list[domain.Order]:
        """Cancel all open purchases of an account, for whoever may only lower risks now.

        Raises:
            UnavailableError: the database is away.
        """
        async with self.books.unit() as unit:
            found = await unit.orders.open_of(account)
        return await self.take_back([order for order in found if order.side == "buy"])

    async def take_back(self, orders: Sequence[domain.Order]) -> list[domain.Order]:
        """Cancel these orders and return them as they stand; idempotent.

        Raises:
            UnavailableError: the database is away.
        """
        slots = asyncio.Semaphore(_AT_ONCE)

        async def one(order: domain.Order) -> domain.Order:
            async with slots:
                return await self._cancel(order)

        return list(await asyncio.gather(*(one(order) for order in orders)))

    async def _chosen(
        self, unit: Unit, accounts: list[str], order_ids: list[str], symbol: str | None
    ) -> list[domain.Order]:
        if not order_ids:
            found = [order for each in accounts for order in await unit.orders.open_of(each)]
            return [order for order in found if symbol is None or order.symbol == symbol]
        chosen: list[domain.Order] = []
        for order_id in dict.fromkeys(order_ids):
            order = await unit.orders.get(order_id)
            if order is None or order.account not in accounts:
                raise NotFoundError(f"Expected an order of yours, found none: {order_id!r}")
            chosen.append(order)
        return chosen

    async def _cancel(self, order: domain.Order) -> domain.Order:
        order = await self._noted(order)
        if order.state not in SETTLED:
            order = await self._arrived(order)
        if order.state not in RESTING or order.cancel_at is None:
            return order
        try:
            found = await self.venue.cancel(order.ref)
        except (UchatError, OSError, TimeoutError) as e:
            # The wish is in the books: the sweeper asks again.
            _log.warning("cancel_waits", order=order.order_id, error=repr(e))
            return order
        if found is None:
            return order
        return await self.recording.venue_says(order, found, "venue") or await self._read(order)

    async def _noted(self, order: domain.Order) -> domain.Order:
        # An order that changes under the wish is looked at again; one that is over stays so.
        for _ in range(_TRIES):
            if order.state in SETTLED:
                break
            noted = await self.recording.cancelled(order)
            if noted is not None:
                return noted
            order = await self._read(order)
        return order

    async def _arrived(self, order: domain.Order) -> domain.Order:
        # Once the venue has answered what is on its way, or after a moment as it is.
        for _ in range(_LOOKS):
            if order.state not in ("submitting", "unknown"):
                break
            await asyncio.sleep(_LOOK_S)
            order = await self._read(order)
        return order

    async def _read(self, order: domain.Order) -> domain.Order:
        async with self.books.unit() as unit:
            return await unit.orders.get(order.order_id) or order
