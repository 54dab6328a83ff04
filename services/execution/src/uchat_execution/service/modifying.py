"""Another plan for a decision that waits: a new version, which needs approvals of its own."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from uchat_contracts.trading import Card, PlanRequest
from uchat_execution.ports.decisions import Decision
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.planning import Planned, Planner
from uchat_execution.service.proposing import Proposing, next_version
from uchat_execution.service.resolving import Status, owned, reused
from uchat_platform import logging
from uchat_platform.errors import ConflictError

_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Modification:
    """Who wants another plan instead of the one that they saw, named by its hash."""

    decision_id: str
    person: str
    plan_hash: str
    request: PlanRequest
    op_id: str | None

    @property
    def body_hash(self) -> str:
        """Return what the operation's id stands for: the same one with another body is refused."""
        body = self.plan_hash.encode() + b"|" + self.request.json_bytes()
        return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True)
class Modifying:
    """Replaces plans. A mandate never approves what a person changed by hand."""

    books: Books
    planner: Planner
    proposing: Proposing

    async def modify(self, wish: Modification) -> tuple[Status, Card]:
        """Make the next version of a plan that waits, if it is the one that the person saw.

        Approvals so far are void, and `changes` says what differs. Idempotent by `op_id`.

        Raises:
            NotFoundError: no such decision of this person.
            ConflictError: the new plan is refused, by the code of the refusal; the former one
                stays. Or the operation's id was used for something else (`op_id_reused`).
            UnavailableError: the database is away.
        """
        async with self.books.unit() as unit:
            status, card = await self._record(unit, wish)
        _log.info("decision_modified", decision=wish.decision_id, status=status)
        return status, card

    async def _record(self, unit: Unit, wish: Modification) -> tuple[Status, Card]:
        seen = owned(await unit.decisions.get(wish.decision_id), wish.decision_id, wish.person)
        # The order of locks that every unit keeps: stop switch, account, decision.
        await unit.safety.switches(wish.person, share=True)
        if seen.account is None:
            return "already_resolved", seen.card
        account = await unit.accounts.get(seen.account, lock=True)
        held = owned(
            await unit.decisions.get(wish.decision_id, lock=True), wish.decision_id, wish.person
        )
        now = await unit.now()
        status = await _met(unit, held, wish, now)
        if status is not None:
            return status, held.card
        # What a person changed by hand is a wish of its own, whatever it was before.
        purpose = "trade" if wish.request.purpose == "remedy" else wish.request.purpose
        # Another exchange would be another decision.
        kept = {"purpose": purpose, "venue": held.card.request.venue}
        request = wish.request.model_copy(update=kept)
        planned = await self.planner.plan(unit, account, request, now, wish.decision_id)
        if planned.denied is not None or planned.plan is None:
            raise refused(planned)
        if wish.op_id:
            await unit.decisions.remember(wish.decision_id, wish.op_id, "modify", wish.body_hash)
        fresh = next_version(held.card, planned, now, request=request, reason=None)
        by_hand = replace(planned, mandate=None)
        made = await self.proposing.settle(unit, fresh, by_hand, account, first=False)
        return "modified", made


async def _met(unit: Unit, held: Decision, wish: Modification, now: datetime) -> Status | None:
    """What the wish meets; None: the decision waits, with the plan that the person saw."""
    if wish.op_id:
        known = await unit.decisions.remembered(wish.decision_id, wish.op_id)
        if known is not None:
            if known != wish.body_hash:
                raise reused(wish.op_id)
            return "duplicate"
    card = held.card
    if card.resolved is not None and wish.op_id and card.resolved.op_id == wish.op_id:
        raise reused(wish.op_id)
    if card.state == "awaiting_approval":
        if card.expires_at is None or card.expires_at <= now:
            return "expired"
        return None if card.plan_hash == wish.plan_hash else "superseded"
    if card.state in ("expired", "superseded"):
        return "expired" if card.state == "expired" else "superseded"
    return "already_resolved"


def refused(planned: Planned) -> ConflictError:
    """Return why there is no such plan now, to be raised: nothing has changed."""
    denied = planned.denied
    if denied is None:
        return ConflictError("No plan can be made of this", code="plan_refused")
    return ConflictError(denied.text, code=denied.code)
