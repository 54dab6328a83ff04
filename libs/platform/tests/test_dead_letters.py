import asyncio

import pytest

from uchat_contracts import ids, subjects
from uchat_platform.bus import Bus, PartitionReader, Received, dead_letters
from uchat_platform.bus.dead_letters import DeadLetters
from uchat_platform.crypto import KeyRing, SealError, new_data_key
from uchat_platform.errors import ConflictError, InvalidInputError, NotFoundError
from uchat_platform.testing import Servers
from uchat_platform.testing.fixtures import BusFor

pytestmark = pytest.mark.integration

KEYS = KeyRing.from_key("k1", new_data_key())
CANARY = b'{"text": "a canary that sings in the clear"}'


async def receive(bus: Bus, after: int = 0) -> Received:
    async with (
        asyncio.timeout(5),
        PartitionReader(bus, subjects.PROPOSED, "uchat.proposed.v1.*.*.*", after) as reader,
    ):
        async for batch in reader.batches():
            return batch[0]
    raise AssertionError("the reader ended")


async def poisoned(bus_for: BusFor, log: str) -> tuple[Bus, Received]:
    gateway, sessions = await bus_for("gateway"), await bus_for("sessions")
    await gateway.publish(
        subjects.proposed("message", log), CANARY, stream=subjects.PROPOSED, msg_id=f"in:{log}"
    )
    return sessions, await receive(sessions)


async def test_a_letter_is_sealed_and_opened_by_the_key(
    clean_streams: Servers, bus_for: BusFor
) -> None:
    log = ids.new_conversation_id()
    sessions, received = await poisoned(bus_for, log)
    error = InvalidInputError("Expected a text, found none", code="schema")
    letter_id = await dead_letters.put(sessions, received, log=log, error=error, keys=KEYS)
    again = await dead_letters.put(sessions, received, log=log, error=error, keys=KEYS)
    assert again == letter_id
    letters = DeadLetters(await bus_for("provisioner"), KEYS)
    [(_, letter)] = await letters.list()
    assert (letter.code, letter.reason) == ("schema", "Expected a text, found none")
    assert letter.subject == subjects.proposed("message", log)
    assert b"canary" not in letter.json_bytes()
    assert await letters.show(letter_id) == (letter, CANARY)
    with pytest.raises(SealError):
        await DeadLetters(
            await bus_for("provisioner"), KeyRing.from_key("k1", new_data_key())
        ).show(letter_id)


async def test_a_retry_brings_the_same_message_back(
    clean_streams: Servers, bus_for: BusFor
) -> None:
    log = ids.new_conversation_id()
    sessions, received = await poisoned(bus_for, log)
    letter_id = await dead_letters.put(
        sessions, received, log=log, error=InvalidInputError("bad"), keys=KEYS
    )
    letters = DeadLetters(await bus_for("provisioner"), KEYS)
    ack = await letters.retry(letter_id)
    # Within the window in which the stream drops repeats, and all the same stored again.
    assert not ack.duplicate
    back = await receive(sessions, received.seq)
    assert (back.seq, back.subject, back.payload) == (ack.seq, received.subject, CANARY)
    assert await letters.list() == []
    with pytest.raises(NotFoundError):
        await letters.retry(letter_id)


async def test_letters_are_listed_by_page(clean_streams: Servers, bus_for: BusFor) -> None:
    log = ids.new_conversation_id()
    sessions, received = await poisoned(bus_for, log)
    for seq in range(5):
        each = Received(
            received.seq + seq,
            received.subject,
            CANARY,
            received.headers,
            received.published_at,
            received.stream,
        )
        await dead_letters.put(sessions, each, log=log, error=InvalidInputError("bad"), keys=KEYS)
    letters = DeadLetters(await bus_for("provisioner"), None)
    first = await letters.list(limit=3)
    rest = await letters.list(after=first[-1][0], limit=3)
    assert (len(first), len(rest)) == (3, 2)


async def test_without_a_key_only_the_place_is_kept(
    clean_streams: Servers, bus_for: BusFor
) -> None:
    log = ids.new_conversation_id()
    sessions, received = await poisoned(bus_for, log)
    letter_id = await dead_letters.put(
        sessions, received, log=log, error=InvalidInputError("bad"), keys=None
    )
    letters = DeadLetters(await bus_for("provisioner"), KEYS)
    letter, body = await letters.show(letter_id)
    assert (letter.sealed, body, letter.stream_seq) == ("", b"", received.seq)
    with pytest.raises(ConflictError):
        await letters.retry(letter_id)


async def test_an_erased_log_takes_its_letters_along(
    clean_streams: Servers, bus_for: BusFor
) -> None:
    log = ids.new_conversation_id()
    sessions, received = await poisoned(bus_for, log)
    await dead_letters.put(sessions, received, log=log, error=InvalidInputError("bad"), keys=KEYS)
    assert await sessions.purge(subjects.DLQ, f"uchat.dlq.v1.*.{log}") == 1
    assert await sessions.purge(subjects.PROPOSED, f"uchat.proposed.v1.*.*.{log}") == 1
