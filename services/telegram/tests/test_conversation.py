"""What people write comes in once; answers go out once."""

import asyncio

import pytest

from uchat_contracts import ids, subjects
from uchat_contracts.events import Delta, StopRun
from uchat_contracts.parts import Part
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration


async def test_a_message_is_in_the_writers_home_conversation(world, replica):
    ada = world.join()
    written = world.write(ada, "I have $5000 to invest in crypto")
    await eventually(lambda: len(world.messages()) == 1)
    (event,) = world.messages()
    person, home = world.sessions.person(ada.id)
    assert (event.user_id, event.session_id) == (person, home)
    assert event.parts[0].text == "I have $5000 to invest in crypto"
    assert (event.origin.interface, event.origin.device) == ("telegram", str(ada.id))
    assert event.client_msg_id == f"tg:{ada.id}:{written.message_id}"
    chat = world.simulator.world.private_chat(ada.id)
    await eventually(lambda: chat.action is not None and chat.action[0] == "typing")


async def test_a_redelivered_update_is_one_message(world, replica):
    ada = world.join()
    world.write(ada, "once")
    await eventually(lambda: len(world.messages()) == 1)
    await eventually(lambda: len(world.simulator.updates) == 0)
    world.simulator.updates.redeliver()
    world.write(ada, "twice")
    await eventually(lambda: len(world.messages()) == 2)
    assert [event.parts[0].text for event in world.messages()] == ["once", "twice"]


async def test_an_update_is_confirmed_only_when_its_message_is_stored(world, replica):
    ada = world.join()
    world.sessions.away = True
    world.write(ada, "wait for me")
    await eventually(lambda: world.simulator.counts["getUpdates"] >= 1)
    await asyncio.sleep(0.3)
    assert len(world.simulator.updates) == 1
    world.sessions.away = False
    await eventually(lambda: len(world.messages()) == 1)
    await eventually(lambda: len(world.simulator.updates) == 0)


async def test_an_answer_is_one_message_with_a_way_to_the_web(world, replica):
    ada = world.join()
    world.write(ada, "hello")
    await eventually(lambda: len(world.messages()) == 1)
    delivery = await world.answer(ada, "**Hi** & welcome")
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    assert world.text_of(message) == "Hi & welcome"
    assert message.body["entities"][0]["type"] == "bold"
    (button,) = message.keyboard[0]
    assert button == {"text": "Continue on the web", "url": "http://127.0.0.1:8000/#continue=code1"}
    await eventually(lambda: world.notifier.statuses(delivery) == ["delivered"])


async def test_a_table_is_a_table_and_text_where_those_are_unknown(world, replica):
    ada = world.join()
    world.write(ada, "hello")
    fields = {
        "title": "Allocation", "columns": ["Asset", "Share"], "align": ["left", "right"],
        "rows": [["BTC", "40 %"], ["ETH", "7 %"]], "text": "| Asset |…",
    }  # fmt: skip
    table = Part.model_validate({"type": "table", **fields})
    await world.answer(ada, "A plan:", table, mode="trading")
    await eventually(lambda: len(world.told(ada)) == 1)
    blocks = world.told(ada)[0].body["rich_message"]["blocks"]
    assert [block["type"] for block in blocks] == ["paragraph", "heading", "table"]
    fault = {"kind": "error", "method": "sendRichMessage", "error_code": 404, "count": 1}
    world.simulator.faults.add({**fault, "description": "Not Found: method not found"})
    await world.answer(ada, "A plan:", table, mode="trading")
    await eventually(lambda: len(world.told(ada)) == 2)
    text = world.texts(ada)[1]
    assert "Asset  Share\nBTC     40 %\nETH      7 %" in text


async def test_a_long_answer_comes_in_pieces_that_telegram_takes(world, replica):
    ada = world.join()
    world.write(ada, "hello")
    await world.answer(ada, "\n\n".join(f"Paragraph {n}: " + "word " * 60 for n in range(30)))
    await eventually(lambda: world.texts(ada) and "Paragraph 29" in world.texts(ada)[-1])
    assert all(len(text) <= 4096 for text in world.texts(ada))
    assert world.labels(world.told(ada)[-1]) == ["Continue on the web"]
    assert world.labels(world.told(ada)[0]) == []


async def test_more_unfolds_an_answer_in_place(world, replica):
    ada = world.join()
    world.write(ada, "hello")
    parts = [Part(type="summary", text="Short."), Part(type="detail", text="All of it.")]
    delivery = await world.answer(ada, "", *parts)
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    assert (world.text_of(message), world.labels(message)) == (
        "Short.",
        ["More", "Continue on the web"],
    )
    entry = delivery.model_dump_json(include={"data"}).encode()
    world.sessions.entries[delivery.log, delivery.seq] = entry
    world.press(ada, message, message.keyboard[0][0]["callback_data"])
    await eventually(lambda: world.text_of(message) == "Short.\n\nAll of it.")
    assert world.labels(message)[0] == "Less"


