"""Decision cards: shown once, changed in place, answered from here, and closed for good."""

import asyncio
from datetime import UTC, datetime

import pytest
from services.telegram.tests.around import unknown

from uchat_contracts.people import Link
from uchat_contracts.trading import Approval, KillSwitch, Owner
from uchat_platform.testing import eventually

NOW = datetime(2026, 11, 23, 14, 3, tzinfo=UTC)
pytestmark = pytest.mark.integration


async def test_a_card_is_approved_here_and_changes_in_place(world, replica):
    ada = world.join()
    world.write(ada, "buy 0.01 BTC")
    card = world.card(ada)
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    text = world.text_of(message)
    for part in (
        "Buy 0.01 BTC",
        "paper",
        "96,012.50",
        "fee 0.96",
        "10,000.00 USDT → 9,038.92 USDT",
    ):
        assert part in text
    assert "Valid until 14:05:00 UTC" in text
    assert world.labels(message) == ["Approve", "Reject"]
    query = world.press(ada, message, world.data(card, "approve"))
    await eventually(lambda: query.answer is not None)
    assert query.answer["text"].startswith("Approved")
    (asked,) = world.execution.asked
    assert (asked.plan_hash, asked.op_id) == (card.plan_hash, f"tg:{query.id}")
    approved = world.execution.cards[card.decision_id]
    await world.show_card(approved, ada)
    await world.show_card(world.executed(approved), ada)
    await eventually(
        lambda: "Filled 0.01 BTC at 96,012.50 USDT, fee 0.96" in world.text_of(message)
    )
    assert "Approved on Telegram by you at 14:03 UTC" in world.text_of(message)
    assert (len(world.told(ada)), message.keyboard) == (1, [])


