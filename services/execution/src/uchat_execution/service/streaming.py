"""Follows the venue's own events, so that the fill of a resting order is known at once."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from uchat_execution.domain.money import ZERO
from uchat_execution.domain.orders import (
    SETTLED,
    UNSENT,
    Order,
    VenueEvent,
    VenueOrder,
)
from uchat_execution.ports import Venue
from uchat_execution.ports.streaming import UserStream
from uchat_execution.ports.watching import Watched
from uchat_execution.service.recording import Recording
from uchat_execution.service.repeating import tried
from uchat_platform import logging
from uchat_platform.errors import UchatError

_EVERY_S: Final = 1.0
_IDLE_S: Final = 30.0
_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 10.0
_log = logging.get_logger(__name__)


@dataclass(slots=True)
class Streaming:
    """Holds one reader for each account with resting orders that `owns` says is this replica's.

    Two readers of one account do no harm: trades are recorded by their id. Events are hints: what
    they leave open is asked for, and without a stream the sweeper asks anyway. `most` readers at a
    time, for those who wait longest. `foreign` hears of accounts on which somebody else traded.
    """

    watched: Watched
    stream: UserStream
    venue: Venue
    recording: Recording
    owns: Callable[[str], bool]
    wake: Callable[[str], None]
    foreign: Callable[[str], None] | None = None
    most: int = 500
    _readers: "dict[str, asyncio.Task[None]]" = field(
        default_factory=dict[str, "asyncio.Task[None]"]
    )
    _needed_at: dict[str, float] = field(default_factory=dict[str, float])
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    def follow(self, account: str) -> None:
        """Follow an account from now on: an order of it has begun to rest."""
        if account not in self._readers:
            self._asked.set()

    async def run(self) -> None:
        """Begin and end readers until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await tried(self._tend(group), "streams_wait")
                await self._until_next()

    async def take(self, account: str, event: VenueEvent) -> None:
        """Record what an event tells, once, whoever else heard it.

        Raises:
            UnavailableError: the database or the venue is away; the account is asked for then.
        """
        order = await self.watched.by_client_id(self.venue.name, account, event.client_order_id)
        if order is None and self.foreign is not None:
            self.foreign(account)
        if order is None or order.state in UNSENT or _is_known(order, event):
            return
        if order.state == "submitting":
            # Whoever sent it has the answer soon, or asks.
            return
        found = _as_told(order, event) or await self.venue.find(order.ref)
        if found is not None and await self.recording.venue_says(order, found, "stream"):
            self.wake(order.decision_id)

    async def _until_next(self) -> None:
        try:
            async with asyncio.timeout(_EVERY_S):
                await self._asked.wait()
        except TimeoutError:
            return
        self._asked.clear()

    async def _tend(self, group: asyncio.TaskGroup) -> None:
        now = asyncio.get_running_loop().time()
        accounts = await self.watched.accounts_resting(self.most)
        mine = [account for account in accounts if self.owns(account)]
        self._needed_at |= dict.fromkeys(mine, now)
        for account in list(self._readers):
            idle = now - self._needed_at[account] > _IDLE_S
            if idle or not self.owns(account):
                self._readers.pop(account).cancel()
                del self._needed_at[account]
        for account in mine:
            if account not in self._readers and len(self._readers) < self.most:
                self._readers[account] = group.create_task(self._read(account))

    async def _read(self, account: str) -> None:
        pause = _PAUSE_S
        while True:
            try:
                async with self.stream.events(account) as events:
                    await self._catch_up(account)
                    pause = _PAUSE_S
                    async for event in events:
                        await self.take(account, event)
            except (UchatError, OSError, TimeoutError) as e:
                _log.warning("stream_ended", account=account, error=repr(e))
            except Exception:  # noqa: BLE001 - one that trips over a bug must not stop the others
                _log.exception("stream_failed", account=account)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _catch_up(self, account: str) -> None:
        # What happened while nobody listened.
        for order in await self.watched.resting(account):
            found = await self.venue.find(order.ref)
            if found is not None and await self.recording.venue_says(order, found, "recon"):
                self.wake(order.decision_id)


def _is_known(order: Order, event: VenueEvent) -> bool:
    over = order.state in SETTLED
    return event.filled <= order.filled and (over or order.state == event.status)


def _as_told(order: Order, event: VenueEvent) -> VenueOrder | None:
    """The order as the event tells it; None: it does not follow what is known."""
    traded = event.fill.quantity if event.fill is not None else ZERO
    if order.filled + traded != event.filled:
        return None
    return VenueOrder(
        ref=order.ref,
        venue_order_id=event.venue_order_id,
        status=event.status,
        quantity=event.quantity,
        filled=event.filled,
        fills=(event.fill,) if event.fill is not None else (),
        at=event.at,
    )
