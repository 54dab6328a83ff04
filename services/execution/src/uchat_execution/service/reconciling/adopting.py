"""Adopts what the venue says of our own orders, whatever the books think of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from uchat_execution.domain.accounts import Account
from uchat_execution.domain.orders import SETTLED, Order
from uchat_execution.domain.statements import ToldOrder
from uchat_execution.ports import Venue
from uchat_execution.ports.store import Books
from uchat_execution.service.reconciling import metrics
from uchat_execution.service.recording import Recording
from uchat_platform import logging

_RESTING: Final = frozenset({"open", "partially_filled"})
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Adopting:
    """Asks the venue for an order and records its answer."""

    books: Books
    venue: Venue
    recording: Recording

    async def differing(
        self, account: Account, own: Sequence[Order], resting: Sequence[ToldOrder]
    ) -> int:
        """Adopt orders that rest here but not there, or there but not here; returns how many.

        Raises:
            UnavailableError: the venue or the database is away.
        """
        there = {each.client_order_id for each in resting}
        async with self.books.unit() as unit:
            ours = await unit.truth.ours(account.account, sorted(there))
        here = {order.order_id for order in own if order.state in _RESTING}
        wanted = {
            *(ours[name] for name in there & ours.keys() if ours[name] not in here),
            *(
                order.order_id
                for order in own
                if order.state in _RESTING and order.client_order_id not in there
            ),
        }
        for order_id in sorted(wanted):
            await self.order(order_id)
        return len(wanted)

    async def order(self, order_id: str) -> None:
        """Adopt what the venue says of one order of ours.

        One that is given up here but rests there is cancelled there: nobody waits for it.

        Raises:
            UnavailableError: the venue or the database is away.
        """
        async with self.books.unit() as unit:
            order = await unit.orders.get(order_id)
        if order is None:
            return
        if order.state == "ready":
            # It is there already, so it must not be sent: asked for like one of unknown outcome.
            await self.recording.doubted(order)
            return
        found = await self.venue.find(order.ref)
        if found is not None and order.state in SETTLED and found.status in _RESTING:
            _log.error("settled_order_rests", order=order_id, state=order.state)
            found = await self.venue.cancel(order.ref)
        if found is not None:
            await self.recording.venue_says(order, found, "recon")
            metrics.ADOPTED.inc()
