"""Turns a delivery into what a chat shows: one message for each thing, changed in place."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from weakref import WeakValueDictionary

from pydantic import ValidationError

from uchat_contracts.events import Delivery, MessageData
from uchat_contracts.people import Link
from uchat_contracts.trading import Alert, Card, Digest, KeyChanged, KillSwitch, Mandate, Trading
from uchat_platform import logging
from uchat_platform.errors import InvalidInputError, NotFoundError, UchatError
from uchat_telegram.domain import alerts, answers, cards, notices, words
from uchat_telegram.domain.view import View
from uchat_telegram.ports import BotApi, Memory, Person, Shown
from uchat_telegram.service.ageing import Ageing
from uchat_telegram.service.calling import Caller
from uchat_telegram.service.pacing import ANSWER, CARD, NOTICE

_CARDS: Final = frozenset({"decision", "decision.resolved", "execution"})
_FINISH_S: Final = 2.0
Continue = Callable[[Person], Awaitable[str | None]]
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a delivery."""

    status: Literal["delivered", "collapsed"]
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Thing:
    """What is to be shown, and what its buttons bind to."""

    view: View
    priority: int
    mark: str | None = None
    in_place: bool = False

    def is_no_news(self, before: Shown) -> bool:
        """Tell whether a chat shows the same already."""
        known = before.message_id is not None and not self.in_place
        return known and self.mark is not None and self.mark == before.mark


@dataclass(slots=True)
class Showing:
    """Shows deliveries. `continue_url` makes a fresh link to the web for a person."""

    bot: BotApi
    memory: Memory
    caller: Caller
    continue_url: Continue
    ageing: Ageing
    _locks: WeakValueDictionary[tuple[int, str], asyncio.Lock] = field(
        default_factory=WeakValueDictionary[tuple[int, str], asyncio.Lock]
    )

    async def show(self, delivery: Delivery) -> Told:
        """Show a delivery once, however often it comes.

        Raises:
            RateLimitedError, UnavailableError: not now.
            UchatError: it can never be shown.
        """
        chat_id, rev = chat_id_of(delivery), rev_of(delivery)
        async with self._lock(chat_id, delivery.about):
            before = await self.memory.shown(chat_id, delivery.about)
            if before is not None and before.message_id is not None and rev <= before.rev:
                return Told("collapsed" if rev else "delivered", before.message_id)
            thing = await self._thing(delivery)
            if thing is None or (before is not None and thing.is_no_news(before)):
                return Told("collapsed", None if before is None else before.message_id)
            target = Shown(
                chat_id=chat_id,
                about=delivery.about,
                message_id=None if before is None else before.message_id,
                rev=rev,
                mark=thing.mark,
                log=delivery.log,
                seq=delivery.seq,
            )
            unsure = before is not None and before.message_id is None
            return Told("delivered", await self._put(target, thing, unsure=unsure))

    async def refresh(self, chat_id: int, card: Card, person_id: str, message_id: int) -> None:
        """Make a message show a card that changed elsewhere, unless it shows something newer.

        Raises:
            UchatError: as `show`.
        """
        about = f"decision:{card.decision_id}"
        async with self._lock(chat_id, about):
            before = await self.memory.shown(chat_id, about)
            known = before is not None and before.message_id == message_id
            if known and before is not None and before.rev > card.rev:
                return
            view = cards.render(card, person_id)
            if not known:
                # A copy that a crash left behind: it must not offer anything.
                view = replace(view, keyboard=())
            await self.caller.once(
                chat_id, CARD, lambda: self._edit_if_there(chat_id, message_id, view)
            )
            if known:
                mark, log = card.plan_hash, card.session_id
                await self.memory.show(Shown(chat_id, about, message_id, card.rev, mark, log))

    async def _edit_if_there(self, chat_id: int, message_id: int, view: View) -> None:
        try:
            await self.bot.edit(chat_id, message_id, view)
        except NotFoundError:
            _log.info("message_gone")

    async def _put(self, target: Shown, thing: _Thing, *, unsure: bool) -> int:
        known = target.message_id if thing.in_place else None
        if known is not None and await self._edited(target, known, thing):
            return known
        view = thing.view
        if unsure:
            # It was about to be sent when somebody was interrupted; nobody knows whether it was.
            view = replace(view, html=f"<i>{words.REPEATED}</i>\n\n{view.html}", blocks=())
        await self.caller.pace.turn(target.chat_id, thing.priority)
        return await _to_the_end(self._send(target, view))

    async def _edited(self, target: Shown, message_id: int, thing: _Thing) -> bool:
        chat_id, view = target.chat_id, thing.view
        try:
            await self.caller.once(
                chat_id, thing.priority, lambda: self.bot.edit(chat_id, message_id, view)
            )
        except NotFoundError:
            # Deleted, or too old to be changed: told anew instead.
            return False
        await self.memory.show(target)
        return True

    async def _send(self, target: Shown, view: View) -> int:
        chat_id = target.chat_id
        await self.memory.sending(target)
        try:
            sent = await self.bot.send(chat_id, view)
        except UchatError as e:
            if e.code != "telegram_unsure":
                await self.memory.not_sent(target)
            if e.retry_after_s is not None:
                self.caller.pace.pause(chat_id, e.retry_after_s)
            raise
        await self.memory.show(replace(target, message_id=sent))
        self.ageing.watch(chat_id, sent, view.keyboard)
        return sent

    async def _thing(self, delivery: Delivery) -> _Thing | None:
        try:
            return await self._render(delivery)
        except ValidationError as e:
            raise InvalidInputError(
                f"{e.error_count()} fields of a {delivery.kind!r} do not fit", code="malformed"
            ) from e

    async def _render(self, delivery: Delivery) -> _Thing | None:
        data, kind = delivery.data, delivery.kind
        if kind in _CARDS:
            card = Card.model_validate(data)
            if not cards.is_new(card):
                return None
            view = cards.render(card, delivery.user_id)
            return _Thing(view, CARD, card.plan_hash, in_place=True)
        if kind == "message":
            answer = MessageData.model_validate(data)
            url = await self.continue_url(Person(delivery.user_id, delivery.log))
            return _Thing(answers.render(answer, url=url), ANSWER)
        return _notice(delivery)

    def _lock(self, chat_id: int, about: str) -> asyncio.Lock:
        return self._locks.setdefault((chat_id, about), asyncio.Lock())


