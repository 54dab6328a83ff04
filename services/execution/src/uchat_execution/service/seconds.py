"""Second people: who is asked to approve others' plans, and what they see of them."""

from dataclasses import dataclass
from typing import Final

from uchat_contracts.trading import Card, Owner
from uchat_execution.domain import four_eyes
from uchat_execution.ports.decisions import Decision
from uchat_execution.ports.organisations import Member
from uchat_execution.ports.store import Books, Unit

_SOMEBODY: Final = "A member"


@dataclass(frozen=True, slots=True)
class Seconds:
    """Finds whom a plan that needs two people is told, besides its owner."""

    books: Books

    async def copies(self, card: Card) -> list[tuple[str, Card]]:
        """Return the people who are told of a decision's event, each with their copy.

        While it waits for an approval, whoever may give the second one is asked; whoever was asked
        hears what becomes of it. Who may not approve any more hears that alone, and so do all
        once it was changed into a plan that needs nobody else.
        """
        shared = card.approvals_needed > 1
        async with self.books.unit() as unit:
            owner = await unit.organisations.member(card.user_id)
            if owner is not None and shared and card.state == "awaiting_approval":
                await unit.organisations.ask(card.decision_id, owner)
            within = owner.organisation if owner is not None else ""
            asked = await unit.organisations.asked(card.decision_id, within)
            if not asked:
                return []
            whose = await owner_of(unit, card.user_id)
        shown, ended = four_eyes.as_seen(card, whose), four_eyes.withdrawn(card, whose)
        return [(each.person, shown if shared and each.still else ended) for each in asked]


async def second_of(unit: Unit, decision: Decision, person: str) -> Owner | None:
    """Return whose decision it is, if a person may approve it as the second one."""
    if decision.person == person or decision.card.approvals_needed <= 1:
        return None
    theirs = await unit.organisations.member(decision.person)
    own = await unit.organisations.member(person)
    if theirs is None or own is None or not own.approves:
        return None
    same = theirs.organisation == own.organisation
    return await owner_of(unit, decision.person) if same else None


async def label_of(unit: Unit, person: str) -> str:
    """Return how others of the organisation see a person."""
    return _label(await unit.organisations.member(person))


async def owner_of(unit: Unit, person: str) -> Owner:
    """Return an owner as approvers of the organisation see them."""
    member = await unit.organisations.member(person)
    within = await unit.organisations.get(member.organisation) if member is not None else None
    return Owner(name=_label(member), organisation=within.name if within is not None else "")


def _label(member: Member | None) -> str:
    if member is None:
        return _SOMEBODY
    return member.label or f"{_SOMEBODY} (…{member.person[-4:]})"
