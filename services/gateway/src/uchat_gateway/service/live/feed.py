"""One followed log: its subscriptions, its guard, its running answer and its followers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import orjson
from pydantic import ValidationError

from uchat_contracts import subjects
from uchat_contracts.events import Delta, RunChanged, Running, Verdict
from uchat_gateway.ports.conversations import Conversations
from uchat_gateway.ports.live import LiveBus, LiveSubscription
from uchat_gateway.service.live.follower import Follower, Lost, Past
from uchat_gateway.service.live.frames import Durable, Frame, durable_of
from uchat_gateway.service.live.running import RunningAnswer
from uchat_platform import logging
from uchat_platform.auth import Actor
from uchat_platform.bus import CoreMessage, LogGuard
from uchat_platform.errors import UchatError

_RUNNING_TIMEOUT_S = 0.1
_FETCH = 1000
_EARLY = 2000
_UNREADABLE = (ValidationError, KeyError, TypeError, orjson.JSONDecodeError)
_log = logging.get_logger(__name__)

Spawn = Callable[[Awaitable[None]], None]


class LogFeed:
    """Fans a log out to its followers. Lives as long as the hub keeps it."""

    def __init__(
        self,
        log: str,
        bus: LiveBus,
        conversations: Conversations,
        spawn: Spawn,
        *,
        unguarded: bool,
    ) -> None:
        self.log = log
        self.followers: set[Follower] = set()
        self.idle_since = time.monotonic()
        self._bus = bus
        self._conversations = conversations
        self._spawn = spawn
        self._unguarded = unguarded
        self._subscriptions: list[LiveSubscription] = []
        self._subscribing: asyncio.Task[None] | None = None
        self._guard: LogGuard[Durable] | None = None
        self._early: list[Durable] = []
        self._actor: Actor | None = None
        self._running = RunningAnswer()
        self._repairing = False

    async def open(self) -> None:
        """Return once the server knows our subscriptions. Concurrent callers share the work.

        Raises:
            UnavailableError: the bus is away.
        """
        if self._subscribing is None:
            self._subscribing = asyncio.ensure_future(self._subscribe())  # owned: by open and close
        try:
            await asyncio.shield(self._subscribing)
        except UchatError:
            self._subscribing = None
            raise

    async def close(self) -> None:
        """Stop listening."""
        self._stop_guard()
        if self._subscribing is not None:
            await asyncio.wait([self._subscribing])
        await self._unsubscribe()

    def start(self, actor: Actor, past: Past) -> None:
        """Take note of a place in the log that was read for an owner of it."""
        self._actor = actor
        for entry in past.entries:
            self._finish(entry)
        if self._guard is None:
            self._guard = LogGuard(
                self.log,
                past.seq,
                past.epoch,
                self._fetch,
                self._apply,
                on_epoch=self._on_epoch,
                on_failed=self._on_failed,
                off=self._unguarded,
            )
            early, self._early = self._early, []
            for entry in early:
                self._guard.offer(entry)
        else:
            self._guard.heads(past.epoch, past.seq)

    def heads(self, epoch: str, seq: int | None) -> None:
        """Take note of where the log ends now (None: it is no more)."""
        if seq is None:
            self.lose("not_found")
        elif self._guard is not None:
            self._guard.heads(epoch, seq)

    def lose(self, reason: Lost) -> None:
        """Send all followers away."""
        for follower in tuple(self.followers):
            follower.lost(reason)

    def finish(self, message_ids: Sequence[str]) -> None:
        """Take note of answers that are in the log already."""
        for message_id in message_ids:
            self._running.finish(message_id)

    async def running(self, *, expected: bool) -> RunningAnswer:
        """Return the running answer, asked for if one is `expected` and not known here."""
        if self._running.broken or (expected and not self._running.known):
            await self._repair()
        return self._running

    @property
    def owned(self) -> bool:
        """Tell whether the log was read for an owner of it."""
        return self._actor is not None

    def seen_by(self, person_id: str) -> int | None:
        """Return where the log is, if it is guarded and was read for this person already."""
        if self._guard is None or self._actor is None or self._actor.person_id != person_id:
            return None
        return self._guard.last

    def _stop_guard(self) -> None:
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.close()

    async def _subscribe(self) -> None:
        wanted = ((subjects.live, self._on_live), (subjects.delta, self._on_delta))
        try:
            for subject, callback in wanted:
                subscription = await self._bus.subscribe(subject(self.log), callback)
                self._subscriptions.append(subscription)
            await self._bus.flush()
        except UchatError:
            await self._unsubscribe()
            raise

    async def _unsubscribe(self) -> None:
        while self._subscriptions:
            await self._subscriptions.pop().unsubscribe()

    def _on_live(self, message: CoreMessage) -> None:
        try:
            body = orjson.loads(message.payload)
            if body["type"] == "verdict.v1":
                self._tell(Verdict.model_validate(body))
                return
            entry = durable_of(body)
        except _UNREADABLE as e:
            # Skipped like any entry that got lost: the guard fetches it from the log.
            _log.warning("live_event_unreadable", session_id=self.log, reason=type(e).__name__)
            return
        if self._guard is not None:
            self._guard.offer(entry)
        elif len(self._early) < _EARLY:
            self._early.append(entry)

    def _on_delta(self, message: CoreMessage) -> None:
        frame: Frame | None
        try:
            body = orjson.loads(message.payload)
            if body["type"] == "run.v1":
                frame = self._running.on_run(RunChanged.model_validate(body))
            else:
                frame = self._running.on_delta(Delta.model_validate(body))
        except _UNREADABLE as e:
            _log.warning("delta_unreadable", session_id=self.log, reason=type(e).__name__)
            return
        if frame is not None:
            self._push(frame)
        elif self._running.broken and not self._repairing:
            self._spawn(self._repair())

    def _apply(self, entry: Durable) -> None:
        self._finish(entry)
        self._push(entry)

    def _finish(self, entry: Durable) -> None:
        if entry.message_id is not None:
            self._running.finish(entry.message_id)

    def _push(self, frame: Frame) -> None:
        for follower in tuple(self.followers):
            follower.push(frame)

    def _tell(self, verdict: Verdict) -> None:
        for follower in tuple(self.followers):
            follower.verdict(verdict)

    async def _repair(self) -> None:
        self._repairing = True
        try:
            raw = await self._bus.request(
                subjects.running(self.log), b"", timeout_s=_RUNNING_TIMEOUT_S
            )
            answer = None if raw is None else Running.model_validate_json(raw)
        except (UchatError, ValidationError) as e:
            _log.warning("running_answer_unknown", session_id=self.log, reason=type(e).__name__)
            answer = None
        finally:
            self._repairing = False
        frame = None if answer is None else self._running.on_repair(answer)
        if frame is not None:
            self._push(frame)
        else:
            self._running.on_unknown()

    async def _fetch(self, after: int, to: int) -> Sequence[Durable]:
        if self._actor is None:
            return []
        limit = max(1, min(_FETCH, to - after))
        page = await self._conversations.read(self._actor, self.log, after=after, limit=limit)
        return [durable_of(entry) for entry in page.entries]

    def _on_epoch(self, epoch: str) -> None:
        _log.warning("log_epoch_changed", session_id=self.log, epoch=epoch)
        self._stop_guard()
        self.lose("insufficient_state")

    def _on_failed(self, error: UchatError) -> None:
        _log.warning("live_feed_failed", session_id=self.log, code=error.code)
        self._stop_guard()
        self.lose("not_found" if error.status == 404 else "insufficient_state")  # noqa: PLR2004 - HTTP
