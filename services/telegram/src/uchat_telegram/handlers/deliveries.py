"""Deliveries from the bus: into the lanes, and finished when their fate is in the ledger."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from uchat_contracts import subjects
from uchat_contracts.events import Delivery
from uchat_platform import logging
from uchat_platform.bus import Bus, dead_letters
from uchat_platform.bus.durable import DurableReader, Held
from uchat_platform.errors import InvalidInputError, UchatError
from uchat_telegram.ports import Ledger
from uchat_telegram.service.lanes import Lanes, Waiting
from uchat_telegram.service.reporting import Reporting
from uchat_telegram.service.showing import Told

Show = Callable[[Delivery], Awaitable[Told]]
CONSUMER: Final = "telegram"
_SILENCE_S: Final = 6.5
_KEEP_EVERY_S: Final = 1.5
_PAUSE_S: Final = 1.0
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A delivery that the bus handed over."""

    held: Held

    @property
    def order(self) -> int:
        """Where it stands in the stream."""
        return self.held.received.seq


@dataclass(slots=True)
class Deliveries:
    """Consumes `uchat.delivery.v1.telegram.*`; publishes nothing but reports by gRPC.

    Safe to run twice: what a chat shows is remembered by chat and thing, and looked up first.
    """

    bus: Bus
    lanes: Lanes[Ticket]
    reporting: Reporting[Ticket]

    async def run(self) -> None:
        """Consume until cancelled; then give back what is not finished, in order."""
        reader = DurableReader(self.bus, subjects.DELIVERIES, CONSUMER)
        try:
            async with reader, asyncio.TaskGroup() as group:
                group.create_task(self._keep())
                group.create_task(self.reporting.run())
                for held in await self._left_by_the_one_before(reader):
                    await self._take(group, held)
                async for held in reader.messages():
                    await self._take(group, held)
        finally:
            await self._give_back()

    async def _left_by_the_one_before(self, reader: DurableReader) -> list[Held]:
        # What the former leader held comes again once it has been silent for long enough, and in
        # no sure order: a chat's order is kept only if it is taken before anything newer.
        left = await self._unfinished(reader)
        if not left:
            return []
        await asyncio.sleep(_SILENCE_S)
        found: list[Held] = []
        while len(found) < left and (held := await reader.take(_PAUSE_S)) is not None:
            found.append(held)
        _log.info("deliveries_taken_over", left=left, found=len(found))
        return sorted(found, key=lambda held: held.received.seq)

    async def _unfinished(self, reader: DurableReader) -> int:
        while True:
            try:
                return await reader.unfinished()
            except UchatError as e:
                _log.warning("deliveries_wait", code=e.code)
                await asyncio.sleep(_PAUSE_S)

    async def _take(self, group: asyncio.TaskGroup, held: Held) -> None:
        try:
            delivery = Delivery.model_validate_json(held.received.payload)
        except ValidationError as e:
            error = InvalidInputError(f"{e.error_count()} fields of a delivery do not fit")
            await self._put_aside(held, error)
            return
        self.lanes.add(group, Waiting(delivery, Ticket(held)))

    async def _put_aside(self, held: Held, error: UchatError) -> None:
        try:
            await dead_letters.put(self.bus, held.received, log="telegram", error=error, keys=None)
        except UchatError as e:
            # It comes again when nobody says anything about it.
            _log.warning("dead_letter_waits", code=e.code)
        else:
            await held.drop()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_EVERY_S)
            for ticket in self._tickets():
                await ticket.held.keep()

    async def _give_back(self) -> None:
        for ticket in sorted(self._tickets(), key=lambda one: one.order):
            await ticket.held.later()

    def _tickets(self) -> list[Ticket]:
        waiting = [waiting.ticket for waiting in self.lanes.waiting()]
        return [*waiting, *self.reporting.tickets()]


def reporting(ledger: Ledger) -> Reporting[Ticket]:
    """Return what reports and then finishes deliveries."""
    return Reporting(ledger, _finish)


async def _finish(ticket: Ticket) -> None:
    await ticket.held.ack()


def guarded(show: Show) -> Show:
    """Return the same, with what nobody foresaw as an error of its own: it stops one delivery."""

    async def shown(delivery: Delivery) -> Told:
        try:
            return await show(delivery)
        except UchatError:
            raise
        except Exception as e:
            _log.exception("delivery_failed", kind=delivery.kind)
            raise UchatError("An internal error, see the log") from e

    return shown