async def test_a_card_that_was_answered_elsewhere_loses_its_buttons(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    card = world.card(ada)
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    world.execution.settle(card.decision_id, "approve", "web_chat")
    query = world.press(ada, message, world.data(card, "reject"))
    await eventually(lambda: query.answer is not None)
    assert query.answer["text"] == "Approved on the web by you at 14:03 UTC"
    await eventually(lambda: message.keyboard == [])
    await world.show_card(world.execution.cards[card.decision_id], ada)
    await eventually(lambda: len(world.notifier.reported) == 2)
    assert len(world.told(ada)) == 1


async def test_a_second_tap_never_approves_a_plan_that_nobody_saw(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    card = world.card(ada)
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    newer = card.model_copy(update={"plan_hash": "f" * 64, "version": 2, "rev": 5})
    told = await world.show_card(newer, ada)
    await eventually(lambda: world.notifier.statuses(told) == ["delivered"])
    query = world.press(ada, message, world.data(card, "approve"))
    await eventually(lambda: query.answer is not None)
    assert "changed" in query.answer["text"]
    assert world.execution.asked == []
    again = world.press(ada, message, world.data(newer, "approve"))
    await eventually(lambda: again.answer is not None)
    assert [asked.plan_hash for asked in world.execution.asked] == ["f" * 64]


async def test_older_news_of_a_card_never_replaces_newer(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    card = world.card(ada, rev=3)
    await world.show_card(card, ada)
    old = await world.show_card(world.card(ada).model_copy(update=_same(card, rev=1)), ada)
    await eventually(lambda: world.notifier.statuses(old) == ["collapsed"])
    assert world.labels(world.told(ada)[0]) == ["Approve", "Reject"]


async def test_a_card_without_a_price_is_not_shown(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    card = world.card(ada, rev=1, state="proposed", plan=None, plan_hash=None, effect=None)
    told = await world.show_card(card, ada)
    await eventually(lambda: world.notifier.statuses(told) == ["collapsed"])
    assert world.told(ada) == []


async def test_an_unknown_card_ends(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    card = world.card(ada)
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    del world.execution.cards[card.decision_id]
    (message,) = world.told(ada)
    query = world.press(ada, message, world.data(card, "approve"))
    await eventually(lambda: query.answer is not None)
    assert "not known" in query.answer["text"]
    await eventually(lambda: message.keyboard == [])


async def test_an_approver_sees_whose_card_it_is_and_is_asked_once(world, replica):
    ada, boss = world.join(), world.join("Boss")
    world.write(ada, "buy")
    world.write(boss, "hello")
    owner = Owner(name="a…@e….com", organisation="Acme")
    card = world.card(ada, owner=owner, approvals_needed=2)
    await world.show_card(card, boss)
    await eventually(lambda: len(world.told(boss)) == 1)
    (message,) = world.told(boss)
    text = world.text_of(message)
    assert "Not yours: a…@e….com, Acme asks for a second approval" in text
    assert "Their cash 10,000.00 USDT" in text
    assert world.labels(message) == ["Approve", "Reject"]
    owners = Approval(choice="approve", by=card.user_id, via="web_ui", at=NOW, display_name="a…")
    both = card.model_copy(update={"approvals": [owners], "rev": card.rev + 1})
    await world.show_card(both, boss)
    await eventually(lambda: "by a… at 14:03 UTC" in world.text_of(message))
    assert "Your approval is the second one" in world.text_of(message)
    mine = owners.model_copy(update={"by": world.sessions.person(boss.id)[0]})
    waits = card.model_copy(update={"approvals": [mine], "rev": card.rev + 2})
    await world.show_card(waits, boss)
    await eventually(lambda: world.labels(message) == ["Reject"])
    assert "Approved on the dashboard by you" in world.text_of(message)
    assert "It waits for a…@e….com now." in world.text_of(message)
    # What may be done afterwards is the owner's business.
    await world.show_card(card.model_copy(update={"state": "expired", "rev": card.rev + 3}), boss)
    await eventually(lambda: message.keyboard == [])
    assert len(world.told(boss)) == 1
    assert world.told(ada) == []


async def test_an_expired_card_offers_a_new_quote(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    await eventually(lambda: len(world.messages()) == 1)
    card = world.card(ada, state="expired")
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    assert world.labels(message) == ["Quote again"]
    for _ in range(2):
        query = world.press(ada, message, f"q:{card.decision_id}")
        await eventually(lambda q=query: q.answer is not None)
    asked = world.execution.quoted
    assert {(request.decision_id, request.remedy) for request in asked} == {
        (card.decision_id, False)
    }
    assert len({request.op_id for request in asked}) == 1


async def test_what_was_done_in_part_can_be_finished(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    card = world.card(ada)
    card = world.card(ada, state="partially_executed", remedy=card.request)
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    assert world.labels(message) == ["Finish the rest"]
    query = world.press(ada, message, world.data_of(message, "Finish the rest"))
    await eventually(lambda: query.answer is not None)
    assert [request.remedy for request in world.execution.quoted] == [True]


async def test_of_an_unknown_outcome_the_exchange_is_asked_again(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    card = world.card(ada, state="needs_human", result=unknown())
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    assert world.labels(message) == ["Check again", "It is not there"]
    query = world.press(ada, message, world.data_of(message, "Check again"))
    await eventually(lambda: query.answer is not None)
    assert [(r.leg, r.choice) for r in world.execution.settled] == [(1, "check_again")]


async def test_the_second_of_two_approvals_is_waited_for(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    card = world.card(ada, approvals_needed=2)
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    query = world.press(ada, message, world.data(card, "approve"))
    await eventually(lambda: query.answer is not None)
    assert query.answer["text"] == "Noted. Somebody else has to approve it as well."


async def test_how_one_trades_is_chosen_once_for_all_interfaces(world, replica):
    ada = world.join()
    world.write(ada, "/trading")
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    assert world.labels(message) == ["Manual", "Assisted", "Autonomous", "Emergency"]
    query = world.press(ada, message, "t:emergency")
    await eventually(lambda: query.answer is not None)
    assert world.execution.modes == ["emergency"]
    await eventually(lambda: "Emergency mode" in world.text_of(message))


async def test_a_button_is_answered_while_the_chat_is_stuck(world, replica):
    ada = world.join()
    world.write(ada, "buy")
    card = world.card(ada)
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    world.simulator.faults.add({"kind": "slow", "method": "sendMessage", "seconds": 8})
    await world.answer(ada, "A slow one")
    await eventually(lambda: world.simulator.faults.to_json() == [])
    query = world.press(ada, message, world.data(card, "approve"))
    await eventually(lambda: query.answer is not None)
    assert len(world.told(ada)) == 1


async def test_a_group_never_approves(world, replica):
    ada = world.join()
    group = world.simulator.world.add_group("Us", {ada.id})
    card = world.card(ada)
    world.execution.cards[card.decision_id] = card
    message = world.simulator.world.post(group, None, {"text": "forwarded"})
    query = world.simulator.press(group, ada, message, world.data(card, "approve"))
    await eventually(lambda: query.answer is not None)
    assert "private" in query.answer["text"]
    assert world.execution.asked == []


async def test_kill_stops_trading_and_is_told_once(world, replica):
    ada = world.join()
    world.write(ada, "/kill")
    await eventually(lambda: len(world.told(ada)) == 1)
    person, _ = world.sessions.person(ada.id)
    assert world.execution.kills == [(person, True)]
    assert "No order leaves after 14:03:05 UTC" in world.texts(ada)[0]
    state = KillSwitch(on=True, rev=1, user_id=person)
    told = await world.deliver(ada, "kill_switch", f"kill_switch:{person}", state, 1)
    await eventually(lambda: world.notifier.statuses(told) == ["collapsed"])
    world.write(ada, "/kill off")
    await eventually(lambda: len(world.told(ada)) == 2)
    assert len(world.execution.kills) == 1, "it is asked first"
    question = world.told(ada)[1]
    world.press(ada, question, "k:off")
    await eventually(lambda: "on again" in world.text_of(question))
    assert world.execution.kills[-1] == (person, False)


async def test_commands_ask_the_brain_or_answer(world, replica):
    ada = world.join()
    world.write(ada, "/portfolio")
    world.write(ada, "/orders@uchat_bot")
    await eventually(lambda: len(world.messages()) == 2)
    said = [event.parts[0].text for event in world.messages()]
    assert said == ["Show my portfolio", "Show my open orders"]
    world.write(ada, "/start")
    world.write(ada, "/help")
    world.write(ada, "/start good-code")
    world.write(ada, "/start bad-code")
    await eventually(lambda: len(world.told(ada)) == 4)
    hello, help_text, asked, refused = world.texts(ada)
    assert "Hello Ada" in hello
    assert "/kill" in help_text
    assert "a…@e….org" in asked
    assert "not valid" in refused
    assert [c["command"] for c in next(iter(world.simulator.world.commands.values()))][-1] == "help"


async def test_a_link_is_claimed_only_by_who_agrees(world, replica):
    ada = world.join()
    world.write(ada, "/start good-code")
    world.write(ada, "/start good-code")
    await eventually(lambda: len(world.told(ada)) == 2)
    refused, agreed = world.told(ada)
    assert world.sessions.claims == [False, False]
    world.press(ada, refused, "n:link")
    await eventually(lambda: world.text_of(refused) == "Nothing was linked.")
    world.press(ada, agreed, agreed.keyboard[0][0]["callback_data"])
    await eventually(lambda: "47" in world.text_of(agreed))
    assert world.sessions.claims == [False, False, True]
    assert agreed.keyboard == []
    link = Link(
        id="link_1", provider="telegram", state="active", display_name="Ada",
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    await world.deliver(ada, "link.changed", "link:link_1", link)
    await eventually(lambda: "now belongs to your account" in world.text_of(agreed))
    assert len(world.told(ada)) == 2


async def test_a_notice_is_told_and_not_repeated(world, replica):
    ada = world.join()
    world.write(ada, "/mode")
    await eventually(lambda: len(world.told(ada)) == 1)
    person, _ = world.sessions.person(ada.id)
    for rev, on in ((1, True), (2, True), (3, False)):
        state = KillSwitch(on=on, rev=rev, user_id=person, changed_via="web_ui")
        await world.deliver(ada, "kill_switch", f"kill_switch:{person}", state, rev)
        await eventually(lambda n=rev: len(world.notifier.reported) == n)
    texts = world.texts(ada)[1:]
    assert ["stopped" in text for text in texts] == [True, False]
    assert "on the dashboard" in texts[0]
    await asyncio.sleep(0)


def _same(card, **more):
    names = ("decision_id", "plan_hash", "session_id", "user_id")
    return {**{name: getattr(card, name) for name in names}, **more}


async def test_a_card_with_real_money_says_so_wherever_it_is_read_or_pressed(world, replica):
    ada = world.join()
    world.write(ada, "buy 0.01 BTC on binance")
    paper = world.card(ada)
    live = paper.plan.model_copy(update={"venue": "binance", "simulated": False})
    card = world.card(ada, plan=live, plan_hash=live.hash(paper.decision_id, paper.user_id, 1))
    await world.show_card(card, ada)
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    assert "Binance, real money" in world.text_of(message)
    assert world.labels(message) == ["Approve on Binance", "Reject"]
    query = world.press(ada, message, world.data(card, "approve"))
    await eventually(lambda: query.answer is not None)
    assert query.answer["text"] == ("Approved. It is being executed on Binance, with real money.")
    await world.show_card(world.executed(world.execution.cards[card.decision_id]), ada)
    await eventually(lambda: "Filled 0.01 BTC" in world.text_of(message))
    assert "Binance, real money" in world.text_of(message)
