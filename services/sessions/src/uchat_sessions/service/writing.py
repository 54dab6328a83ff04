"""What callers ask for directly: people, conversations, and messages under a condition."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from uchat_contracts.events import MessageReceived
from uchat_platform import logging
from uchat_platform.auth import Actor
from uchat_platform.errors import (
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    UnavailableError,
)
from uchat_sessions.domain.proposals import NOT_FOUND, Outcome
from uchat_sessions.domain.views import ConversationChange, ConversationView, PersonView
from uchat_sessions.ports import Announcer, Appended, Conversations, LogWriter, People, Purges, Ring
from uchat_sessions.service import metrics
from uchat_sessions.service.checking import check
from uchat_sessions.service.proposing import from_message

MAX_TITLE: Final = 200
_MAX_KEY: Final = 200
_MODE: Final = re.compile(r"[a-z][a-z0-9_]{0,31}\Z")
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes, and announces what was written right after the commit."""

    writer: LogWriter
    people: People
    conversations: Conversations
    announcer: Announcer
    ring: Ring
    purges: Purges

    async def append(
        self, actor: Actor, event: MessageReceived, if_last_seq: int | None, trace: str
    ) -> Outcome:
        """Append one message, if its conditions hold. Idempotent by its client_msg_id."""
        if event.user_id != actor.person_id:
            raise NotPermittedError("A message is written in one's own name")
        started = time.perf_counter()
        committed = await self.writer.append([from_message(event, trace, if_last_seq)])
        outcome = committed.outcomes[0]
        self._announce(committed.appended)
        metrics.OUTCOMES.labels(outcome.status, outcome.code).inc()
        _log.info(
            f"entry_{outcome.status}",
            session_id=event.session_id,
            seq=outcome.seq,
            message_id=event.message_id,
            code=outcome.code or None,
            user_id=logging.hashed(event.user_id),
            interface_type=event.origin.interface,
            processing_time=round(1000 * (time.perf_counter() - started), 1),
        )
        return outcome

    async def resolve(self, provider: str, external_id: str, display_name: str) -> PersonView:
        """Return the person behind an outside identity, made at the first call."""
        check(provider, "provider", 1, 32)
        check(external_id, "external_id", 1, _MAX_KEY)
        check(display_name, "display_name", 0, MAX_TITLE)
        person, appended = await self.people.resolve(provider, external_id, display_name)
        self._announce(appended)
        return person

    async def create(self, actor: Actor, key: str, title: str, mode: str) -> ConversationView:
        """Return the conversation of a key, made at the first call."""
        check(key, "key", 1, _MAX_KEY)
        check(title, "title", 0, MAX_TITLE)
        _check_mode(mode)
        made, appended = await self.conversations.create(actor.person_id, key, title, mode)
        self._announce(appended)
        return made

    async def get(self, actor: Actor, log: str) -> ConversationView:
        """Return one of the actor's conversations."""
        return _found(await self.conversations.get(actor.person_id, log))

    async def page(
        self, actor: Actor, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[ConversationView]:
        """Return the actor's conversations, latest first."""
        return await self.conversations.page(actor.person_id, before, limit)

    async def change(self, actor: Actor, log: str, change: ConversationChange) -> ConversationView:
        """Set new values of a conversation; the same values again change nothing."""
        check(change.title or "", "title", 0, MAX_TITLE)
        _check_mode(change.mode or "")
        changed, appended = await self.conversations.change(actor.person_id, log, change)
        self._announce(appended)
        return _found(changed)

    async def erase(self, actor: Actor, log: str) -> None:
        """Erase a conversation for good; its traces elsewhere follow."""
        erased, appended = await self.conversations.erase(actor.person_id, log)
        if not erased:
            raise NotFoundError("There is no such conversation", code=NOT_FOUND)
        self._announce(appended)
        if appended:
            _log.info("conversation_erased", session_id=log)
            await self._purge_soon()

    async def purge(self) -> None:
        """Remove what is due of erased logs from the streams and the ring."""
        for log in await self.purges.due():
            await self.ring.forget(log)
            await self.purges.remove(log)
            await self.purges.done(log)

    async def _purge_soon(self) -> None:
        try:
            await self.purge()
        except UnavailableError as e:
            # It is erased; what is left of it is removed when the bus is back.
            _log.info("purge_waits", code=e.code)

    def _announce(self, appended: Sequence[Appended]) -> None:
        self.announcer.announce(appended)
        self.ring.put(appended)
        metrics.APPENDED.labels("call").inc(len(appended))


def _check_mode(mode: str) -> None:
    if mode and not _MODE.match(mode):
        raise InvalidInputError("Expected a mode as 'quick'", code="invalid_mode")


def _found(view: ConversationView | None) -> ConversationView:
    if view is None:
        raise NotFoundError("There is no such conversation", code=NOT_FOUND)
    return view
