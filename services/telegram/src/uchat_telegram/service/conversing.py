"""Takes in what people write: durable before Telegram may forget it, answered at once."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from uchat_contracts import ids
from uchat_contracts.events import MessageReceived, StopRun
from uchat_contracts.parts import Origin, Part
from uchat_platform import logging, telemetry
from uchat_platform.clock import Clock
from uchat_platform.errors import UchatError
from uchat_telegram.domain import words
from uchat_telegram.domain.markdown import escape
from uchat_telegram.domain.view import Incoming, View
from uchat_telegram.ports import BotApi, Memory, Outbound, People, Person
from uchat_telegram.service.ageing import Ageing
from uchat_telegram.service.calling import Caller
from uchat_telegram.service.pacing import NOTICE
from uchat_telegram.service.streaming import Streaming

_VERDICT_MS: Final = 500
_SEND_S: Final = 30.0
_log = logging.get_logger(__name__)
Spawn = Callable[[Coroutine[Any, Any, None]], None]


@dataclass(frozen=True, slots=True)
class Conversing:
    """People's messages on their way to the conversation. `spawn` starts work beside."""

    bot: BotApi
    people: People
    outbound: Outbound
    memory: Memory
    streaming: Streaming
    caller: Caller
    ageing: Ageing
    clock: Clock
    spawn: Spawn

    async def resolve(self, incoming: Incoming) -> Person:
        """Return who writes; made at their first message.

        Raises:
            UchatError: sessions is away or refuses.
        """
        return await self.people.resolve(incoming.user_id, incoming.name)

    async def say(self, incoming: Incoming, text: str, *, key: str = "") -> None:
        """Bring a message into the writer's home conversation; the same one again changes nothing.

        `key` names it within the chat; by default it is Telegram's number of the message.

        Raises:
            UnavailableError: it is not stored; try again.
        """
        with telemetry.span("telegram_message"):
            person = await self.resolve(incoming)
            event = await self._event(incoming, person, text, key or str(incoming.message_id))
            answer_id = ids.derived_message_id(event.message_id)
            draft_id = incoming.message_id or incoming.update_id
            showing = await self.streaming.watch(incoming.chat_id, person.home, answer_id, draft_id)
            self.spawn(_run(showing))
            try:
                await self.outbound.publish(event)
            except UchatError:
                self.streaming.finish(incoming.chat_id, answer_id)
                raise
            self.spawn(self._check(incoming, person, event))

    async def stop(self, incoming: Incoming) -> None:
        """End the answer that is being written for a chat."""
        person = await self.resolve(incoming)
        log = self.streaming.log_of(incoming.chat_id) or person.home
        await self.outbound.stop(StopRun(log=log, user_id=person.person_id))

    async def tell(self, chat_id: int, view: View) -> int | None:
        """Say something that is no answer of the brain; given up after 30 s."""
        try:
            sent = await self.caller.repeatedly(
                chat_id, NOTICE, lambda: self.bot.send(chat_id, view), limit_s=_SEND_S
            )
        except UchatError as e:
            _log.warning("not_told", code=e.code)
            return None
        self.ageing.watch(chat_id, sent, view.keyboard)
        return sent

    async def continue_url(self, person: Person, public_url: str) -> str | None:
        """Return a fresh link that opens the web as this person, or None if there is none now."""
        try:
            code = await self.people.continue_code(person.actor())
        except UchatError as e:
            _log.warning("no_continue_code", code=e.code)
            return None
        return f"{public_url.rstrip('/')}/#continue={code}"

    async def _event(
        self, incoming: Incoming, person: Person, text: str, key: str
    ) -> MessageReceived:
        client_msg_id = f"tg:{incoming.chat_id}:{key}"
        return MessageReceived(
            occurred_at=self.clock.now(),
            session_id=person.home,
            user_id=person.person_id,
            message_id=ids.received_message_id(person.person_id, person.home, client_msg_id),
            client_msg_id=client_msg_id,
            parts=[_part(text, forwarded=incoming.forwarded)],
            origin=Origin(interface="telegram", device=str(incoming.chat_id)),
            mode=await self.memory.mode(incoming.chat_id),
        )

    async def _check(self, incoming: Incoming, person: Person, event: MessageReceived) -> None:
        # What is refused later is said so: the conversation may have been erased or have moved.
        try:
            verdict = await self.people.verdict(person.actor(), event, _VERDICT_MS)
        except UchatError as e:
            _log.info("verdict_unknown", code=e.code)
            return
        answer_id = ids.derived_message_id(event.message_id)
        if verdict.status == "duplicate" and await self.memory.shown(
            incoming.chat_id, f"answer:{answer_id}"
        ):
            # Telegram sent again what was answered long ago.
            self.streaming.finish(incoming.chat_id, answer_id)
        if verdict.status != "rejected":
            return
        self.streaming.finish(incoming.chat_id, answer_id)
        now = await self.resolve(incoming)
        if now.home != person.home or now.person_id != person.person_id:
            text = event.parts[0].text or ""
            await self.say(incoming, text, key=event.client_msg_id.rpartition(":")[2])
            return
        reason = escape(verdict.code.replace("_", " "))
        await self.tell(incoming.chat_id, View(words.NOT_DELIVERED.format(reason=reason)))


def _part(text: str, *, forwarded: bool) -> Part:
    if not forwarded:
        return Part(type="text", text=text)
    return Part.model_validate({"type": "text", "text": text, "forwarded": True})


async def _run(work: Any) -> None:
    await work
