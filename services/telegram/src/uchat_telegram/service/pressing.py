"""What buttons do: answered at once, whatever else is going on in the chat."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson

from uchat_contracts.events import MessageData
from uchat_contracts.trading import Card, Choice, venue_name
from uchat_platform import logging
from uchat_platform.errors import NotFoundError, UchatError, UnavailableError
from uchat_telegram.domain import answers, callbacks, cards, notices, words
from uchat_telegram.domain.callbacks import Press
from uchat_telegram.domain.markdown import escape
from uchat_telegram.domain.view import Incoming, View
from uchat_telegram.ports import BotApi, Memory, People, Person, Shown, Trading
from uchat_telegram.service.calling import Caller
from uchat_telegram.service.conversing import Conversing
from uchat_telegram.service.hushing import Hushing
from uchat_telegram.service.pacing import ANSWER, CARD
from uchat_telegram.service.showing import Showing

_LONGEST: Final = 190
_LOOKS: Final = 20
_LOOK_S: Final = 0.05
_DONE: Final = {"approve": "Approved. It is being executed.", "reject": "Rejected."}
_LIVE: Final = "Approved. It is being executed on {there}, with real money."
_HELP: Final = {"check": "check_again", "absent": "not_there"}
_log = logging.get_logger(__name__)
Handler = Callable[[Incoming, Press, Person], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Pressing:
    """Buttons by what they ask for. Each handler returns what to say to who pressed."""

    bot: BotApi
    people: People
    trading: Trading
    memory: Memory
    showing: Showing
    conversing: Conversing
    caller: Caller
    public_url: str
    hushing: Hushing

    async def pressed(self, incoming: Incoming) -> None:
        """Do what a button asks for and answer it, exactly once."""
        alert = False
        if not incoming.private or incoming.user_id != incoming.chat_id:
            text = words.PRIVATE_ONLY
        else:
            try:
                text = await self._handle(incoming)
            except UnavailableError:
                text, alert = words.AWAY, True
            except UchatError as e:
                text, alert = e.detail, True
        try:
            await self.bot.answer(incoming.callback_id, _short(text), alert=alert)
        except UchatError as e:
            # Too late, or answered by an earlier delivery of the same press.
            _log.info("press_not_answered", code=e.code)

    async def _handle(self, incoming: Incoming) -> str:
        press = callbacks.parse(incoming.data)
        if press is None:
            return words.UNKNOWN_CARD
        person = await self.conversing.resolve(incoming)
        handlers: dict[str, Handler] = {
            "approve": self._decide,
            "reject": self._decide,
            "quote": self._quote,
            "remedy": self._quote,
            "check": self._settle,
            "absent": self._settle,
            "trade": self._trade,
            "more": self._unfold,
            "less": self._unfold,
            "ask_more": self._ask_more,
            "cancel_orders": self._cancel_orders,
            "kill_off": self._kill_off,
            "mode": self._mode,
            "link": self._link,
            "no_link": self._no_link,
            "web": self._web,
            "snooze": self._hush,
            "delete_alert": self._hush,
        }
        return await handlers[press.action](incoming, press, person)

    async def _decide(self, incoming: Incoming, press: Press, person: Person) -> str:
        shown = await self._shown(incoming, f"decision:{press.subject}")
        try:
            if shown is None or shown.mark is None:
                card = await self.trading.card(person.actor(), press.subject)
                await self._refresh(incoming, card, person)
                return words.OLDER_COPY
            if press.action == "approve" and not shown.mark.startswith(press.proof):
                return words.CHANGED
            status, card = await self.trading.resolve(
                person.actor(),
                press.subject,
                cast("Choice", press.action),
                shown.mark,
                f"tg:{incoming.callback_id}",
            )
        except NotFoundError:
            await self._end_card(incoming)
            return words.UNKNOWN_CARD
        if status in ("accepted", "duplicate"):
            there = cards.live_at(card) if press.action == "approve" else ""
            return _LIVE.format(there=there) if there else _DONE[press.action]
        if status == "awaiting_second":
            return words.AWAITING_SECOND
        await self._refresh(incoming, card, person)
        return cards.told(card, person.person_id)

    async def _shown(self, incoming: Incoming, about: str) -> Shown | None:
        # Somebody may press faster than the id of a message that was just sent is written down.
        for _ in range(_LOOKS):
            shown = await self.memory.shown(incoming.chat_id, about)
            if shown is None or shown.message_id is not None:
                return shown if shown and shown.message_id == incoming.message_id else None
            await asyncio.sleep(_LOOK_S)
        return None

    async def _refresh(self, incoming: Incoming, card: Card, person: Person) -> None:
        chat_id, message_id = incoming.chat_id, incoming.message_id
        self.conversing.spawn(
            _quietly(self.showing.refresh(chat_id, card, person.person_id, message_id))
        )

    async def _end_card(self, incoming: Incoming) -> None:
        chat_id, message_id = incoming.chat_id, incoming.message_id
        view = View(words.UNKNOWN_CARD)
        ending = self.caller.once(chat_id, CARD, lambda: self.bot.edit(chat_id, message_id, view))
        self.conversing.spawn(_quietly(ending))

    async def _quote(self, incoming: Incoming, press: Press, person: Person) -> str:
        remedy = press.action == "remedy"
        # The same button pressed twice asks once.
        op_id = f"tg:{press.action}:{press.subject}"
        try:
            await self.trading.quote_again(person.actor(), press.subject, op_id, remedy=remedy)
        except NotFoundError:
            await self._end_card(incoming)
            return words.UNKNOWN_CARD
        return words.ASKING_AGAIN

    async def _settle(self, incoming: Incoming, press: Press, person: Person) -> str:
        actor = person.actor()
        try:
            card = await self.trading.card(actor, press.subject)
        except NotFoundError:
            await self._end_card(incoming)
            return words.UNKNOWN_CARD
        orders = card.result.orders if card.result is not None else []
        for order in orders:
            if order.status == "unknown":
                card = await self.trading.settle(
                    actor, press.subject, order.leg, _HELP[press.action]
                )
        await self._refresh(incoming, card, person)
        return cards.told(card, person.person_id)

    async def _trade(self, incoming: Incoming, press: Press, person: Person) -> str:
        if press.subject not in words.TRADING_MODES:
            return words.UNKNOWN_CARD
        now = await self.trading.set_mode(person.actor(), press.subject)
        await self._replace(incoming, notices.trading(now))
        about, mark = f"trading:{person.person_id}", notices.trading_mark(now)
        await self.memory.show(Shown(incoming.chat_id, about, incoming.message_id, now.rev, mark))
        return ""

    async def _unfold(self, incoming: Incoming, press: Press, person: Person) -> str:
        about = f"answer:{press.subject}"
        shown = await self.memory.shown(incoming.chat_id, about)
        if shown is None or not shown.seq:
            return words.UNKNOWN_CARD
        entry = await self.people.entry(person.actor(), shown.log, shown.seq)
        if entry is None:
            return words.UNKNOWN_CARD
        answer = MessageData.model_validate(orjson.loads(entry)["data"])
        url = await self.conversing.continue_url(person, self.public_url)
        view = answers.render(answer, whole=press.action == "more", url=url)
        chat_id, message_id = incoming.chat_id, incoming.message_id
        if view.before and not view.blocks:
            # Too long for the place: the whole follows as messages of its own.
            self.conversing.spawn(_quietly(self.conversing.tell(chat_id, view)))
            return ""
        await self.caller.once(chat_id, ANSWER, lambda: self.bot.edit(chat_id, message_id, view))
        return ""

    async def _ask_more(self, incoming: Incoming, _: Press, __: Person) -> str:
        await self.conversing.say(incoming, "more", key=f"m-{incoming.message_id}")
        return ""

    async def _cancel_orders(self, incoming: Incoming, press: Press, _: Person) -> str:
        wish = words.cancel_orders(venue_name(press.subject))
        await self.conversing.say(incoming, wish, key=f"e-{incoming.message_id}")
        return ""

    async def _kill_off(self, incoming: Incoming, _: Press, person: Person) -> str:
        state = await self.trading.kill(person.actor(), on=False)
        await self._replace(incoming, notices.kill_switch(state))
        about, mark = f"kill_switch:{person.person_id}", f"on={state.on}"
        shown = Shown(incoming.chat_id, about, incoming.message_id, state.rev, mark)
        await self.memory.show(shown)
        return "Trading is on again."

    async def _mode(self, incoming: Incoming, press: Press, _: Person) -> str:
        if press.subject not in words.MODES:
            return words.UNKNOWN_CARD
        await self.memory.set_mode(incoming.chat_id, press.subject)
        await self._replace(incoming, words.mode_chosen(press.subject))
        return ""

    async def _hush(self, incoming: Incoming, press: Press, person: Person) -> str:
        return await self.hushing.pressed(incoming, press, person, self._replace)

    async def _link(self, incoming: Incoming, press: Press, _: Person) -> str:
        user_id, name = incoming.user_id, incoming.name
        try:
            link, account = await self.people.claim(press.subject, user_id, name, accept=True)
        except UnavailableError:
            raise
        except UchatError as e:
            text = e.detail if e.code == "already_linked" else words.CODE_REFUSED
            await self._replace(incoming, View(escape(text)))
            return ""
        await self._replace(incoming, notices.claimed(link, account))
        about = f"link:{link.id}"
        await self.memory.show(Shown(incoming.chat_id, about, incoming.message_id))
        return ""

    async def _no_link(self, incoming: Incoming, _: Press, __: Person) -> str:
        await self._replace(incoming, View(words.NOT_LINKED))
        return ""

    async def _web(self, incoming: Incoming, _: Press, person: Person) -> str:
        url = await self.conversing.continue_url(person, self.public_url)
        if url is None:
            return words.AWAY
        chat_id, message_id = incoming.chat_id, incoming.message_id
        keyboard = words.renewed(incoming.keyboard, url)
        await self.caller.once(
            chat_id, ANSWER, lambda: self.bot.edit_keyboard(chat_id, message_id, keyboard)
        )
        self.showing.ageing.watch(chat_id, message_id, keyboard)
        return words.PRESS_AGAIN

    async def _replace(self, incoming: Incoming, view: View) -> None:
        chat_id, message_id = incoming.chat_id, incoming.message_id
        try:
            await self.caller.once(chat_id, CARD, lambda: self.bot.edit(chat_id, message_id, view))
        except NotFoundError:
            await self.conversing.tell(chat_id, view)


async def _quietly(work: Awaitable[Any]) -> None:
    try:
        await work
    except UchatError as e:
        _log.info("message_not_changed", code=e.code)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
