"""Triggers kept here: what the market reaches is made ready, once, whatever replicas run."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from uchat_execution.domain.orders import Order, reaches
from uchat_execution.domain.terms import is_fresh
from uchat_execution.ports.store import Books
from uchat_execution.ports.watching import Watched
from uchat_execution.service.desk import Desk
from uchat_execution.service.repeating import tried
from uchat_platform import logging

SEND_WITHIN: Final = timedelta(minutes=15)
"""After its trigger, an order that could not be sent by then is given up."""
_BATCH: Final = 200
_AT_ONCE: Final = 8
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Triggers:
    """Compares the quotes in memory with the triggers in the books; `Looking` runs it.

    A trigger is one transaction, under the same locks as a claim: `waiting` becomes `ready` with
    its event, and whoever comes second finds it ready. `wake` is told, and if nobody hears it, the
    sweeper finds it. Nothing is triggered while trading is stopped or halted.
    """

    books: Books
    watched: Watched
    desk: Desk
    wake: Callable[[str], None]

    async def look(self) -> int:
        """Trigger everything that the market has reached; returns how many.

        Raises:
            UnavailableError: the database is away.
        """
        slots, triggered = asyncio.Semaphore(_AT_ONCE), list[Order]()

        async def one(order: Order) -> None:
            # One that fails, or waits for its account, holds up nobody else's.
            async with slots:
                if await self.trigger(order):
                    triggered.append(order)

        symbols = await self.watched.waiting_symbols()
        quotes = await self.desk.quotes(symbols)
        for symbol, quote in quotes.items():
            reached = await self.watched.reached(symbol, quote.price, _BATCH)
            await asyncio.gather(
                *(tried(one(order), "trigger_waits", order=order.order_id) for order in reached)
            )
        return len(triggered)

    async def trigger(self, seen: Order) -> bool:
        """Make an order ready if it waits, and the market has still reached its trigger.

        Raises:
            UnavailableError: the database is away.
        """
        async with self.books.unit() as unit:
            account = await unit.accounts.get(seen.account)
            switches = await unit.safety.switches(account.person, share=True)
            account = await unit.accounts.get(seen.account, lock=True)
            await unit.decisions.get(seen.decision_id, lock=True)
            order = await unit.orders.get(seen.order_id, lock=True)
            now = await unit.now()
            quote = (await self.desk.quotes([seen.symbol])).get(seen.symbol)
            if order is None or order.state != "waiting" or order.trigger_price is None:
                return False
            if quote is None or not is_fresh(quote, now, self.desk.limits.reference_age_s):
                return False
            standing = await unit.states.standing(account.person, account.account)
            if any(switch.is_on for switch in switches) or standing.state == "halted":
                return False
            if not reaches(order.type, order.side, order.trigger_price, quote.price):
                return False
            ready = order.entering(
                "ready", now, triggered_at=now, send_until=now + SEND_WITHIN, next_at=now
            )
            await unit.orders.save(ready, account.person, "market")
        _log.info("order_triggered", order=order.order_id, price=str(quote.price))
        self.wake(order.decision_id)
        return True
