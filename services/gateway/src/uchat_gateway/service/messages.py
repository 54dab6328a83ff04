"""Sending a message: checked, made durable on the bus, and told what became of it."""

from collections import OrderedDict
from dataclasses import dataclass, field

from uchat_contracts import subjects
from uchat_contracts.events import MessageReceived
from uchat_contracts.events.proposed import Policy
from uchat_contracts.parts import Origin, Part
from uchat_gateway.ports.access import Limiter
from uchat_gateway.ports.conversations import Conversations, Outcome
from uchat_gateway.ports.live import LiveBus
from uchat_gateway.service.recent import RecentMessages
from uchat_platform import logging
from uchat_platform.auth import Actor
from uchat_platform.clock import Clock
from uchat_platform.errors import NotFoundError, UchatError, UnavailableError

_VERDICT_MS = 100
_OWNED = 20_000
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as somebody wants to send it. `if_last_seq`: only if nothing came since.

    `message_id` is `ids.received_message_id` of the person, the log and the client's id.
    """

    log: str
    client_msg_id: str
    message_id: str
    parts: list[Part]
    origin: Origin
    mode: str | None = None
    policy: Policy = "enqueue"
    if_last_seq: int | None = None


@dataclass(slots=True)
class Messages:
    """Takes messages in. `accepted` means that JetStream has them on disk."""

    bus: LiveBus
    conversations: Conversations
    recent: RecentMessages
    limiter: Limiter
    clock: Clock
    publish_timeout_s: float = 5.0
    _owned: OrderedDict[tuple[str, str], None] = field(
        default_factory=OrderedDict[tuple[str, str], None]
    )
    _homes: OrderedDict[str, str] = field(default_factory=OrderedDict[str, str])

    async def send(self, actor: Actor, draft: Draft, *, confirm: bool = False) -> Outcome:
        """Send a message; again with the same id and body gives the first one's outcome.

        The outcome is accepted, duplicate or rejected with a code; `accepted` may be followed by a
        verdict on the log's live subject. Who does not follow that asks to `confirm`: the outcome
        is then the log's own, if it is known within 100 ms.

        Raises:
            RateLimitedError: too many messages of this person.
            NotFoundError: the conversation is not theirs.
            UnavailableError: the bus is away; nothing was done.
        """
        await self.limiter.hit_message(actor.person_id)
        await self.check_owner(actor, draft.log)
        message = self._message(actor, draft)
        if draft.if_last_seq is not None or draft.policy == "reject":
            return await self.conversations.append(actor, message, if_last_seq=draft.if_last_seq)
        return await self._publish(actor, message, confirm=confirm)

    async def check_owner(self, actor: Actor, log: str) -> None:
        """Let pass who owns a conversation; sessions checks again when it orders the message.

        Raises:
            NotFoundError: it is not theirs.
        """
        if (actor.person_id, log) not in self._owned:
            await self.conversations.get(actor, log)
            self.knows(actor.person_id, log)

    def knows(self, person_id: str, log: str) -> None:
        """Take note that a log is this person's."""
        self._owned[person_id, log] = None
        if len(self._owned) > _OWNED:
            self._owned.popitem(last=False)

    def forget(self, person_id: str, log: str) -> None:
        """Forget that a log was this person's: it was erased."""
        self._owned.pop((person_id, log), None)
        if self._homes.get(person_id) == log:
            del self._homes[person_id]

    async def home(self, actor: Actor) -> str:
        """Return the actor's home conversation, which every interface opens by itself.

        Raises:
            NotFoundError: `no_home`: it was erased.
        """
        known = self._homes.get(actor.person_id)
        if known is not None:
            return known
        cursor = ""
        while True:
            page = await self.conversations.list(actor, cursor=cursor, limit=200)
            for conversation in page.conversations:
                if conversation.home:
                    return self._remember_home(actor.person_id, conversation.session_id)
            if page.next is None:
                raise NotFoundError("You have no home conversation; name one", code="no_home")
            cursor = page.next

    def _remember_home(self, person_id: str, log: str) -> str:
        self._homes[person_id] = log
        if len(self._homes) > _OWNED:
            self._homes.popitem(last=False)
        return log

    def _message(self, actor: Actor, draft: Draft) -> MessageReceived:
        return MessageReceived(
            occurred_at=self.clock.now(),
            session_id=draft.log,
            user_id=actor.person_id,
            message_id=draft.message_id,
            client_msg_id=draft.client_msg_id,
            parts=draft.parts,
            origin=draft.origin,
            mode=draft.mode,
            policy=draft.policy,
        )

    async def _publish(self, actor: Actor, message: MessageReceived, *, confirm: bool) -> Outcome:
        is_new = self.recent.first_time(message.message_id)
        try:
            ack = await self.bus.publish(
                subjects.proposed("message", message.session_id),
                message.json_bytes(),
                stream=subjects.PROPOSED,
                msg_id=message.nats_msg_id(),
                timeout_s=self.publish_timeout_s,
            )
        except UchatError:
            if is_new:
                self.recent.forget(message.message_id)
            raise
        accepted = Outcome("accepted", message_id=message.message_id)
        # A duplicate of the bus's own retry is no repetition by the client.
        repeated = not is_new or (ack.duplicate and not ack.retried)
        if not repeated and not confirm:
            return accepted
        try:
            verdict = await self.conversations.verdict(
                actor,
                message.session_id,
                message.client_msg_id,
                message.body_hash(),
                wait_ms=_VERDICT_MS,
            )
        except UnavailableError as e:
            # It is durable all the same; what becomes of it is told on the live subject.
            _log.warning("verdict_unknown", session_id=message.session_id, code=e.code)
            return accepted
        if verdict.status == "rejected":
            return verdict
        if verdict.status == "unknown":
            return accepted
        status = "duplicate" if repeated else "accepted"
        return Outcome(status, message_id=verdict.message_id, seq=verdict.seq)
