"""Answers to decisions: the first one counts, every later one gets what was recorded.

A plan that needs two people is decided by the second approval; one of the two is the owner's.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from uchat_contracts.trading import OPEN_STATES, Approval, Card, Choice, Owner, Reason
from uchat_execution.domain import four_eyes, risk
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.decisions import FINAL, entering
from uchat_execution.ports.decisions import Decision
from uchat_execution.ports.store import Books, Facts, Unit
from uchat_execution.service.proposing import orders_of
from uchat_execution.service.seconds import counting, label_of, owner_of, second_of
from uchat_execution.service.waiting import Waiters
from uchat_platform import logging
from uchat_platform.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)

Status = Literal[
    "accepted", "duplicate", "already_resolved", "expired", "superseded",
    "awaiting_second", "modified",
]  # fmt: skip
MOST_WAIT_MS: Final = 10_000
EXPIRED: Final = Reason(
    code="expired", text="Nobody answered in time; prices have moved on. Ask again for a new one."
)
REMEDIED: Final = Reason(
    code="remedied",
    text="The exchange told of more trades meanwhile: what was missing then is not any more.",
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
            NotFoundError: no such decision of this person, nor one that they may approve.
            NotPermittedError: approved while trading is stopped, or the account is being joined.
            ConflictError: the operation's id was used for another answer (`op_id_reused`).
            UnavailableError: the database is away.
        """
        if not 0 <= answer.wait_ms <= MOST_WAIT_MS:
            raise InvalidInputError(f"Expected wait_ms up to {MOST_WAIT_MS}")
        async with self.books.unit() as unit:
            found = await unit.decisions.get(answer.decision_id)
            seen, owner = await visible(unit, found, answer.decision_id, answer.person)
            status, card = await self._record(unit, answer, seen)
        if status == "accepted" and card.state == "approved":
            self.wake(answer.decision_id)
        _log.info("decision_answered", decision=answer.decision_id, status=status, via=answer.via)
        if answer.wait_ms and card.is_open and status in ("accepted", "duplicate"):
            card = await self._wait(card, answer.wait_ms / 1000)
        return status, card if owner is None else four_eyes.as_seen(card, owner)

    async def get(self, decision_id: str, person: str) -> Card:
        """Return a person's decision, or one that they may approve.

        Raises:
            NotFoundError: there is none.
        """
        async with self.books.unit() as unit:
            found = await unit.decisions.get(decision_id)
            seen, owner = await visible(unit, found, decision_id, person)
        return seen.card if owner is None else four_eyes.as_seen(seen.card, owner)

    async def for_approval(
        self, person: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[Card]:
        """Return others' decisions that wait for this person's approval as well, latest first."""
        async with self.books.unit() as unit:
            cards = await unit.decisions.for_approval(person, before, limit)
            return [await _as_second(unit, card) for card in cards]

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

    async def _record(self, unit: Unit, answer: Answer, seen: Decision) -> tuple[Status, Card]:
        owner = seen.person
        # The order of locks that every unit keeps: stop switch, account, decision.
        switches = await unit.safety.switches(owner, share=True)
        status = _settled(seen, answer)
        if status is not None and status != "expired":
            return status, seen.card
        account = await unit.accounts.get(seen.account, lock=True) if seen.account else None
        held = owned(
            await unit.decisions.get(answer.decision_id, lock=True), answer.decision_id, owner
        )
        facts = await unit.accounts.facts(seen.account or "", owner)
        status = _settled(held, answer, facts.now)
        card = held.card
        if status == "expired" and card.state == "awaiting_approval":
            card = entering(card, "expired", facts.now, reason=EXPIRED)
            await unit.decisions.save(card)
        if status is not None:
            return status, card
        approval = Approval(
            choice=answer.choice,
            by=answer.person,
            via=answer.via,
            at=facts.now,
            op_id=answer.op_id,
            display_name="" if answer.person == owner else await label_of(unit, answer.person),
        )
        if answer.choice == "reject" or account is None:
            rejected = entering(card, "rejected", facts.now, resolved=approval)
            await unit.decisions.save(rejected, op_id=answer.op_id)
            return "accepted", rejected
        if any(switch.is_on for switch in switches):
            raise NotPermittedError(risk.STOPPED.text, code=risk.STOPPED.code)
        if facts.merging:
            raise NotPermittedError(risk.MERGING.text, code=risk.MERGING.code)
        standing = await unit.states.standing(owner, account.account)
        braked = risk.forbidden(card.plan, standing) if card.plan is not None else None
        if braked is not None:
            raise NotPermittedError(braked.text, code=braked.code)
        if await remedied(unit, card):
            made = entering(card, "superseded", facts.now, reason=REMEDIED)
            await unit.decisions.save(made)
            return "superseded", made
        return await self._approve(unit, card, approval, account, facts)

    async def _approve(
        self, unit: Unit, card: Card, approval: Approval, account: Account, facts: Facts
    ) -> tuple[Status, Card]:
        # The limit may have been lowered since the card was made; it never gets easier by that.
        above = facts.four_eyes_above
        people = max(card.approvals_needed, four_eyes.needed(card.plan, above) if card.plan else 1)
        approvals = await counting(unit, card, [*card.approvals, approval])
        if approval not in approvals:
            raise _none(card.decision_id)
        known = {"approvals": approvals, "approvals_needed": people}
        if not four_eyes.is_enough(card, approvals, people):
            if not four_eyes.adds(card, approval, approvals[:-1]):
                return "awaiting_second", card
            made = entering(card, "awaiting_approval", facts.now, **known)
            await unit.decisions.save(made)
            return "awaiting_second", made
        approved = entering(card, "approved", facts.now, resolved=approval, reason=None, **known)
        await unit.decisions.save(approved, op_id=approval.op_id)
        await unit.orders.insert(orders_of(approved, account, facts.now), card.user_id)
        return "accepted", approved

    async def _wait(self, card: Card, timeout_s: float) -> Card:
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        about, version = f"decision:{card.decision_id}", card.version
        while card.state not in FINAL and card.version == version and loop.time() < end:
            await self.waiters.next(about, min(_LOOK_S, end - loop.time()))
            async with self.books.unit() as unit:
                found = await unit.decisions.get(card.decision_id)
            card = found.card if found is not None else card
        return card


def owned(decision: Decision | None, decision_id: str, person: str) -> Decision:
    """Return a decision of a person.

    Raises:
        NotFoundError: there is none of that id, or it is somebody else's.
    """
    if decision is None or decision.person != person:
        raise _none(decision_id)
    return decision


async def visible(
    unit: Unit, decision: Decision | None, decision_id: str, person: str
) -> tuple[Decision, Owner | None]:
    """Return a decision of a person, or one that they may approve as the second, with its owner.

    Raises:
        NotFoundError: neither.
    """
    owner = await second_of(unit, decision, person) if decision is not None else None
    if decision is not None and owner is not None:
        return decision, owner
    return owned(decision, decision_id, person), None


def _none(decision_id: str) -> NotFoundError:
    return NotFoundError(f"Expected a decision of yours, found none with id {decision_id!r}")


async def _as_second(unit: Unit, card: Card) -> Card:
    return four_eyes.as_seen(card, await owner_of(unit, card.user_id))


async def remedied(unit: Unit, card: Card) -> bool:
    """Tell whether a remedy is no longer what is missing: the venue told of more meanwhile."""
    above = card
    while above.request.purpose == "remedy" and above.follows is not None:
        origin = await unit.decisions.get(above.follows)
        if origin is None:
            break
        above = origin.card
        if above.state in ("partially_executed", "executed"):
            return above.remedy != card.request
    return False


def _settled(decision: Decision, answer: Answer, now: datetime | None = None) -> Status | None:
    """What the answer meets; None: the decision waits for exactly this answer."""
    card = decision.card
    for approval in [*card.approvals, *([card.resolved] if card.resolved else [])]:
        if approval.by == answer.person and answer.op_id and approval.op_id == answer.op_id:
            if approval.choice != answer.choice:
                raise reused(answer.op_id)
            return "duplicate"
    if card.state == "awaiting_approval":
        if card.expires_at is None or card.expires_at <= (now or decision.now):
            return "expired"
        return None if card.plan_hash == answer.plan_hash else "superseded"
    if card.state in ("expired", "superseded"):
        return "expired" if card.state == "expired" else "superseded"
    return "already_resolved"


def reused(op_id: str) -> ConflictError:
    """Return the refusal of an operation whose id was used for something else, to be raised."""
    return ConflictError(
        f"The operation {op_id[:64]!r} was used for something else", code="op_id_reused"
    )
