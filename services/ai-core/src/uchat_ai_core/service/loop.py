"""The turn loop: a doorbell rings, the conversation is leased, its oldest message answered."""

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from prometheus_client import Counter, Gauge

from uchat_ai_core.domain.partition import partition_of
from uchat_ai_core.domain.turn import Said, TurnIn
from uchat_ai_core.domain.window import Window, said_in
from uchat_ai_core.ports import Conversations, Leases
from uchat_ai_core.service.holding import Held, LeaseLostError, renew
from uchat_ai_core.service.turns import Turns
from uchat_ai_core.service.windows import Announced, Windows
from uchat_contracts.events import LogEntry, Running
from uchat_platform import logging
from uchat_platform.errors import NotFoundError, UchatError, UnavailableError

_MOST_WAITING: Final = 20_000
_TAKEN_AT_ONCE: Final = 64
"""Most leases that are waited for at once: a thousand turns that begin in one round of the event
loop would keep it for a second from renewals and from what others say."""

_LOST: Final = Counter("uchat_ai_leases_lost", "Turns given up because another owner took over")
_RUNGS: Final = Counter("uchat_ai_doorbells", "Doorbells", ["by"])
_DROPPED: Final = Counter("uchat_ai_doorbells_dropped", "Doorbells left to the sweeper")
_ACTIVE: Final = Gauge("uchat_ai_active_conversations", "Conversations that are being answered")
_log = logging.get_logger(__name__)


@dataclass(slots=True)
class _Ring:
    """A conversation that wants attention: the highest seq heard of, and its running lease.

    `asker` wrote the message that is being answered.
    """

    seq: int
    again: bool = True
    held: Held | None = None
    asker: str | None = None
    headers: dict[int, tuple[tuple[str, str], ...]] = field(
        default_factory=dict[int, tuple[tuple[str, str], ...]]
    )


