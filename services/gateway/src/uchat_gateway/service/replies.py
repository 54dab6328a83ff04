"""Sending a message and waiting for its answer, as request-and-reply interfaces do."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from uchat_contracts import ids
from uchat_contracts.events import Verdict
from uchat_gateway.ports.conversations import Conversations, Outcome
from uchat_gateway.service.cards import Cards
from uchat_gateway.service.live.follower import Follower, Lost
from uchat_gateway.service.live.frames import Chunk, Durable, Frame, durable_of
from uchat_gateway.service.live.hub import LiveHub
from uchat_gateway.service.messages import Draft, Messages
from uchat_platform.auth import Actor
from uchat_platform.errors import (
    ConflictError,
    ExpiredError,
    NotFoundError,
    UchatError,
    UnavailableError,
)

_PAGE = 200


def refusal(code: str | None) -> UchatError:
    """Return the error for a message that was rejected with this code."""
    if code == "not_found":
        return NotFoundError("There is no such conversation")
    if code == "erased":
        return ExpiredError("This conversation was erased", code="erased")
    if code == "client_msg_id_conflict":
        return ConflictError("This client_msg_id was used for another message", code=code)
    return ConflictError("The message was not taken", code=code or "rejected")


@dataclass(slots=True)
class Exchange:
    """One message and what comes of it. A sink of the live fan-out; `end` it when done."""

    actor: Actor
    draft: Draft
    on_chunk: Callable[[Chunk], None] | None = None
    on_settled: Callable[[], None] | None = None
    on_duplicate: Callable[["Exchange", int], None] | None = None
    outcome: Outcome = field(default_factory=lambda: Outcome("unknown"))
    follower: Follower | None = None
    cards: Cards = field(default_factory=Cards)
    _answer: "asyncio.Future[Durable | None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def message_id(self) -> str:
        """The id of the person's message."""
        return self.draft.message_id

    @property
    def settled(self) -> bool:
        """Tell whether there is nothing to wait for any longer."""
        return self._answer.done() and not self.cards.waited_for

    async def answer(self, timeout_s: float) -> Durable | None:
        """Return the assistant's entry, or None if it has not come in time.

        Raises:
            UchatError: the message was rejected after it had been accepted, or the log is lost.
        """
        await asyncio.wait([self._answer], timeout=timeout_s)
        return self._answer.result() if self._answer.done() else None

    async def decisions(self, entry: Durable, timeout_s: float) -> list[dict[str, Any]]:
        """Return the cards of what an answer proposes, as far as they came in time."""
        wanted = entry.data.get("decisions")
        return await self.cards.settled(wanted, timeout_s) if wanted else []

    def settle(self, found: Durable | UchatError | None) -> None:
        """Take the answer, or an error, or give up (None)."""
        if not isinstance(found, Durable):
            self.cards.give_up()
        if self._answer.done():
            return
        if isinstance(found, UchatError):
            self._answer.set_exception(found)
        else:
            self._answer.set_result(found)
        if self.on_settled is not None:
            self.on_settled()

    def push(self, frame: Frame) -> None:
        """Take a frame of the log."""
        if isinstance(frame, Durable):
            if frame.kind == "message" and frame.data.get("answers") == self.message_id:
                self.settle(frame)
            self.cards.take(frame.kind, frame.data)
        elif (
            self.on_chunk is not None
            and isinstance(frame, Chunk)
            and frame.message_id == ids.derived_message_id(self.message_id)
        ):
            self.on_chunk(frame)

    def verdict(self, verdict: Verdict) -> None:
        """Learn that the accepted message was rejected, or was there before."""
        if verdict.client_msg_id != self.draft.client_msg_id:
            return
        if verdict.status == "rejected":
            self.settle(refusal(verdict.code))
        elif verdict.seq is not None and self.on_duplicate is not None:
            self.on_duplicate(self, verdict.seq)

    def lost(self, log: str, reason: Lost) -> None:
        """Learn that the log cannot be followed any further."""
        self.settle(
            NotFoundError("There is no such conversation")
            if reason == "not_found"
            else UnavailableError(f"{log!r} has to be read anew; send again with the same id")
        )

    def check_taken(self) -> None:
        """Raise the refusal, if the message was rejected at once."""
        if self.outcome.status == "rejected":
            raise refusal(self.outcome.code)

    def seen(self) -> None:
        """Mark an error as seen: the caller may have left before it came."""
        if self._answer.done() and not self._answer.cancelled():
            self._answer.exception()


@dataclass(frozen=True, slots=True)
class Replies:
    """Lets a caller send a message and wait for the answer."""

    hub: LiveHub
    messages: Messages
    conversations: Conversations

    async def begin(
        self,
        actor: Actor,
        draft: Draft,
        on_chunk: Callable[[Chunk], None] | None = None,
        on_settled: Callable[[], None] | None = None,
    ) -> Exchange:
        """Send a message whose answer can be waited for; call `end` afterwards.

        The log is followed before the message is sent, so that no answer is too quick to be seen.

        Raises:
            RateLimitedError, NotFoundError, ConflictError, ExpiredError, UnavailableError.
        """
        exchange = Exchange(actor, draft, on_chunk, on_settled, self._look_back)
        await self.messages.check_owner(actor, draft.log)
        exchange.follower = await self.hub.follow(actor, draft.log, exchange)
        try:
            await self.hub.now(actor, exchange.follower)
            exchange.outcome = await self.messages.send(actor, draft)
            exchange.check_taken()
            self.hub.went_live(draft.log)
            if exchange.outcome.seq is not None:
                await self._settle_earlier(exchange, exchange.outcome.seq)
        except BaseException:
            self.end(exchange)
            raise
        return exchange

    def end(self, exchange: Exchange) -> None:
        """Stop waiting."""
        exchange.seen()
        if exchange.follower is not None:
            self.hub.leave(exchange.follower)
            exchange.follower = None

    def _look_back(self, exchange: Exchange, seq: int) -> None:
        self.hub.spawn(self._try_earlier(exchange, seq))

    async def _try_earlier(self, exchange: Exchange, seq: int) -> None:
        try:
            await self._settle_earlier(exchange, seq)
        except UchatError as e:
            exchange.settle(e)

    async def _settle_earlier(self, exchange: Exchange, seq: int) -> None:
        earlier = await self._given(exchange, seq)
        if earlier is not None:
            exchange.settle(earlier)

    async def _given(self, exchange: Exchange, after: int) -> Durable | None:
        # The first send of this id may have been answered long ago.
        log = exchange.draft.log
        found: Durable | None = None
        while True:
            page = await self.conversations.read(exchange.actor, log, after=after, limit=_PAGE)
            for entry in page.entries:
                exchange.cards.take(entry["kind"], entry["data"])
                if found is None and entry["data"].get("answers") == exchange.message_id:
                    found = durable_of(entry)
            if found is not None and not self._lacks_cards(exchange, found):
                return found
            if not page.entries or page.entries[-1]["seq"] >= page.head:
                return found
            after = page.entries[-1]["seq"]

    @staticmethod
    def _lacks_cards(exchange: Exchange, answer: Durable) -> bool:
        wanted: list[str] = answer.data.get("decisions") or []
        return len(exchange.cards.of(wanted)) < len(wanted)