async def test_an_answer_is_streamed_and_can_be_stopped(world, replica, bus_for):
    ada, brain = world.join(), await bus_for("ai-core")
    stops: list[StopRun] = []
    await brain.subscribe(
        subjects.stop("*"), lambda m: stops.append(StopRun.model_validate_json(m.payload))
    )
    await brain.flush()
    world.write(ada, "tell me")
    await eventually(lambda: len(world.messages()) == 1)
    event = world.messages()[0]
    answer = ids.derived_message_id(event.message_id)
    chat = world.simulator.world.private_chat(ada.id)

    async def tell(i: int, text: str, epoch: int = 1) -> None:
        delta = Delta(
            log=event.session_id, message_id=answer, run_id="r", epoch=epoch, i=i, n=1, text=text
        )
        await brain.publish_core(subjects.delta(event.session_id), delta.json_bytes())

    await tell(0, "Bitcoin")
    await eventually(lambda: [d.body["text"] for d in chat.drafts.values()] == ["Bitcoin"])
    await tell(1, " is at")
    await eventually(lambda: [d.body["text"] for d in chat.drafts.values()] == ["Bitcoin is at"])
    await tell(0, "Anew", epoch=2)
    await eventually(lambda: [d.body["text"] for d in chat.drafts.values()] == ["Anew"])
    assert world.simulator.stop_drafts(chat)
    await eventually(lambda: [stop.log for stop in stops] == [event.session_id])


async def test_a_message_that_is_refused_later_is_said_so(world, replica):
    ada = world.join()
    chat_and_number = f"tg:{ada.id}:1"
    world.sessions.verdicts[chat_and_number] = ("rejected", "erased")
    world.write(ada, "too late")
    await eventually(lambda: world.texts(ada) != [])
    assert "erased" in world.texts(ada)[0]


async def test_the_chosen_mode_goes_with_the_message(world, replica):
    ada = world.join()
    world.write(ada, "/mode analysis")
    await eventually(lambda: len(world.told(ada)) == 1)
    world.write(ada, "What about ETH?")
    await eventually(lambda: len(world.messages()) == 1)
    assert world.messages()[0].mode == "analysis"


async def test_groups_are_told_to_write_in_private(world, replica):
    ada = world.join()
    group = world.simulator.world.add_group("Us", {ada.id})
    world.simulator.say(group, ada, "/portfolio")
    await eventually(lambda: any(m.sender is None for m in group.messages.values()))
    assert world.messages() == []


async def test_updates_come_by_webhook_too(world, run):
    port = _free_port()
    hook = world.settings.model_copy(
        update={
            "telegram_mode": "webhook",
            "telegram_webhook_url": f"http://127.0.0.1:{port}/hook",
            "telegram_webhook_secret": world.settings.telegram_token,
            "telegram_webhook_port": port,
        }
    )
    async with run(hook):
        await eventually(lambda: world.simulator.webhook.url != "")
        ada = world.join()
        world.write(ada, "by push")
        await eventually(lambda: len(world.messages()) == 1)
        await eventually(lambda: len(world.simulator.updates) == 0)
        world.simulator.updates.redeliver()
        world.write(ada, "next")
        await eventually(lambda: len(world.messages()) == 2)
        world.simulator.webhook.set(world.simulator.webhook.url, "wrong", None)
        world.write(ada, "forged")
        await eventually(lambda: "last_error_message" in world.simulator.webhook.info())
        assert len(world.messages()) == 2


def _free_port() -> int:
    from uchat_platform.embedded.ports import free_ports

    return free_ports(1)[0]


async def test_a_link_that_ran_out_gives_a_fresh_one_on_request(world, replica):
    replica.app.showing.ageing.age_s = 0.2
    ada = world.join()
    world.write(ada, "hello")
    await world.answer(ada, "Say “more” for the table.")
    await eventually(lambda: len(world.told(ada)) == 1)
    (message,) = world.told(ada)
    await eventually(lambda: message.keyboard[0][1].get("callback_data") == "c:web")
    assert world.labels(message) == ["More", "Continue on the web"]
    query = world.press(ada, message, "c:web")
    await eventually(lambda: query.answer is not None)
    assert message.keyboard[0][1]["url"] == "http://127.0.0.1:8000/#continue=code2"
    await eventually(lambda: message.keyboard[0][1].get("callback_data") == "c:web")
    world.press(ada, message, "w:more")
    await eventually(lambda: [e.parts[0].text for e in world.messages()] == ["hello", "more"])