class TurnLoop:
    """Answers conversations: one turn at a time in each, `most_turns` at once in all, in order.

    `owned` is the set of partitions whose announcements arrive here.
    """

    def __init__(
        self,
        turns: Turns,
        leases: Leases,
        conversations: Conversations,
        *,
        most_turns: int,
        most_logs: int,
        most_bytes: int,
        guard_off: bool = False,
    ) -> None:
        self._turns = turns
        self._leases = leases
        self._conversations = conversations
        self._slots = most_turns
        self._taking = asyncio.Semaphore(_TAKEN_AT_ONCE)
        self._queue: OrderedDict[str, _Ring] = OrderedDict()
        self._active: dict[str, _Ring] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._draining = False
        self.owned: set[int] = set()
        self.windows = Windows(
            conversations,
            self._said,
            most_logs=most_logs,
            most_bytes=most_bytes,
            guard_off=guard_off,
        )

    @property
    def free_slots(self) -> int:
        """Return how many more conversations could be taken up now."""
        return max(0, self._slots - len(self._active) - len(self._queue))

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; then finish the turns that run and renewals with them."""
        renewing = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._renew_leases(renewing))
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._start()
                await stop.wait()
                self._draining = True
                self._queue.clear()
            renewing.set()

    def heard(self, announced: Announced) -> None:
        """Take an entry of the log as it was announced."""
        entry = announced.entry
        if entry.kind == "session.deleted":
            # Told in the person's log: the conversation's own is gone.
            self.windows.drop(str(entry.data.get("session_id")))
        if not entry.log.startswith("unified_"):
            return
        if not self.windows.offer(announced) and _is_question(entry):
            self.ring(entry.log, entry.seq, by="log", headers=tuple(announced.headers.items()))

    def ring(
        self, log: str, seq: int, *, by: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Ask for attention for a conversation with a message of that seq. Safe to repeat."""
        _RUNGS.labels(by).inc()
        ring = self._active.get(log) or self._queue.get(log)
        if ring is None:
            if len(self._queue) >= _MOST_WAITING or self._draining:
                _DROPPED.inc()
                return
            ring = self._queue[log] = _Ring(seq)
        ring.seq = max(ring.seq, seq)
        ring.again = True
        if headers:
            ring.headers[seq] = headers
        self._start()

    def is_known(self, log: str) -> bool:
        """Tell whether the conversation is being answered or waits for it here."""
        return log in self._active or log in self._queue

    def running(self, log: str) -> Running | None:
        """Return the running answer of a conversation, if it runs here and has begun."""
        stream = self._turns.runs.get(log)
        return None if stream is None else stream.running()

    def stop(self, log: str, person: str, run_id: str | None) -> bool:
        """End the running answer to a message of that person; false if there is none here.

        `run_id` None: whichever runs. What was said so far becomes the answer.
        """
        ring, stream = self._active.get(log), self._turns.runs.get(log)
        if ring is None or ring.held is None or stream is None or ring.asker != person:
            return False
        if run_id is not None and run_id != stream.run_id:
            return False
        return ring.held.stop("stopped")

    def _said(self, log: str, said: Said) -> None:
        ring = self._active.get(log)
        if ring is not None and ring.held is not None and said.policy == "interrupt":
            ring.held.stop("interrupted")
        self.ring(log, said.seq, by="log", headers=said.headers)

    def _start(self) -> None:
        while self._tasks is not None and self._queue and len(self._active) < self._slots:
            log, ring = self._queue.popitem(last=False)
            self._active[log] = ring
            _ACTIVE.set(len(self._active))
            self._tasks.create_task(self._attend(log, ring))

    async def _attend(self, log: str, ring: _Ring) -> None:
        try:
            await self._answer_all(log, ring)
        except (UnavailableError, NotFoundError, LeaseLostError) as e:
            # Nothing is lost: who took over answers, or the sweeper finds what is left.
            _log.info("conversation_left", session_id=log, reason=type(e).__name__)
            ring.again = False
        except Exception:  # noqa: BLE001 - the edge of a conversation: others must go on
            _log.exception("conversation_failed", session_id=log)
            ring.again = False
        finally:
            del self._active[log]
            _ACTIVE.set(len(self._active))
            if ring.again and not self._draining:
                self.ring(log, ring.seq, by="again")
            self._start()

    async def _answer_all(self, log: str, ring: _Ring) -> None:
        async with self._taking:
            asked_at = time.monotonic()
            lease = await self._leases.take(log)
        if lease is None:
            ring.again = False
            return
        held = ring.held = Held(lease, self._leases, asked_at)
        known, answered = lease.answered_seq, 0
        try:
            while not self._draining:
                ring.again = False
                window = await self._window(log, ring)
                waiting = window.oldest_waiting(max(known, answered))
                if waiting is None:
                    if not ring.again:
                        return
                    continue
                message = await self._message(window, *waiting, ring)
                if message is None:
                    window.waiting.pop(waiting[0], None)
                    continue
                ring.asker = message.user_id
                turn_in = TurnIn(log, message, window.mode_for(message), window.before(message))
                window.settle(await self._turns.run(turn_in, held))
                self.windows.resized(log)
                answered = message.seq
                if self._queue and window.oldest_waiting(answered) is not None:
                    # Others wait for a place, and whoever writes all the time would never leave.
                    ring.again = True
                    return
        except LeaseLostError:
            _LOST.inc()
            raise
        finally:
            ring.held = None
            if not held.lost:
                self._leases.release(held.lease, answered)

    async def _window(self, log: str, ring: _Ring) -> Window:
        keep = partition_of(log) in self.owned
        return await self.windows.get(log, at_least=ring.seq, keep=keep)

    async def _message(self, window: Window, message_id: str, seq: int, ring: _Ring) -> Said | None:
        # A message that is older than the window has to be fetched.
        headers = ring.headers.pop(seq, ())
        found = window.message(message_id)
        if found is not None:
            return found if found.headers or not headers else replace(found, headers=headers)
        entries = await self._conversations.entries(window.log, seq - 1, seq)
        return said_in(entries[0], dict(headers)) if entries else None

    async def _renew_leases(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1.0)
            now = time.monotonic()
            due = [
                ring.held
                for ring in self._active.values()
                if ring.held is not None and now - ring.held.renewed_at > 0.8  # noqa: PLR2004 - before the second is over
            ]
            if not due:
                continue
            try:
                await renew(due, self._leases)
            except UchatError as e:
                _log.warning("leases_not_renewed", count=len(due), code=e.code)


def _is_question(entry: LogEntry) -> bool:
    return entry.kind == "message" and entry.data.get("role") == "user"
