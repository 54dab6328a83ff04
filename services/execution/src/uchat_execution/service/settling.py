"""A person helps with an order of which the venue does not tell what became.

Only evidence from the venue ends it: a person's word says where to look, and is written down.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from uchat_contracts.trading import Card
from uchat_execution.domain.orders import Order, SeenOrder, VenueOrder
from uchat_execution.ports import Venue
from uchat_execution.ports.store import Books
from uchat_execution.service.claiming import GRACE
from uchat_execution.service.recording import Recording
from uchat_execution.service.resolving import owned
from uchat_platform import logging
from uchat_platform.errors import ConflictError, NotFoundError, UchatError

Said = Literal["check_again", "on_exchange", "not_there"]
_UNKNOWN: Final = frozenset({"submitting", "unknown"})
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Word:
    """What the owner says about a leg; `venue_order_id` is the venue's number of it."""

    decision_id: str
    person: str
    leg: int
    said: Said
    venue_order_id: str = ""


@dataclass(frozen=True, slots=True)
class Settling:
    """Takes people's words.

    `look` asks the venue about an order now; `wake` goes on with a decision.
    """

    books: Books
    venue: Venue
    recording: Recording
    look: Callable[[Order], Awaitable[None]]
    wake: Callable[[str], None]

    async def settle(self, word: Word) -> Card:
        """Return the decision after looking where the person says; idempotent.

        Raises:
            NotFoundError: no such decision of this person, or leg; or (`order_not_found`) the venue
                has no order of that number.
            ConflictError: the venue is still being asked (`still_asking`), does not confirm what
                was said (`venue_not_sure`), or the order is another one (`another_order`).
            UnavailableError: the database is away.
        """
        order = await self._noted(word)
        if order is not None:
            await self._settle(word, order)
            self.wake(word.decision_id)
        async with self.books.unit() as unit:
            found = await unit.decisions.get(word.decision_id)
            return owned(found, word.decision_id, word.person).card

    async def _settle(self, word: Word, order: Order) -> None:
        _log.info("order_settling", order=order.order_id, said=word.said)
        if word.said == "check_again":
            await self.look(order)
        elif word.said == "on_exchange":
            await self.recording.venue_says(order, await self._seen(word, order), "human")
        else:
            await self._not_there(order)

    async def _noted(self, word: Word) -> Order | None:
        """The order, after writing down what was said; None: nothing is unknown about it."""
        async with self.books.unit() as unit:
            seen = owned(await unit.decisions.get(word.decision_id), word.decision_id, word.person)
            if seen.account is None:
                raise _no_leg(word)
            await unit.accounts.get(seen.account, lock=True)
            held = owned(
                await unit.decisions.get(word.decision_id, lock=True), word.decision_id, word.person
            )
            orders = await unit.orders.of_decision(word.decision_id, held.card.version)
            named = next((order for order in orders if order.leg == word.leg), None)
            if named is None:
                raise _no_leg(word)
            if named.state not in _UNKNOWN:
                return None
            if word.said != "check_again" and held.card.state != "needs_human":
                raise ConflictError(
                    "The exchange is still being asked; wait a little", code="still_asking"
                )
            noted = named.entering(named.state, await unit.now())
            await unit.orders.save(noted, word.person, "human", said=word.said)
            return noted

    async def _seen(self, word: Word, order: Order) -> VenueOrder:
        try:
            seen = await self.venue.by_number(order.ref, word.venue_order_id)
        except (UchatError, OSError, TimeoutError) as e:
            raise _not_sure() from e
        if seen is None:
            raise NotFoundError(
                f"The exchange has no order {word.venue_order_id[:40]!r} of {order.symbol} on this"
                " account",
                code="order_not_found",
            )
        wrong = _differs(order, seen)
        if wrong is not None:
            raise ConflictError(f"That is another order: {wrong}", code="another_order")
        return seen.order

    async def _not_there(self, order: Order) -> None:
        try:
            found = await self.venue.find(order.ref)
        except (UchatError, OSError, TimeoutError) as e:
            raise _not_sure() from e
        if found is not None:
            await self.recording.venue_says(order, found, "human")
            return
        async with self.books.unit() as unit:
            now = await unit.now()
        if now < (order.deadline or now) + GRACE:
            # What was sent in time may still arrive.
            raise _not_sure()
        await self.recording.not_placed(order, again_after=None, source="human")


def _differs(order: Order, seen: SeenOrder) -> str | None:
    if seen.client_order_id not in ("", order.client_order_id):
        return "it was not sent for this leg"
    if seen.side != order.side:
        return f"it is to {seen.side}"
    if seen.order.quantity != order.quantity:
        return f"it is of {seen.order.quantity}, not of {order.quantity}"
    return None


def _no_leg(word: Word) -> NotFoundError:
    return NotFoundError(f"Expected an order of leg {word.leg}, found none")


def _not_sure() -> ConflictError:
    return ConflictError(
        "The exchange does not say so for certain, so nothing is changed; it goes on being asked",
        code="venue_not_sure",
    )
