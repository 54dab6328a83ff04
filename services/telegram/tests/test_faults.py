"""Telegram away, limits, crashes, two replicas: nothing lost, nothing twice."""

import asyncio

import pytest

from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration


async def test_what_waited_is_told_in_order_and_collapsed(world, replica):
    ada = world.join()
    world.write(ada, "hello")
    await eventually(lambda: len(world.messages()) == 1)
    world.simulator.faults.add({"kind": "outage"})
    cards = [world.card(ada, n) for n in range(3)]
    first = [await world.show_card(card, ada) for card in cards]
    answers = [await world.answer(ada, f"answer {n}") for n in range(2)]
    bob = world.execution.settle(cards[0].decision_id, "approve", "web_chat")
    approved = await world.show_card(bob, ada)
    done = await world.show_card(world.executed(bob), ada)
    await asyncio.sleep(1)
    assert world.told(ada) == []
    world.simulator.faults.clear()
    await eventually(lambda: len(world.told(ada)) == 5, timeout_s=15)
    texts = world.texts(ada)
    assert ["Filled" in text for text in texts] == [True, False, False, False, False]
    assert texts[3:] == ["answer 0", "answer 1"]
    buttons = [world.labels(message) for message in world.told(ada)]
    assert buttons[:3] == [[], ["Approve", "Reject"], ["Approve", "Reject"]]
    await eventually(lambda: world.notifier.statuses(done, *answers) == ["delivered"] * 3)
    assert world.notifier.statuses(first[0], approved) == ["collapsed"] * 2
    assert all(message.edits == 0 for message in world.told(ada))


async def test_a_limit_is_obeyed(world, replica):
    ada = world.join()
    world.write(ada, "hello")
    await eventually(lambda: len(world.messages()) == 1)
    world.simulator.faults.add({"kind": "retry_after", "method": "sendMessage", "seconds": 2})
    told = await world.answer(ada, "patience")
    await eventually(lambda: world.notifier.statuses(told) == ["delivered"], timeout_s=10)
    calls = [call for call in world.simulator.calls if call["method"] == "sendMessage"]
    assert [call["error_code"] for call in calls] == [429, None]
    assert calls[1]["at"] - calls[0]["at"] >= 2


async def test_a_lost_answer_costs_one_marked_repeat_at_most(world, replica):
    ada = world.join()
    world.write(ada, "hello")
    await eventually(lambda: len(world.messages()) == 1)
    world.simulator.faults.add({"kind": "lost_answer", "method": "sendMessage"})
    told = await world.answer(ada, "perhaps twice")
    await eventually(lambda: world.notifier.statuses(told) == ["delivered"], timeout_s=10)
    texts = world.texts(ada)
    assert (len(texts), texts[0]) == (2, "perhaps twice")
    assert "repeat" in texts[1]


async def test_a_person_who_blocks_the_bot_stops_nobody(world, replica):
    ada, bob = world.join(), world.join("Bob")
    world.write(ada, "hello")
    world.write(bob, "hello")
    await eventually(lambda: len(world.messages()) == 2)
    world.simulator.block(ada, blocked=True)
    to_ada = await world.answer(ada, "for Ada")
    to_bob = await world.answer(bob, "for Bob")
    await eventually(lambda: world.notifier.statuses(to_ada, to_bob) == ["failed", "delivered"])
    assert world.notifier.reported[to_ada.delivery_id].code == "blocked"


async def test_a_message_that_was_deleted_is_told_anew(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    card = world.card(ada)
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    world.told(ada)[0].deleted = True
    world.execution.settle(card.decision_id, "reject", "web_chat")
    await world.show_card(world.execution.cards[card.decision_id], ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    (text,) = world.texts(ada)
    assert "Rejected on the web by you" in text
    assert "repeat" not in text


async def test_deliveries_go_on_while_the_ledger_is_away(world, replica):
    ada = world.join()
    world.write(ada, "hello")
    await eventually(lambda: len(world.messages()) == 1)
    world.notifier.away = True
    told = [await world.answer(ada, f"answer {n}") for n in range(3)]
    await eventually(lambda: len(world.told(ada)) == 3)
    assert world.notifier.reported == {}
    world.notifier.away = False
    await eventually(lambda: world.notifier.statuses(*told) == ["delivered"] * 3, timeout_s=10)


async def test_the_other_replica_leads_when_the_leader_is_gone(world, run):
    ada = world.join()
    async with run(world.settings) as one:
        world.write(ada, "one")
        await eventually(lambda: len(world.messages()) == 1)
        async with run(world.settings) as two:
            world.write(ada, "two")
            await eventually(lambda: len(world.messages()) == 2)
            world.simulator.faults.add({"kind": "outage", "method": "sendMessage"})
            told = [await world.answer(ada, f"answer {n}") for n in range(4)]
            await eventually(lambda: world.simulator.counts["sendMessage"] > 0)
            one.task.cancel()
            await asyncio.wait([one.task])
            world.simulator.faults.clear()
            world.write(ada, "three")
            await eventually(lambda: len(world.messages()) == 3, timeout_s=10)
            await eventually(
                lambda: world.notifier.statuses(*told) == ["delivered"] * 4, timeout_s=20
            )
            # The one that was being sent may be marked as a repeat; it is there once all the same.
            assert [text[-8:] for text in world.texts(ada)] == [f"answer {n}" for n in range(4)]
            assert [event.parts[0].text for event in world.messages()] == ["one", "two", "three"]
            assert world.simulator.updates.conflicts == 0
            assert not two.task.done()


async def test_what_is_being_sent_when_the_replica_stops_is_not_sent_again(world, run):
    ada = world.join()
    async with run(world.settings) as one:
        world.write(ada, "hello")
        await eventually(lambda: len(world.messages()) == 1)
        world.simulator.faults.add({"kind": "slow", "method": "sendMessage", "seconds": 0.5})
        told = await world.answer(ada, "slowly")
        await eventually(lambda: world.simulator.faults.to_json() == [])
        await one.end()
    async with run(world.settings):
        await eventually(lambda: world.notifier.statuses(told) == ["delivered"], timeout_s=15)
    assert world.texts(ada) == ["slowly"]


async def test_a_delivery_that_nobody_can_show_stops_no_other(world, replica):
    ada = world.join()
    world.write(ada, "hello")
    await eventually(lambda: len(world.messages()) == 1)
    odd = await world.deliver(ada, "decision", "decision:1", world.card(ada).request, 1)
    unknown = await world.deliver(ada, "horoscope", "stars:1", world.card(ada).request, 1)
    fine = await world.answer(ada, "still here")
    await eventually(lambda: world.notifier.statuses(fine) == ["delivered"])
    assert world.notifier.statuses(odd, unknown) == ["failed", "collapsed"]
    assert world.notifier.reported[odd.delivery_id].code == "malformed"
