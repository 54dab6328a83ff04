"""Second people: who is asked to approve others' plans, and what they see of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from uchat_contracts.trading import Approval, Card, Owner
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


async def counting(unit: Unit, card: Card, approvals: Sequence[Approval]) -> list[Approval]:
    """Return the approvals that count now: the owner's, and of whoever may still be the second.

    Rights that are looked at are held until the unit ends: taking one away waits for it.
    """
    if not any(each.by != card.user_id for each in approvals):
        return list(approvals)
    # In one order everywhere, so that no two units wait for each other.
    people = sorted({card.user_id, *(each.by for each in approvals)})
    members = {each: await unit.organisations.member(each, share=True) for each in people}
    theirs = members[card.user_id]
    return [
        each
        for each in approvals
        if each.by == card.user_id or _is_second(theirs, members[each.by])
    ]


async def second_of(unit: Unit, decision: Decision, person: str) -> Owner | None:
    """Return whose decision it is, if a person may approve it as the second one."""
    if decision.person == person or decision.card.approvals_needed <= 1:
        return None
    theirs = await unit.organisations.member(decision.person)
    own = await unit.organisations.member(person)
    return await owner_of(unit, decision.person) if _is_second(theirs, own) else None


async def label_of(unit: Unit, person: str) -> str:
    """Return how others of the organisation see a person."""
    return _label(await unit.organisations.member(person))


async def owner_of(unit: Unit, person: str) -> Owner:
    """Return an owner as approvers of the organisation see them."""
    member = await unit.organisations.member(person)
    within = await unit.organisations.get(member.organisation) if member is not None else None
    return Owner(name=_label(member), organisation=within.name if within is not None else "")


def _is_second(owner: Member | None, other: Member | None) -> bool:
    if owner is None or other is None:
        return False
    return other.approves and owner.organisation == other.organisation


def _label(member: Member | None) -> str:
    if member is None:
        return _SOMEBODY
    return member.label or f"{_SOMEBODY} (…{member.person[-4:]})"
