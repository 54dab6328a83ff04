"""What `/commands` do. Most are words for the brain; brakes and links act at once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from uchat_platform.errors import UchatError, UnavailableError
from uchat_telegram.domain import callbacks, notices, words
from uchat_telegram.domain.alerts import listed
from uchat_telegram.domain.markdown import escape
from uchat_telegram.domain.view import Incoming, View
from uchat_telegram.ports import Alerts, Memory, People, Shown, Trading
from uchat_telegram.service.conversing import Conversing

Command = Callable[[Incoming, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands by name. A command may run twice for one update: all of them bear that."""

    conversing: Conversing
    people: People
    trading: Trading
    memory: Memory
    public_url: str
    alerts: Alerts

    async def run(self, incoming: Incoming) -> None:
        """Run the command of a text that begins with a slash; an unknown one is shown the list.

        Raises:
            UnavailableError: a service is away; nothing was done.
        """
        first, _, rest = incoming.text.partition(" ")
        name = first[1:].partition("@")[0].lower()
        if name in words.WISHES:
            await self.conversing.say(incoming, words.WISHES[name])
            return
        commands: dict[str, Command] = {
            "start": self._start,
            "alerts": self._alerts,
            "mode": self._mode,
            "trading": self._trading,
            "link": self._link,
            "stop": self._stop,
            "kill": self._kill,
        }
        await commands.get(name, self._help)(incoming, rest.strip())

    async def _start(self, incoming: Incoming, code: str) -> None:
        if code:
            await self._claim(incoming, code)
            return
        person = await self.conversing.resolve(incoming)
        url = await self.conversing.continue_url(person, self.public_url)
        await self._tell(incoming, words.greeting(incoming.name, url))

    async def _help(self, incoming: Incoming, _: str) -> None:
        await self._tell(incoming, words.help_text())

    async def _alerts(self, incoming: Incoming, _: str) -> None:
        person = await self.conversing.resolve(incoming)
        await self._tell(incoming, listed(await self.alerts.active(person.actor())))

    async def _mode(self, incoming: Incoming, name: str) -> None:
        chosen = name.lower()
        if chosen in words.MODES:
            await self.memory.set_mode(incoming.chat_id, chosen)
            await self._tell(incoming, words.mode_chosen(chosen))
            return
        current = await self.memory.mode(incoming.chat_id)
        await self._tell(incoming, words.mode_question(current))

    async def _trading(self, incoming: Incoming, name: str) -> None:
        person = await self.conversing.resolve(incoming)
        if name.lower() in words.TRADING_MODES:
            now = await self.trading.set_mode(person.actor(), name.lower())
            message_id = await self.conversing.tell(incoming.chat_id, notices.trading(now))
            about, mark = f"trading:{person.person_id}", notices.trading_mark(now)
            await self.memory.show(Shown(incoming.chat_id, about, message_id, now.rev, mark))
            return
        now = await self.trading.trading(person.actor())
        await self._tell(incoming, notices.trading_question(now))

    async def _link(self, incoming: Incoming, code: str) -> None:
        if code:
            await self._claim(incoming, code)
            return
        person = await self.conversing.resolve(incoming)
        url = await self.conversing.continue_url(person, self.public_url)
        await self._tell(incoming, words.link_help(url))

    async def _stop(self, incoming: Incoming, _: str) -> None:
        await self.conversing.stop(incoming)
        await self._tell(incoming, View(words.STOPPED))

    async def _kill(self, incoming: Incoming, wish: str) -> None:
        if wish.lower() == "off":
            await self._tell(incoming, notices.kill_off_question())
            return
        person = await self.conversing.resolve(incoming)
        state = await self.trading.kill(person.actor(), on=True)
        message_id = await self.conversing.tell(incoming.chat_id, notices.kill_switch(state))
        if message_id is not None:
            # The delivery that tells the same finds that it has been told.
            about, mark = f"kill_switch:{person.person_id}", f"on={state.on}"
            shown = Shown(incoming.chat_id, about, message_id, state.rev, mark)
            await self.memory.show(shown)

    async def _claim(self, incoming: Incoming, code: str) -> None:
        # Whoever made the code may have sent it to somebody else: the one who shows it must agree.
        agree = callbacks.link(code)
        if agree is None:
            await self._tell(incoming, View(words.CODE_REFUSED))
            return
        try:
            user_id, name = incoming.user_id, incoming.name
            _, account = await self.people.claim(code, user_id, name, accept=False)
        except UnavailableError:
            raise
        except UchatError as e:
            text = e.detail if e.code == "already_linked" else words.CODE_REFUSED
            await self._tell(incoming, View(escape(text)))
            return
        await self._tell(incoming, notices.link_question(account, agree))

    async def _tell(self, incoming: Incoming, view: View) -> None:
        await self.conversing.tell(incoming.chat_id, view)
