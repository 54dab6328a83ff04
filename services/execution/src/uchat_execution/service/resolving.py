"""Answers to decisions: the first one counts, every later one gets what was recorded."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from uchat_contracts.trading import OPEN_STATES, Approval, Card, Choice, Reason
from uchat_execution.domain import risk
from uchat_execution.domain.decisions import FINAL, entering
from uchat_execution.ports.store import Books, Decision, Unit
from uchat_execution.service.proposing import orders_of
from uchat_execution.service.waiting import Waiters
from uchat_platform import logging
from uchat_platform.errors import InvalidInputError, NotFoundError, NotPermittedError

Status = Literal["accepted", "duplicate", "already_resolved", "expired", "superseded"]
MOST_WAIT_MS: Final = 10_000
EXPIRED: Final = Reason(
    code="expired", text="Nobody answered in time; prices have moved on. Ask again for a new one."
)
_LOOK_S: Final = 0.25
_BATCH: Final = 100
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers what: bound to the plan that the person saw by its hash."""

    decision_id: str
    person: str
    via: str
    choice: Choice
    plan_hash: str
    op_id: str | None
    wait_ms: int = 0


@dataclass(frozen=True, slots=True)
class Resolving:
    """Resolves decisions; `wake` is told of approved ones."""

    books: Books
    waiters: Waiters
    wake: Callable[[str], None]

    async def resolve(self, answer: Answer) -> tuple[Status, Card]:
        """Record an answer if it is the first, in time and to the plan as it stands.

        Waits up to `wait_ms` for the end of what an approval began.

        Raises:
            InvalidInputError: a wait of more than 10 s.
            NotFoundError: no such decision of this person.
            NotPermittedError: approved while trading is stopped, or the account is being joined.
            UnavailableError: the database is away.
        """
        if not 0 <= answer.wait_ms <= MOST_WAIT_MS:
            raise InvalidInputError(f"Expected wait_ms up to {MOST_WAIT_MS}")
        async with self.books.unit() as unit:
            status, card = await self._record(unit, answer)
        if status == "accepted" and card.state == "approved":
            self.wake(answer.decision_id)
        _log.info("decision_answered", decision=answer.decision_id, status=status, via=answer.via)
        if answer.wait_ms and card.is_open and status in ("accepted", "duplicate"):
            card = await self._wait(card, answer.person, answer.wait_ms / 1000)
        return status, card

    async def get(self, decision_id: str, person: str) -> Card:
        """Return a person's decision.

        Raises:
            NotFoundError: there is none.
        """
        async with self.books.unit() as unit:
            return _owned(await unit.decisions.get(decision_id), decision_id, person).card

    async def page(
        self,
        person: str,
        states: Sequence[str],
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Card]:
        """Return decisions, latest first; the state `open` stands for all that are open."""
        asked = [state for state in states if state != "open"]
        if "open" in states:
            asked += sorted(OPEN_STATES)
        async with self.books.unit() as unit:
            return await unit.decisions.page(person, asked, before, limit)

    async def expire(self) -> int:
        """Let decisions expire that nobody answered in time; returns how many."""
        async with self.books.unit() as unit:
            overdue = await unit.decisions.expired(_BATCH)
            for decision in overdue:
                await unit.decisions.save(
                    entering(decision.card, "expired", decision.now, reason=EXPIRED)
                )
        return len(overdue)

    async def _record(self, unit: Unit, answer: Answer) -> tuple[Status, Card]:
        # The order of locks that every unit keeps: stop switch, account, decision.
        switches = await unit.safety.switches(answer.person, share=True)
        seen = _owned(
            await unit.decisions.get(answer.decision_id), answer.decision_id, answer.person
        )
        status = _settled(seen, answer)
        if status is not None and status != "expired":
            return status, seen.card
        account = await unit.accounts.get(seen.account, lock=True) if seen.account else None
        held = _owned(
            await unit.decisions.get(answer.decision_id, lock=True),
            answer.decision_id,
            answer.person,
        )
        facts = await unit.accounts.facts(seen.account or "", answer.person)
        now = facts.now
        status = _settled(held, answer, now)
        card = held.card
        if status == "expired" and card.state == "awaiting_approval":
            card = entering(card, "expired", now, reason=EXPIRED)
            await unit.decisions.save(card)
        if status is not None:
            return status, card
        approval = Approval(
            choice=answer.choice, by=answer.person, via=answer.via, at=now, op_id=answer.op_id
        )
        if answer.choice == "reject" or account is None:
            rejected = entering(card, "rejected", now, resolved=approval)
            await unit.decisions.save(rejected, op_id=answer.op_id)
            return "accepted", rejected
        if any(switch.is_on for switch in switches):
            raise NotPermittedError(risk.STOPPED.text, code=risk.STOPPED.code)
        if facts.merging:
            raise NotPermittedError(risk.MERGING.text, code=risk.MERGING.code)
        approved = entering(card, "approved", now, resolved=approval, reason=None)
        await unit.decisions.save(approved, op_id=answer.op_id)
        await unit.orders.insert(orders_of(approved, account, now), answer.person)
        return "accepted", approved

    async def _wait(self, card: Card, person: str, timeout_s: float) -> Card:
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        about, version = f"decision:{card.decision_id}", card.version
        while card.state not in FINAL and card.version == version and loop.time() < end:
            await self.waiters.next(about, min(_LOOK_S, end - loop.time()))
            card = await self.get(card.decision_id, person)
        return card


def _owned(decision: Decision | None, decision_id: str, person: str) -> Decision:
    if decision is None or decision.person != person:
        raise NotFoundError(f"Expected a decision of yours, found none with id {decision_id!r}")
    return decision


def _settled(decision: Decision, answer: Answer, now: datetime | None = None) -> Status | None:
    """What the answer meets; None: the decision waits for exactly this answer."""
    card = decision.card
    if card.resolved is not None and answer.op_id and card.resolved.op_id == answer.op_id:
        return "duplicate"
    if card.state == "awaiting_approval":
        if card.expires_at is None or card.expires_at <= (now or decision.now):
            return "expired"
        return None if card.plan_hash == answer.plan_hash else "superseded"
    if card.state in ("expired", "superseded"):
        return "expired" if card.state == "expired" else "superseded"
    return "already_resolved"
