"""The live fan-out of this process: feeds by log, and the checks that find a lost last event."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from prometheus_client import Counter, Gauge

from uchat_contracts.frames import LiveRun
from uchat_gateway.ports.conversations import Conversations, LogPage, LogSnapshot
from uchat_gateway.ports.live import LiveBus
from uchat_gateway.service.live.feed import LogFeed
from uchat_gateway.service.live.follower import REPLAY_LIMIT, Follower, Past, Sink
from uchat_gateway.service.live.frames import Durable, durable_of
from uchat_platform import logging
from uchat_platform.auth import Actor
from uchat_platform.errors import UchatError

_HEADS_BATCH = 1000
_THE_END = 2**62
_FEEDS = Gauge("uchat_live_feeds", "Logs that this gateway listens to")
_HEADS_ASKED = Counter("uchat_live_heads_total", "Logs whose end was asked for")
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HubTimes:
    """How often to look, in seconds."""

    heads_after_live: float = 1.0
    heads_period: float = 25.0
    linger: float = 20.0
    tick: float = 0.25


class LiveHub:
    """Lets readers follow logs. One bus subscription for each log, however many readers."""

    def __init__(
        self,
        bus: LiveBus,
        conversations: Conversations,
        *,
        times: HubTimes | None = None,
        unguarded: bool = False,
    ) -> None:
        self._bus = bus
        self._conversations = conversations
        self._times = times or HubTimes()
        self._unguarded = unguarded
        self._feeds: dict[str, LogFeed] = {}
        self._due: dict[str, float] = {}
        self._gap = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Keep feeds healthy while the block runs."""
        remove = self._bus.on_gap(self._gap.set)
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                keeper = group.create_task(self._keep())
                try:
                    yield
                finally:
                    keeper.cancel()
        finally:
            self._group = None
            remove()
            for feed in list(self._feeds.values()):
                await self._discard(feed)

    async def follow(self, actor: Actor, log: str, sink: Sink) -> Follower:
        """Register for a log's live frames, which are held until `Follower.go`.

        Nothing has been checked yet: `past` finds out whether the log is the actor's.

        Raises:
            UnavailableError: the bus is away.
        """
        feed = self._feeds.get(log)
        if feed is None:
            feed = LogFeed(
                log, self._bus, self._conversations, self.spawn, unguarded=self._unguarded
            )
            self._feeds[log] = feed
            _FEEDS.set(len(self._feeds))
        follower = Follower(log, actor.person_id, sink, unguarded=self._unguarded)
        feed.followers.add(follower)
        try:
            await feed.open()
        except UchatError:
            self.leave(follower)
            raise
        return follower

    async def past(
        self,
        actor: Actor,
        follower: Follower,
        *,
        epoch: str | None,
        after: int | None,
        any_epoch: bool = False,
    ) -> Past:
        """Read what the follower has missed since its cursor, or a snapshot.

        A cursor counts only with the epoch that it belongs to; `any_epoch` trusts it without.

        Raises:
            NotFoundError: the log is not the actor's.
            UnavailableError: sessions is away.
        """
        log = follower.log
        found: LogPage | LogSnapshot | None = None
        if after is not None and (any_epoch or epoch is not None):
            found = await self._replay(actor, log, epoch, after)
        if found is None:
            found = await self._conversations.snapshot(actor, log)
        if isinstance(found, LogSnapshot):
            past = Past.snapshot(log, found)
        else:
            past = Past.replay(log, after or 0, found)
        feed = self._feeds[log]
        if isinstance(found, LogSnapshot):
            feed.finish(found.message_ids)
        feed.start(actor, past)
        running = (await feed.running(expected=found.unanswered > 0)).so_far()
        follower.forget_hints()
        if running is not None:
            past.live.append(running)
        return past

    async def now(self, actor: Actor, follower: Follower) -> None:
        """Let the follower go on from the log's end, without anything of the past.

        Raises: as `past`.
        """
        feed = self._feeds[follower.log]
        seq = feed.seen_by(actor.person_id)
        if seq is None:
            page = await self._conversations.read(actor, follower.log, after=_THE_END, limit=1)
            feed.start(actor, Past(follower.log, page.epoch, page.head, page.head))
            seq = page.head
        follower.go(seq)

    async def entries(self, actor: Actor, log: str, *, after: int, to: int) -> list[Durable]:
        """Return entries of a log with after < seq <= to, as live frames.

        Raises: as `past`.
        """
        page = await self._conversations.read(actor, log, after=after, limit=to - after)
        return [durable_of(entry) for entry in page.entries if entry["seq"] <= to]

    async def running_answer(self, log: str) -> LiveRun | None:
        """Return the running answer of a followed log, if there is one."""
        feed = self._feeds.get(log)
        return None if feed is None else (await feed.running(expected=False)).so_far()

    def leave(self, follower: Follower) -> None:
        """Stop following. The subscription lingers for a while, for who comes back."""
        feed = self._feeds.get(follower.log)
        if feed is not None:
            feed.followers.discard(follower)
            # A log that nobody was found to own is not worth listening to.
            feed.idle_since = time.monotonic() if feed.owned else 0.0

    def went_live(self, log: str) -> None:
        """Take note that a reader went live: where the log ends is asked for again soon."""
        self._due.setdefault(log, time.monotonic() + self._times.heads_after_live)

    def forget(self, log: str) -> None:
        """Send the followers of an erased log away."""
        feed = self._feeds.get(log)
        if feed is not None:
            feed.lose("not_found")

    def check_now(self) -> None:
        """Ask for all heads at once: events may have been lost."""
        self._gap.set()

    async def _replay(
        self, actor: Actor, log: str, epoch: str | None, after: int
    ) -> LogPage | None:
        page = await self._conversations.read(actor, log, after=after, limit=REPLAY_LIMIT)
        whole = len(page.entries) == page.head - after
        return page if whole and epoch in (None, page.epoch) else None

    def spawn(self, work: Awaitable[None]) -> None:
        """Run work of a follower beside everything else; it must not fail."""
        if self._group is not None:
            self._group.create_task(_run(work))

    async def _keep(self) -> None:
        all_due = time.monotonic() + self._times.heads_period
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gap.wait(), self._times.tick)
            now = time.monotonic()
            if self._gap.is_set() or now >= all_due:
                self._gap.clear()
                all_due = now + self._times.heads_period
                due = [log for log, feed in self._feeds.items() if feed.followers]
                self._due.clear()
            else:
                due = [log for log, at in self._due.items() if at <= now]
                for log in due:
                    del self._due[log]
                due = [log for log in due if log in self._feeds and self._feeds[log].followers]
            await self._check(due)
            await self._sweep(now)

    async def _check(self, logs: list[str]) -> None:
        for start in range(0, len(logs), _HEADS_BATCH):
            batch = logs[start : start + _HEADS_BATCH]
            _HEADS_ASKED.inc(len(batch))
            try:
                heads = await self._conversations.heads(batch)
            except UchatError as e:
                _log.warning("heads_unknown", code=e.code, logs=len(batch))
                retry_at = time.monotonic() + self._times.heads_after_live
                self._due.update(dict.fromkeys(batch, retry_at))
                continue
            for log in batch:
                feed = self._feeds.get(log)
                if feed is not None:
                    feed.heads(heads.epoch, heads.seqs.get(log))

    async def _sweep(self, now: float) -> None:
        for feed in list(self._feeds.values()):
            if not feed.followers and now - feed.idle_since > self._times.linger:
                await self._discard(feed)

    async def _discard(self, feed: LogFeed) -> None:
        self._feeds.pop(feed.log, None)
        self._due.pop(feed.log, None)
        _FEEDS.set(len(self._feeds))
        try:
            await feed.close()
        except UchatError as e:
            _log.warning("unsubscribe_failed", session_id=feed.log, code=e.code)


async def _run(work: Awaitable[None]) -> None:
    await work
