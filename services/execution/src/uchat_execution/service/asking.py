"""What a person proposes by hand, on a page or by the API: a decision without the brain."""

from dataclasses import dataclass, replace
from datetime import datetime

from uchat_contracts.ids import asked_decision_id
from uchat_contracts.trading import PAPER, Card, PlanRequest
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.modifying import refused
from uchat_execution.service.planning import Planner
from uchat_execution.service.proposing import Proposing
from uchat_platform import logging
from uchat_platform.errors import ConflictError

_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ByHand:
    """Who proposes what, in which conversation. `op_id` names it: again, it is the same card."""

    person: str
    session_id: str
    via: str
    request: PlanRequest
    op_id: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Makes decisions of people's own proposals. They wait for an approval as all others do."""

    books: Books
    keeper: AccountKeeper
    planner: Planner
    proposing: Proposing

    async def ask(self, wish: ByHand) -> Card:
        """Return the decision, priced and checked, or the one that there is already.

        Raises:
            ConflictError: it is refused, by the refusal's code; nothing is stored.
            NotPermittedError: the person has been joined with another one.
            UnavailableError: the database is away.
        """
        await self.keeper.of(wish.person, wish.request.venue)
        async with self.books.unit() as unit:
            card = await self._ask(unit, wish)
        _log.info("decision_by_hand", decision=card.decision_id, state=card.state)
        return card

    async def _ask(self, unit: Unit, wish: ByHand) -> Card:
        made_id = asked_decision_id(wish.person, wish.op_id)
        await unit.safety.switches(wish.person, share=True)
        venue = wish.request.venue or PAPER
        account = await unit.accounts.of_person(wish.person, venue, lock=True)
        if account is None:
            raise ConflictError("The account is being changed; try again", code="account_merged")
        known = await unit.decisions.get(made_id)
        if known is not None:
            return known.card
        now = await unit.now()
        planned = await self.planner.plan(unit, account, wish.request, now, made_id)
        if planned.denied is not None or planned.plan is None:
            raise refused(planned)
        # Somebody is here who can press the button: a mandate is for when nobody is.
        by_hand = replace(planned, mandate=None)
        seed = _seed(wish, made_id, now)
        return await self.proposing.settle(unit, seed, by_hand, account, first=True)


def _seed(wish: ByHand, made_id: str, now: datetime) -> Card:
    # One before its first event.
    return Card(
        decision_id=made_id,
        rev=1,
        version=1,
        state="new",
        session_id=wish.session_id,
        user_id=wish.person,
        interface=wish.via,
        proposed_at=now,
        updated_at=now,
        request=wish.request,
    ).model_copy(update={"rev": 0})
