"""Takes up what was left: claims of dead workers, unknown outcomes, resting orders, deadlines."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from uchat_execution.domain.accounts import worth
from uchat_execution.domain.money import exact
from uchat_execution.domain.orders import RESTING, Order
from uchat_execution.ports import Venue
from uchat_execution.ports.store import Books, Point
from uchat_execution.service import mandates
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.claiming import GRACE
from uchat_execution.service.desk import Desk
from uchat_execution.service.executing import Executor
from uchat_execution.service.guards import ALL, Guards
from uchat_execution.service.recording import Recording
from uchat_execution.service.repeating import repeat, tried
from uchat_execution.service.resolving import Resolving
from uchat_platform import logging
from uchat_platform.errors import UchatError

_EVERY_S: Final = 1.0
_HOUR_S: Final = 3600.0
_THIN_EVERY_S: Final = 6 * 3600.0
_BATCH: Final = 100
_AT_ONCE: Final = 16
_HOLD_S: Final = 5.0
_ABSENT_TWICE: Final = 2
_SOON: Final = timedelta(seconds=1)
_LATER: Final = timedelta(seconds=2)
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Runs on every replica; what one of them holds, the others leave alone."""

    books: Books
    venue: Venue
    desk: Desk
    keeper: AccountKeeper
    executor: Executor
    recording: Recording
    resolving: Resolving
    guards: Guards = ALL

    async def run(self) -> None:
        """Sweep until cancelled, once a second."""
        async with asyncio.TaskGroup() as group:
            group.create_task(repeat(self.sweep, _EVERY_S, "sweep_waits"))
            group.create_task(repeat(self.deadlines, _EVERY_S, "deadlines_wait"))
            group.create_task(repeat(self._note_at_the_hour, _EVERY_S, "worths_wait"))
            group.create_task(repeat(self.thin_worths, _THIN_EVERY_S, "thinning_waits"))

    async def sweep(self) -> None:
        """Look at every order that is due."""
        async with self.books.unit() as unit:
            due = [
                *await unit.orders.left_ready(_BATCH),
                *await unit.orders.claim_due(_BATCH, _HOLD_S),
            ]
        slots = asyncio.Semaphore(_AT_ONCE)

        async def look(order: Order) -> None:
            async with slots:
                await tried(self.look_at(order), "order_waits", order=order.order_id)

        await asyncio.gather(*(look(order) for order in due))

    async def look_at(self, order: Order) -> None:
        """Do for an order what is due: send it, or ask the venue what became of it."""
        if order.state == "ready":
            async with self.books.unit() as unit:
                account = await unit.accounts.get(order.account)
            await self.keeper.at_venue(account)
            self.executor.wake(order.decision_id)
            return
        if order.state == "submitting":
            # Its worker is dead or stalled, and the venue refuses whatever it may still send.
            taken = await self.recording.unknown(order)
            if taken is None:
                return
            order = taken
        await self._ask(order)

    async def deadlines(self) -> None:
        """End what nobody answered in time, and mandates whose time is over."""
        while await self.resolving.expire() == _BATCH:
            pass
        async with self.books.unit() as unit:
            now = await unit.now()
            for mandate in await unit.safety.overdue_mandates(_BATCH):
                await mandates.end(unit, mandate, "expired", None, now)

    async def note_worths(self) -> None:
        """Note what every account that holds more than cash is worth now."""
        after = ""
        while True:
            async with self.books.unit() as unit:
                accounts = await unit.accounts.holding(_BATCH, after)
                now = await unit.now()
                for account in accounts:
                    held = await unit.accounts.get(account)
                    balances = await unit.accounts.balances(account)
                    prices = await self.desk.at(held.venue).prices(balances)
                    total = worth(balances, prices, held.quote_currency)
                    if total is not None:
                        await unit.accounts.note_worth(account, Point(now, exact(total)))
            if len(accounts) < _BATCH:
                return
            after = accounts[-1]

    async def _note_at_the_hour(self) -> None:
        # Days and months begin with a full hour nearly everywhere.
        async with self.books.unit() as unit:
            now = await unit.now()
        await asyncio.sleep(_HOUR_S - now.timestamp() % _HOUR_S)
        await self.note_worths()

    async def thin_worths(self) -> None:
        """Thin out what accounts were worth long ago, so that it does not grow without end."""
        after: str | None = ""
        while after is not None:
            async with self.books.unit() as unit:
                after = await unit.truth.thin_worths(after, _BATCH)

    async def _ask(self, order: Order) -> None:
        async with self.books.unit() as unit:
            asked_at = await unit.now()
        try:
            # Whatever somebody wants gone is cancelled again and again, until the venue confirms.
            wanted = order.cancel_at is None or order.state not in RESTING
            found = await (self.venue.find if wanted else self.venue.cancel)(order.ref)
        except (UchatError, OSError, TimeoutError) as e:
            # No answer is no evidence.
            _log.warning("venue_not_asked", order=order.order_id, error=repr(e))
            await self.recording.ask_again(order, asked_at + _LATER, absent=order.absent)
            return
        if found is not None:
            told = await self.recording.venue_says(order, found, "recon")
            if told is not None:
                self.executor.wake(order.decision_id)
            return
        if not self.guards.absence:
            order = order.but(deadline=asked_at - GRACE, absent=_ABSENT_TWICE)
        counts_from = (order.deadline or asked_at) + GRACE
        if order.state != "unknown" or asked_at < counts_from:
            at = counts_from if order.state == "unknown" else asked_at + _LATER
            await self.recording.ask_again(order, at, absent=order.absent)
            return
        if order.absent + 1 < _ABSENT_TWICE:
            async with self.books.unit() as unit:
                # From the answer on: a slow one must not bring the second question close to it.
                answered_at = await unit.now()
            await self.recording.ask_again(order, answered_at + _SOON, absent=order.absent + 1)
            return
        await self.recording.not_placed(
            order, again_after=timedelta(), source="recon", same_id=self.guards.same_id
        )
        self.executor.wake(order.decision_id)
