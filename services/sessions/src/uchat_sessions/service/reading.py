"""Reading logs: entries, snapshots, heads, what the brain needs, and what became of a message."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from uchat_contracts.events import SessionData
from uchat_contracts.ids import is_log_id
from uchat_contracts.state import WINDOW, LogState, fold, with_card
from uchat_contracts.trading import Card
from uchat_platform.auth import Actor
from uchat_platform.errors import InvalidInputError, NotFoundError
from uchat_sessions.domain.proposals import (
    CONFLICT,
    ERASED,
    MESSAGE,
    NOT_FOUND,
    Outcome,
    message_key,
)
from uchat_sessions.domain.views import LogHead, Stored, Waiting
from uchat_sessions.ports import Epoch, LogReader, Ring, Vault
from uchat_sessions.service import metrics
from uchat_sessions.service.codec import entry_json, entry_model

_RING: Final = 64
_POLL_S: Final = 0.005
_LONGEST_POLL_S: Final = 0.05
_LONGEST_WAIT_MS: Final = 5_000
_END: Final = 2**62


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in order, as JSON, and the head of their log at that moment."""

    epoch: str
    head: LogHead
    entries: list[bytes]


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads for a person what is theirs, and for services what they work on."""

    logs: LogReader
    vault: Vault
    ring: Ring
    epoch: Epoch

    async def read(
        self, actor: Actor, log: str, after: int, before: int | None, limit: int
    ) -> Page:
        """Return entries with after < seq < before: the first ones.

        The latest ones if there is a `before` and `after` is 0.
        """
        epoch = self.epoch.value
        head = await self._head(actor, log)
        latest = before is not None and after == 0
        top = min(head.last_seq + 1, _END if before is None else before)
        first, last = (
            (max(after, top - 1 - limit), top - 1)
            if latest
            else (
                after,
                min(top - 1, after + limit),
            )
        )
        stored = await self._span(head, first, last)
        data = await self.vault.open(head, stored)
        return Page(epoch, head, _as_json(head, epoch, stored, data))

    async def snapshot(self, actor: Actor, log: str, at: int | None) -> tuple[LogState, int]:
        """Return the state of a log, at a given seq if wanted, and how many messages wait."""
        epoch = self.epoch.value
        head = await self._head(actor, log)
        end = head.last_seq if at is None else at
        if not 0 <= end <= head.last_seq:
            raise InvalidInputError(
                f"Expected a seq up to {head.last_seq}, found {end}", code="seq_unknown"
            )
        before = max(0, end - WINDOW)
        stored = await self._span(head, before, end)
        state = await self._base(head, epoch, before)
        for entry, data in zip(stored, await self.vault.open(head, stored), strict=True):
            state = fold(state, entry_model(log, epoch, entry, data))
        return state, head.waiting

    async def heads(self, actor: Actor, logs: Sequence[str]) -> tuple[str, list[LogHead]]:
        """Return the epoch and the heads of those logs that exist for the actor."""
        epoch = self.epoch.value
        found = await self.logs.heads([log for log in logs if is_log_id(log)])
        return epoch, [head for head in found if _may_read(actor, head)]

    async def context(self, actor: Actor, log: str, limit: int) -> tuple[Page, list[Waiting]]:
        """Return the latest messages of a conversation and those without an answer."""
        epoch = self.epoch.value
        head = await self._head(actor, log)
        waiting = await self.logs.waiting(log) if head.waiting else []
        recent = await self.ring.latest(log, head.last_seq, min(_RING, head.last_seq)) or []
        messages = [entry for entry in recent if entry.kind == MESSAGE][-limit:]
        complete = recent and (len(messages) == limit or recent[0].seq == 1)
        metrics.RING.labels("yes" if complete else "no").inc()
        if not complete:
            messages = await self.logs.messages(log, limit)
        data = await self.vault.open(head, messages)
        return Page(epoch, head, _as_json(head, epoch, messages, data)), waiting

    async def unanswered(self, older_than_ms: int, limit: int) -> list[Waiting]:
        """Return the messages of all logs that nobody has answered, oldest first."""
        return await self.logs.all_waiting(older_than_ms, limit)

    async def verdict(
        self, actor: Actor, log: str, client_msg_id: str, body_hash: str, wait_ms: int
    ) -> Outcome | None:
        """Return what became of the actor's message, waiting for it; None: not decided yet."""
        until = time.monotonic() + min(wait_ms, _LONGEST_WAIT_MS) / 1000
        pause = _POLL_S
        while True:
            outcome = await self._verdict(actor, log, client_msg_id, body_hash)
            left = until - time.monotonic()
            if outcome is not None or left <= 0:
                return outcome
            await asyncio.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_POLL_S)

    async def _verdict(
        self, actor: Actor, log: str, client_msg_id: str, body_hash: str
    ) -> Outcome | None:
        claim = await self.logs.claim(log, message_key(actor.person_id, client_msg_id))
        if claim is None:
            return None
        if claim.code:
            return Outcome("rejected", code=claim.code)
        head = await self.logs.head(log)
        if head is None:
            return Outcome("rejected", code=ERASED)
        if body_hash and await self.logs.body_mac(head, body_hash) != claim.body_mac:
            return Outcome("rejected", code=CONFLICT)
        return Outcome("duplicate", claim.message_id, claim.seq)

    async def _head(self, actor: Actor, log: str) -> LogHead:
        head = await self.logs.head(log) if is_log_id(log) else None
        if head is None or not _may_read(actor, head):
            raise NotFoundError("There is no such conversation", code=NOT_FOUND)
        return head

    async def _span(self, head: LogHead, after: int, last: int) -> list[Stored]:
        """Return the entries with after < seq <= last."""
        if last <= after:
            return []
        near = head.last_seq - after
        if near <= _RING:
            recent = await self.ring.latest(head.log, head.last_seq, near)
            metrics.RING.labels("no" if recent is None else "yes").inc()
            if recent is not None:
                return recent[: last - after]
        return await self.logs.entries(head.log, after, last + 1, last - after, latest=False)

    async def _base(self, head: LogHead, epoch: str, seq: int) -> LogState:
        """Return the state at `seq` without its entries: those that follow fill the window."""
        state = LogState(log=head.log, epoch=epoch, seq=seq)
        if not seq:
            return state
        open_ones = await self.logs.pending(head.log, seq)
        for data in await self.vault.open(head, open_ones):
            pending = with_card(state.pending, Card.model_validate_json(data))
            state = state.model_copy(update={"pending": pending})
        entry = None
        if head.log != head.person:
            entry = await self.logs.settings_entry(head.log, seq)
        if entry is None:
            return state
        (data,) = await self.vault.open(head, [entry])
        session = SessionData.model_validate_json(data)
        return state.model_copy(
            update={
                "title": session.title,
                "mode": session.mode,
                "archived": session.archived,
                "pinned": session.pinned,
            }
        )


def _may_read(actor: Actor, head: LogHead) -> bool:
    return actor.is_service or head.person == actor.person_id


def _as_json(
    head: LogHead, epoch: str, stored: Sequence[Stored], data: Sequence[bytes]
) -> list[bytes]:
    return [
        entry_json(head.log, epoch, entry, body) for entry, body in zip(stored, data, strict=True)
    ]
