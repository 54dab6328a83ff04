"""What the adapter needs of others, in its own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from uchat_contracts.events import MessageReceived, Running, StopRun
from uchat_contracts.people import Link
from uchat_contracts.trading import Alert, Card, Choice, KillSwitch
from uchat_contracts.trading import Trading as TradingNow
from uchat_platform.auth import Actor
from uchat_telegram.domain.view import Incoming, Keyboard, View


class BotApi(Protocol):
    """Telegram, as a bot reaches it.

    Every method raises RateLimitedError with `retry_after_s`; UnavailableError if Telegram is away
    (code `telegram_unsure`: it may have been done all the same); NotPermittedError if the person
    does not want to hear of the bot; InvalidInputError if it can never be done.
    """

    async def send(self, chat_id: int, view: View) -> int:
        """Send a message; returns its id."""
        ...

    async def edit(self, chat_id: int, message_id: int, view: View) -> None:
        """Make a message show something else; NotFoundError if it cannot be changed any more."""
        ...

    async def edit_keyboard(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None:
        """Change the buttons of a message and nothing else."""
        ...

    async def draft(self, chat_id: int, draft_id: int, html: str) -> None:
        """Show an unfinished answer with a stop button."""
        ...

    async def typing(self, chat_id: int) -> None:
        """Show for 5 s that an answer is on its way."""
        ...

    async def answer(self, callback_id: str, text: str, *, alert: bool = False) -> None:
        """Answer a pressed button, once."""
        ...

    async def poll(self, offset: int | None, timeout_s: int) -> Sequence[Incoming]:
        """Wait for updates; ConflictError if somebody else does too."""
        ...

    async def begin_polling(self) -> None:
        """Remove a webhook, if there is one, and set the menu of commands."""
        ...

    async def begin_webhook(self, url: str, secret: str) -> None:
        """Have updates pushed, and set the menu of commands."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes, and their home conversation."""

    person_id: str
    home: str

    def actor(self) -> Actor:
        """Return the person as an actor on Telegram."""
        return Actor(self.person_id, frozenset({"trader"}), "telegram")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a message: `accepted`, `duplicate`, `rejected` with a code, or `unknown`."""

    status: str
    code: str = ""


class People(Protocol):
    """Identities, links and conversations: the sessions service."""

    async def resolve(self, user_id: int, name: str) -> Person:
        """Return the person behind a Telegram user, made at the first time."""
        ...

    async def continue_code(self, actor: Actor) -> str:
        """Return a one-time code that signs a browser in as the actor, for 60 s."""
        ...

    async def claim(self, code: str, user_id: int, name: str, *, accept: bool) -> tuple[Link, str]:
        """Show a link code; returns the link and its owner's masked account.

        Without `accept` this only looks: the code stays unused.
        """
        ...

    async def entry(self, actor: Actor, log: str, seq: int) -> bytes | None:
        """Return one entry of a log as JSON, or None."""
        ...

    async def verdict(self, actor: Actor, message: MessageReceived, wait_ms: int) -> Verdict:
        """Return what became of a message, once it is decided or the time is over."""
        ...


ResolveStatus = Literal["accepted", "duplicate", "already_resolved", "expired", "superseded"]


class Trading(Protocol):
    """Decisions and brakes: the execution service."""

    async def resolve(
        self, actor: Actor, decision_id: str, choice: Choice, plan_hash: str, op_id: str
    ) -> tuple[str, Card]:
        """Answer a decision; returns a `ResolveStatus` and the card as it stands."""
        ...

    async def card(self, actor: Actor, decision_id: str) -> Card:
        """Return a decision of the actor."""
        ...

    async def quote_again(
        self, actor: Actor, decision_id: str, op_id: str, *, remedy: bool
    ) -> Card:
        """Make a new decision of one that is over, or of its remedy; once for each `op_id`."""
        ...

    async def settle(self, actor: Actor, decision_id: str, leg: int, choice: str) -> Card:
        """Help with an order of unknown outcome: check_again or not_there."""
        ...

    async def trading(self, actor: Actor) -> TradingNow:
        """Return how the actor trades now."""
        ...

    async def set_mode(self, actor: Actor, mode: str) -> TradingNow:
        """Change how the actor trades."""
        ...

    async def kill(self, actor: Actor, *, on: bool) -> KillSwitch:
        """Throw the kill switch, or release it."""
        ...


class Alerts(Protocol):
    """What a person wants to be told of: the execution service. NotFoundError: it is gone."""

    async def active(self, actor: Actor) -> Sequence[Alert]:
        """Return the alerts that are not over, latest first."""
        ...

    async def snooze(self, actor: Actor, alert_id: str, until: datetime) -> Alert:
        """Silence an alert until a time."""
        ...

    async def delete(self, actor: Actor, alert_id: str) -> Alert:
        """Delete an alert."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a delivery: delivered, collapsed or failed (with a code)."""

    delivery_id: str
    status: Literal["delivered", "collapsed", "failed"]
    at: datetime
    message_id: int | None = None
    code: str = ""


class Ledger(Protocol):
    """The delivery ledger: the notifier."""

    async def report(self, reports: Sequence[Report]) -> None:
        """Write down what became of deliveries. Idempotent."""
        ...


class Outbound(Protocol):
    """What leaves for the other services by the bus."""

    async def publish(self, message: MessageReceived) -> None:
        """Store a message durably; UnavailableError if that cannot be done now."""
        ...

    async def stop(self, order: StopRun) -> None:
        """Tell that a running answer should end."""
        ...

    async def running(self, log: str) -> Running | None:
        """Return the running answer of a conversation so far, if somebody is writing one."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """What a chat shows of one thing. `message_id` None: it is not known whether it was sent.

    `rev` is that of the thing, `mark` what tells this state of it from others (of a card: the plan
    hash, to which its buttons bind); `log` and `seq` are where the entry stands.
    """

    chat_id: int
    about: str
    message_id: int | None
    rev: int = 0
    mark: str | None = None
    log: str = ""
    seq: int = 0


class Memory(Protocol):
    """What the adapter remembers: ids and numbers, never a word of a conversation."""

    async def shown(self, chat_id: int, about: str) -> Shown | None:
        """Return what a chat shows of a thing."""
        ...

    async def sending(self, shown: Shown) -> None:
        """Remember that a message is about to be sent."""
        ...

    async def not_sent(self, shown: Shown) -> None:
        """Take back that a message is about to be sent: it certainly was not."""
        ...

    async def show(self, shown: Shown) -> None:
        """Remember what a message shows now; a lower `rev` never replaces a higher one."""
        ...

    async def mode(self, chat_id: int) -> str | None:
        """Return how a chat wants its answers."""
        ...

    async def set_mode(self, chat_id: int, mode: str) -> None:
        """Remember how a chat wants its answers."""
        ...

    async def offset(self) -> int | None:
        """Return the id of the next update that is not confirmed."""
        ...

    async def unhandled(self, update_ids: Sequence[int]) -> frozenset[int]:
        """Return those updates that were not handled before."""
        ...

    async def handled(self, update_ids: Sequence[int], offset: int | None) -> None:
        """Remember handled updates, and the offset that confirms them."""
        ...