def rev_of(delivery: Delivery) -> int:
    """Return which news of its thing a delivery is; an answer is the only one of its own."""
    return 0 if delivery.kind == "message" else delivery.rev or delivery.seq


def _notice(delivery: Delivery) -> _Thing | None:
    data, kind = delivery.data, delivery.kind
    view: View | None = None
    mark: str | None = None
    # The question whether to link becomes the word that it is done.
    in_place = kind == "link.changed"
    if kind == "kill_switch":
        state = KillSwitch.model_validate(data)
        view, mark = notices.kill_switch(state), f"on={state.on}"
    elif kind == "mandate":
        given = Mandate.model_validate(data)
        # How much of it is used up today is no news.
        view, mark = notices.mandate(given), f"{given.state}:{given.per_day}:{given.expires_at}"
    elif kind == "trading":
        now = Trading.model_validate(data)
        view, mark = notices.trading(now), notices.trading_mark(now)
    elif kind == "link.changed":
        link = Link.model_validate(data)
        view, mark = notices.link_changed(link), f"{link.state}:{link.may_approve}"
    elif kind == "alert":
        view = alerts.fired(Alert.model_validate(data))
    elif kind == "venue_key":
        key = KeyChanged.model_validate(data)
        view, mark = notices.key_changed(key), notices.key_mark(key)
    elif kind == "digest":
        view = alerts.digest(Digest.model_validate(data))
    else:
        _log.info("delivery_of_unknown_kind", kind=kind)
    silent = delivery.silent
    if view is None:
        return None
    return _Thing(replace(view, silent=silent), NOTICE, mark, in_place=in_place)


def chat_id_of(delivery: Delivery) -> int:
    """Return the chat that a delivery is for.

    Raises:
        InvalidInputError: it names none.
    """
    if not delivery.address.removeprefix("-").isdecimal():
        raise InvalidInputError(f"{delivery.address!r} is no chat", code="address_invalid")
    return int(delivery.address)


async def _to_the_end(work: Coroutine[Any, Any, int]) -> int:
    # Who is asked to stop in the middle still writes down what was sent, or it is sent again.
    sending = asyncio.ensure_future(work)  # owned: awaited below, whatever happens
    try:
        return await asyncio.shield(sending)
    except asyncio.CancelledError:
        await asyncio.wait([sending], timeout=_FINISH_S)
        sending.cancel()
        raise
