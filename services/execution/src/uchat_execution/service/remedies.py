"""What is over may be quoted again, and what was done in part may be finished: a new decision."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from uchat_contracts.ids import derived_quote_id
from uchat_contracts.trading import PAPER, Card, PlanRequest
from uchat_execution.domain.decisions import entering, noted
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.modifying import refused
from uchat_execution.service.planning import Planner
from uchat_execution.service.proposing import Proposing
from uchat_execution.service.resolving import EXPIRED, owned
from uchat_platform import logging
from uchat_platform.errors import ConflictError

AGAIN: Final = frozenset({"expired", "superseded", "denied", "failed", "rejected", "cancelled"})
"""States in which nothing was done, or is: the same may be quoted again."""
_DONE: Final = frozenset({"executed", "partially_executed"})
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Again:
    """Who wants a decision quoted again, or (`remedy`) finished, and on which interface."""

    decision_id: str
    person: str
    via: str
    op_id: str
    remedy: bool = False


@dataclass(frozen=True, slots=True)
class QuotingAgain:
    """Makes decisions that follow others. Each waits for an approval, whatever a mandate says."""

    books: Books
    keeper: AccountKeeper
    planner: Planner
    proposing: Proposing

    async def quote(self, wish: Again) -> Card:
        """Return a new decision with today's prices, or the one that there is already.

        One that follows and is open or was carried out is returned as it is, whoever asks again:
        two of them would be bought twice. Idempotent by `op_id`.

        Raises:
            NotFoundError: no such decision of this person.
            ConflictError: it is still open (`still_open`), was carried out (`already_executed`),
                has no remedy (`nothing_to_remedy`), or is refused today, by the refusal's code.
            NotPermittedError: the person has been joined with another one.
            UnavailableError: the database is away.
        """
        await self.keeper.of(wish.person)
        async with self.books.unit() as unit:
            card = await self._quote(unit, wish)
        _log.info("decision_quoted_again", decision=wish.decision_id, made=card.decision_id)
        return card

    async def _quote(self, unit: Unit, wish: Again) -> Card:
        seen = owned(await unit.decisions.get(wish.decision_id), wish.decision_id, wish.person)
        # The order of locks that every unit keeps: stop switch, account, decision.
        await unit.safety.switches(wish.person, share=True)
        venue = seen.card.request.venue or PAPER
        account = await unit.accounts.of_person(wish.person, venue, lock=True)
        if account is None:
            raise ConflictError("The account is being changed; try again", code="account_merged")
        held = owned(
            await unit.decisions.get(wish.decision_id, lock=True), wish.decision_id, wish.person
        )
        made_id = derived_quote_id(wish.decision_id, wish.op_id)
        for follower in await unit.decisions.followers(wish.decision_id):
            if follower.decision_id == made_id or follower.is_open or follower.state in _DONE:
                return follower
        now = await unit.now()
        card = await _in_time(unit, held.card, now)
        request = _request(card, remedy=wish.remedy)
        planned = await self.planner.plan(unit, account, request, now, made_id)
        if planned.denied is not None or planned.plan is None:
            raise refused(planned)
        seed = _seed(card, wish, request, made_id, now)
        by_hand = replace(planned, mandate=None)
        made = await self.proposing.settle(unit, seed, by_hand, account, first=True)
        if not wish.remedy:
            await unit.decisions.save(noted(card, now, superseded_by=made_id))
        return made


async def _in_time(unit: Unit, card: Card, now: datetime) -> Card:
    # Its time is over, and only the sweep has not come by yet.
    if card.state != "awaiting_approval" or card.expires_at is None or card.expires_at > now:
        return card
    expired = entering(card, "expired", now, reason=EXPIRED)
    await unit.decisions.save(expired)
    return expired


def _request(card: Card, *, remedy: bool) -> PlanRequest:
    if remedy:
        if card.remedy is None:
            raise ConflictError(
                "Nothing of this decision is left to be done", code="nothing_to_remedy"
            )
        return card.remedy
    if card.is_open:
        raise ConflictError("This decision is still open", code="still_open")
    if card.state not in AGAIN:
        raise ConflictError("This decision was carried out", code="already_executed")
    return card.request


def _seed(card: Card, wish: Again, request: PlanRequest, made_id: str, now: datetime) -> Card:
    # One before its first event.
    return Card(
        decision_id=made_id,
        rev=1,
        version=1,
        state="new",
        session_id=card.session_id,
        user_id=card.user_id,
        message_id=card.message_id,
        turn_id=card.turn_id,
        interface=wish.via,
        proposed_at=now,
        updated_at=now,
        request=request,
        follows=card.decision_id,
    ).model_copy(update={"rev": 0})
