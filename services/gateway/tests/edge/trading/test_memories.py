"""What the brain remembers by REST."""

from datetime import UTC, datetime

import pytest

from uchat_contracts.events import MessageReceived
from uchat_contracts.ids import new_conversation_id, new_message_id, new_ulid
from uchat_contracts.parts import Origin, Part
from uchat_platform.errors import UnavailableError

pytestmark = pytest.mark.integration
MEMORIES = "/api/v1/memories"


@pytest.fixture
def tell(client, outside):
    """Say something in the name of the client; return the conversation."""

    def say(text, log=None):
        log = log or new_conversation_id()
        message = MessageReceived(
            occurred_at=datetime.now(UTC),
            session_id=log,
            user_id=client.person,
            message_id=new_message_id(),
            client_msg_id=new_ulid(),
            parts=[Part(type="text", text=text)],
            origin=Origin(interface="telegram"),
        )
        outside.conversations.append(message)
        return log

    return say


async def listed(client, **params):
    answer = await client.get(MEMORIES, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()


async def test_what_was_told_is_listed_with_its_words_place_and_kind(client, tell):
    log = tell("I have $5,000 to invest")
    (memory,) = (await listed(client))["memories"]
    expected = {
        "session_id": log,
        "kind": "amount",
        "value": "$5,000",
        "amount": "5000",
        "unit": "USD",
        "text": "I have $5,000 to invest",
        "interface": "telegram",
    }
    assert {name: memory[name] for name in expected} == expected


async def test_one_is_deleted_by_a_message_in_its_conversation_once(client, tell, outside):
    log = tell("My name is Ada")
    tell("my goal is to buy a house", log)
    goal, name = (await listed(client))["memories"]
    gone = await client.delete(f"{MEMORIES}/{goal['memory_id']}", params={"interface": "web_ui"})
    assert (gone.status_code, gone.json()) == (200, goal)
    assert (await listed(client))["memories"] == [name]
    said = outside.conversations.logs[log][-1].data
    assert said["parts"][0]["text"].startswith("Forget the goal “buy a house”")
    assert said["origin"]["interface"] == "web_ui"
    again = await client.delete(f"{MEMORIES}/{goal['memory_id']}")
    assert (again.status_code, again.json()["code"]) == (404, "memory_not_found")


async def test_all_of_it_is_deleted_in_every_conversation_that_holds_some(client, tell):
    told = [tell("My name is Ada"), tell("I have $5000 to invest"), tell("my goal is to retire")]
    tell("price of BTC")
    gone = (await client.delete(MEMORIES)).json()
    assert sorted(gone["session_ids"]) == sorted(told)
    assert await listed(client) == {"memories": [], "next": None}
    assert (await client.delete(MEMORIES)).json() == {"session_ids": []}


async def test_memories_page_by_cursor(client, tell):
    log = tell("My name is Ada")
    tell("my goal is to retire", log)
    tell("I have $5000 to invest")
    first = await listed(client, limit=2)
    second = await listed(client, limit=2, cursor=first["next"])
    kinds = [each["kind"] for page in (first, second) for each in page["memories"]]
    assert (kinds, second["next"]) == (["goal", "name", "amount"], None)
    assert (await client.get(MEMORIES, params={"cursor": "x"})).status_code == 400


async def test_nobody_reads_or_deletes_what_another_person_told(gateway, client, tell):
    tell("My name is Ada")
    (name,) = (await listed(client))["memories"]
    other = {"Authorization": f"Bearer {(await gateway.guest())['access_token']}"}
    assert (await client.get(MEMORIES, headers=other)).json()["memories"] == []
    taken = await client.delete(f"{MEMORIES}/{name['memory_id']}", headers=other)
    assert taken.status_code == 404
    assert (await listed(client))["memories"] == [name]


async def test_nothing_is_said_to_be_forgotten_when_it_could_not_be_written(client, tell, outside):
    tell("My name is Ada")
    (name,) = (await listed(client))["memories"]
    outside.refuses["Append"] = UnavailableError("away")
    assert (await client.delete(f"{MEMORIES}/{name['memory_id']}")).status_code == 503
    assert (await client.delete(MEMORIES)).status_code == 503
    assert (await listed(client))["memories"] == [name]
