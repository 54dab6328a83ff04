"""Deliveries on their way: in order within a chat, chats beside one another, none of them lost."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, Protocol, TypeVar

from uchat_contracts.events import Delivery
from uchat_platform import logging
from uchat_platform.clock import Clock
from uchat_platform.errors import RateLimitedError, UchatError, UnavailableError
from uchat_telegram.ports import Report
from uchat_telegram.service.showing import Told, chat_id_of, rev_of

_FIRST_PAUSE_S: Final = 0.3
_LONGEST_PAUSE_S: Final = 5.0
_log = logging.get_logger(__name__)


class Ticket(Protocol):
    """A delivery as the bus handed it over; whoever holds it may finish it."""

    @property
    def order(self) -> int:
        """Where it stands among all deliveries."""
        ...


T = TypeVar("T", bound=Ticket)


@dataclass(frozen=True, slots=True)
class Waiting(Generic[T]):
    """A delivery and its ticket."""

    delivery: Delivery
    ticket: T


Done = Callable[[Waiting[T], Report], Awaitable[None]]


@dataclass(slots=True)
class Lanes(Generic[T]):
    """One lane a chat. `done` is called for each delivery when its fate is known."""

    show: Callable[[Delivery], Awaitable[Told]]
    clock: Clock
    done: Done[T]
    before_answer: Callable[[int, str], None]
    _lanes: dict[str, deque[Waiting[T]]] = field(default_factory=dict[str, deque[Waiting[T]]])

    def waiting(self) -> list[Waiting[T]]:
        """Return every delivery that is on its way, in the order in which they came."""
        found = [waiting for lane in self._lanes.values() for waiting in lane]
        return sorted(found, key=lambda waiting: waiting.ticket.order)

    def add(self, group: asyncio.TaskGroup, waiting: Waiting[T]) -> None:
        """Put a delivery into its lane; `group` does the work."""
        address = waiting.delivery.address
        lane = self._lanes.get(address)
        if lane is None:
            lane = self._lanes[address] = deque()
            lane.append(waiting)
            group.create_task(self._work(address, lane), name=f"chat-{address}")
        else:
            lane.append(waiting)

    async def _work(self, address: str, lane: deque[Waiting[T]]) -> None:
        while lane:
            await self._tell_first(lane)
        del self._lanes[address]

    async def _tell_first(self, lane: deque[Waiting[T]]) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            newest = _newest(lane)
            try:
                told = await self._show(newest.delivery)
            except (UnavailableError, RateLimitedError) as e:
                # The next attempt takes what is newest then.
                _log.info("telegram_waits", code=e.code)
                if not isinstance(e, RateLimitedError):
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE_S)
                continue
            except UchatError as e:
                _log.warning("delivery_failed", code=e.code, detail=e.detail)
                await self._finish(lane, newest, "failed", code=e.code)
                return
            await self._finish(lane, newest, told.status, message_id=told.message_id)
            return

    async def _show(self, delivery: Delivery) -> Told:
        if delivery.kind == "message":
            self.before_answer(chat_id_of(delivery), delivery.about.removeprefix("answer:"))
        return await self.show(delivery)

    async def _finish(
        self,
        lane: deque[Waiting[T]],
        newest: Waiting[T],
        status: Literal["delivered", "collapsed", "failed"],
        *,
        message_id: int | None = None,
        code: str = "",
    ) -> None:
        # Older news of the same thing that waited with it is told by it.
        about, rev = newest.delivery.about, rev_of(newest.delivery)
        finished = [newest]
        if rev:
            finished = [w for w in lane if w.delivery.about == about and rev_of(w.delivery) <= rev]
        for waiting in finished:
            lane.remove(waiting)
        for waiting in finished:
            fate = status if waiting is newest else "collapsed"
            report = Report(waiting.delivery.delivery_id, fate, self.clock.now(), message_id, code)
            await self.done(waiting, report)


def _newest(lane: deque[Waiting[T]]) -> Waiting[T]:
    first = lane[0]
    if not rev_of(first.delivery):
        return first
    about = first.delivery.about
    same = [waiting for waiting in lane if waiting.delivery.about == about]
    return max(same, key=lambda waiting: rev_of(waiting.delivery))
