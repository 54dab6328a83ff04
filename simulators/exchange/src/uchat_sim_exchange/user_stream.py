"""Who listens to which account. What is told is on disk already."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from uchat_sim_exchange.domain.reports import Report
from uchat_sim_exchange.errors import ExchangeError
from uchat_sim_exchange.faults import Fault, Faults

_MAX_BEHIND: Final = 10_000

Message = dict[str, Any]


@dataclass(eq=False, slots=True)
class Outbox:
    """What is still to be sent over one connection; None ends it."""

    _queue: asyncio.Queue[Message | None] = field(default_factory=asyncio.Queue[Message | None])

    def put(self, message: Message) -> None:
        """Queue a message; whoever is too far behind is cut off."""
        if self._queue.qsize() < _MAX_BEHIND:
            self._queue.put_nowait(message)
        else:
            self.end()

    def end(self) -> None:
        """Close the connection after what is queued."""
        self._queue.put_nowait(None)

    async def next(self) -> Message | None:
        """Return what is to be sent next."""
        return await self._queue.get()


@dataclass(frozen=True, slots=True)
class Subscription:
    """A connection that hears of an account under a number of its own."""

    number: int
    account: str
    outbox: Outbox


@dataclass(slots=True)
class UserStream:
    """All subscriptions. Nobody hears what was told before: a new listener asks for the state."""

    faults: Faults
    _all: list[Subscription] = field(default_factory=list[Subscription])
    _last: int = -1

    def subscribe(self, account: str, outbox: Outbox) -> Subscription:
        """Let a connection hear of an account.

        Raises:
            ExchangeError: -2035, it does already.
        """
        if any(each.outbox is outbox and each.account == account for each in self._all):
            raise ExchangeError(-2035, "User Data Stream subscription already active.")
        self._last += 1
        subscription = Subscription(self._last, account, outbox)
        self._all.append(subscription)
        return subscription

    def of(self, outbox: Outbox) -> list[Subscription]:
        """Return the subscriptions of a connection."""
        return [each for each in self._all if each.outbox is outbox]

    def unsubscribe(self, outbox: Outbox, number: int | None = None) -> None:
        """End one subscription of a connection, or all."""
        self._all = [
            each
            for each in self._all
            if each.outbox is not outbox or number not in (None, each.number)
        ]

    def publish(self, reports: Sequence[Report]) -> None:
        """Tell every listener, in the order of what happened."""
        if not self._all:
            return
        for report in reports:
            listeners = [each for each in self._all if each.account == report.account]
            if listeners:
                fault = self.faults.next("stream", report.account)
                for each in listeners:
                    _tell(each, report.body, fault)


def _tell(to: Subscription, event: Message, fault: Fault | None) -> None:
    message = {"subscriptionId": to.number, "event": event}
    match fault.kind if fault else None:
        case "lost_event":
            pass
        case "drop_stream":
            to.outbox.end()
        case "late_event" if fault:
            asyncio.get_running_loop().call_later(fault.ms / 1000, to.outbox.put, message)
        case "duplicate_event":
            to.outbox.put(message)
            to.outbox.put(message)
        case _:
            to.outbox.put(message)
