"""Plans of more than a limit need two people of one organisation."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from services.execution.tests.test_brakes import grant
from services.execution.tests.test_modifying import modify
from services.execution.tests.world import buy, proposed

from uchat_contracts import ids
from uchat_contracts.trading import Owner
from uchat_execution.service.organising import Organising
from uchat_platform.errors import ConflictError, InvalidInputError, NotFoundError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


@pytest.fixture
async def acme(world):
    organising = Organising(world.app.books, "tester")
    await organising.create("acme", "Acme", Decimal(500))
    return organising


@pytest.fixture
async def owner(acme, person):
    await acme.assign(person, "acme", label="t…@e….com")
    return person


@pytest.fixture
async def approver(acme):
    made = ids.new_person_id()
    await acme.assign(made, "acme", approves=True, label="b…@e….com")
    return made


def second(card, person, **more):
    return {"person": person, "via": "telegram", **more}


async def test_two_people_approve_and_the_card_tells_who_was_first(world, owner, approver):
    card = await world.propose(owner, buy("0.01"))
    assert (card.state, card.approvals_needed) == ("awaiting_approval", 2)
    assert "four_eyes" in [warning.code for warning in card.warnings]
    assert card.expires_at - card.proposed_at > timedelta(minutes=14)
    status, waiting = await world.answer(card, op_id="first")
    assert (status, waiting.state, waiting.rev) == (
        "awaiting_second",
        "awaiting_approval",
        card.rev + 1,
    )
    assert [approval.by for approval in waiting.approvals] == [owner]
    assert (await world.answer(card, op_id="first"))[0] == "duplicate"
    assert (await world.answer(card, op_id="other"))[0] == "awaiting_second"
    assert await world.journal() == []
    status, approved = await world.answer(card, **second(card, approver))
    assert status == "accepted"
    assert [approval.by for approval in approved.approvals] == [owner, approver]
    assert approved.resolved.by == approver
    await world.until(owner, card.decision_id, "executed")
    assert len(await world.journal()) == 1


async def test_the_approver_may_be_first_but_the_owner_is_needed(world, acme, owner, approver):
    another = ids.new_person_id()
    await acme.assign(another, "acme", approves=True)
    card = await world.propose(owner, buy("0.01"))
    assert (await world.answer(card, **second(card, approver)))[0] == "awaiting_second"
    status, waiting = await world.answer(card, **second(card, another))
    assert (status, len(waiting.approvals)) == ("awaiting_second", 1)
    assert (await world.answer(card))[0] == "accepted"
    await world.until(owner, card.decision_id, "executed")


async def test_many_answers_at_once_are_one_order(world, owner, approver):
    card = await world.propose(owner, buy("0.01"))
    answers = await asyncio.gather(
        *(world.answer(card, **(second(card, approver) if n % 2 else {})) for n in range(12))
    )
    assert [status for status, _ in answers].count("accepted") == 1
    done = await world.until(owner, card.decision_id, "executed")
    assert {approval.by for approval in done.approvals} == {owner, approver}
    assert len(await world.journal()) == 1


async def test_only_an_approver_of_the_same_organisation_sees_it(world, acme, owner, approver):
    await acme.create("other", "Other", None)
    stranger = ids.new_person_id()
    await acme.assign(stranger, "other", approves=True)
    colleague = ids.new_person_id()
    await acme.assign(colleague, "acme")
    card = await world.propose(owner, buy("0.01"))
    for who in (stranger, ids.new_person_id(), colleague):
        with pytest.raises(NotFoundError):
            await world.answer(card, **second(card, who))
    resolving = world.app.resolving
    seen = await resolving.get(card.decision_id, approver)
    assert seen.owner == Owner(name="t…@e….com", organisation="Acme")
    assert seen.model_copy(update={"owner": None}) == card
    with pytest.raises(NotFoundError):
        await resolving.get(card.decision_id, stranger)
    # What needs one person is nobody else's business.
    small = await world.propose(owner, buy("0.001"))
    with pytest.raises(NotFoundError):
        await world.answer(small, **second(small, approver))


async def test_what_waits_for_the_approver_is_listed_until_they_answered(world, owner, approver):
    cards = [await world.propose(owner, buy(size)) for size in ("0.011", "0.012", "0.001")]
    resolving = world.app.resolving
    first = await resolving.for_approval(approver, None, 1)
    assert [card.decision_id for card in first] == [cards[1].decision_id]
    before = (first[0].proposed_at, first[0].decision_id)
    rest = await resolving.for_approval(approver, before, 5)
    assert [card.decision_id for card in rest] == [cards[0].decision_id]
    assert await resolving.for_approval(owner, None, 5) == []
    await world.answer(cards[1], **second(cards[1], approver))
    left = await resolving.for_approval(approver, None, 5)
    assert [card.decision_id for card in left] == [cards[0].decision_id]


async def test_an_approver_rejects_for_both(world, owner, approver):
    card = await world.propose(owner, buy("0.01"))
    await world.answer(card)
    status, rejected = await world.answer(card, "reject", **second(card, approver))
    assert (status, rejected.state) == ("accepted", "rejected")
    assert rejected.resolved.by == approver
    assert await world.journal() == []


async def test_a_mandate_never_stands_for_two_people(world, owner, approver):
    await grant(world, owner, "2000")
    event = proposed(owner, [buy("0.01")])
    await world.app.proposing.propose(event)
    card = await world.card(owner, event.decision_id)
    assert (card.state, card.approvals_needed) == ("awaiting_approval", 2)


async def test_another_version_needs_both_again(world, owner, approver):
    card = await world.propose(owner, buy("0.01"))
    await world.answer(card)
    _, again = await modify(world, card, buy("0.011"))
    assert (again.approvals, again.approvals_needed) == ([], 2)
    assert (await world.answer(again, **second(again, approver)))[0] == "awaiting_second"
    assert (await world.answer(again))[0] == "accepted"


async def test_a_limit_that_was_lowered_counts_for_what_waits(world, acme, person, approver):
    card = await world.propose(person, buy("0.01"))
    assert card.approvals_needed == 1
    await acme.assign(person, "acme")
    status, waiting = await world.answer(card)
    assert (status, waiting.approvals_needed) == ("awaiting_second", 2)
    await acme.limit("acme", None)
    # It never becomes easier by that.
    assert (await world.answer(waiting))[0] == "awaiting_second"
    assert (await world.answer(waiting, **second(waiting, approver)))[0] == "accepted"


async def test_the_same_operation_with_another_choice_is_refused(world, person):
    card = await world.propose(person, buy("0.01"))
    await world.answer(card, op_id="op")
    with pytest.raises(ConflictError) as caught:
        await world.answer(card, "reject", op_id="op")
    assert caught.value.code == "op_id_reused"


async def test_an_order_whose_plan_is_not_the_approved_one_is_never_sent(world, person):
    app = world.app
    await world.bought(person, buy("0.001"))
    card = await world.propose(person, buy("0.01"))
    await world.stop(app)
    await world.answer(card)
    await world.pool.execute(
        "UPDATE decision SET card = jsonb_set(card, '{plan,legs,0,quantity}', '\"0.02\"')"
        " WHERE decision_id = $1",
        card.decision_id,
    )
    assert await app.executor.claiming.next(card.decision_id) is None
    failed = await world.card(person, card.decision_id)
    assert (failed.state, failed.reason.code) == ("failed", "approval_hash_mismatch")
    assert len(await world.journal()) == 1


async def test_two_accounts_that_become_one_stay_under_the_rules_of_the_organisation(
    world, acme, owner
):
    stays, stranger = ids.new_person_id(), ids.new_person_id()
    await acme.create("other", "Other", None)
    await acme.assign(stranger, "other")
    await world.propose(owner, buy("0.001"))
    with pytest.raises(ConflictError) as caught:
        await world.app.merging.begin("l1", owner, stranger)
    assert caught.value.code == "organisations_differ"
    await world.app.merging.begin("l2", owner, stays)
    await world.app.merging.finish("l2", owner, stays)
    card = await world.propose(stays, buy("0.01"))
    assert card.approvals_needed == 2
    _, members = await acme.show("acme")
    assert [member.person for member in members] == [stays]


async def test_changes_of_an_organisation_are_written_down(world, acme, owner):
    await acme.create("other", "Other", None)
    await acme.limit("acme", Decimal(900))
    await acme.assign(owner, "other")
    await acme.assign(owner, "other", approves=True)
    assert await acme.remove(owner) == "other"
    assert await acme.remove(owner) is None
    rows = await world.pool.fetch("SELECT organisation, what FROM organisation_event ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("acme", "created"), ("acme", "joined"), ("other", "created"), ("acme", "limited"),
        ("acme", "left"), ("other", "joined"), ("other", "may_approve"), ("other", "left"),
    ]  # fmt: skip
    with pytest.raises(ConflictError):
        await acme.create("acme", "Acme", None)
    with pytest.raises(NotFoundError):
        await acme.assign(owner, "nowhere")
    with pytest.raises(InvalidInputError):
        await acme.create("No Id", "Name", None)
