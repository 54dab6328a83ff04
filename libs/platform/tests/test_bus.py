import asyncio
from typing import Any

import pytest

from uchat_contracts import ids, subjects
from uchat_platform.bus import Bus, BusDeniedError, CoreMessage, metrics
from uchat_platform.errors import NotFoundError, TooLargeError, UnavailableError
from uchat_platform.health import Health
from uchat_platform.testing import NatsControl, Servers, eventually
from uchat_platform.testing.fixtures import BusFor

pytestmark = pytest.mark.integration


def message(log: str) -> str:
    return subjects.proposed("message", log)


async def test_a_message_is_stored_once_however_often_it_is_sent(bus_for: BusFor) -> None:
    bus = await bus_for("gateway")
    log = ids.new_conversation_id()
    first = await bus.publish(message(log), b"{}", stream=subjects.PROPOSED, msg_id=f"in:{log}")
    again = await bus.publish(message(log), b"{}", stream=subjects.PROPOSED, msg_id=f"in:{log}")
    assert not first.duplicate
    assert again.duplicate
    assert again.seq == first.seq


async def test_many_in_flight_keep_the_order_in_which_they_were_begun(bus_for: BusFor) -> None:
    bus = await bus_for("gateway")
    log = ids.new_conversation_id()
    acks = await asyncio.gather(
        *(
            bus.publish(message(log), b"%d" % i, stream=subjects.PROPOSED, msg_id=f"{log}:{i}")
            for i in range(200)
        )
    )
    numbers = [ack.seq for ack in acks]
    assert numbers == sorted(numbers)


async def test_a_publish_survives_kill_9_of_the_server(
    bus_for: BusFor, nats_control: NatsControl
) -> None:
    bus = await bus_for("gateway")
    log = ids.new_conversation_id()
    nats_control.kill()
    sent = asyncio.create_task(
        bus.publish(message(log), b"{}", stream=subjects.PROPOSED, msg_id=log, timeout_s=10)
    )
    await eventually(lambda: not bus.connected)
    await nats_control.start()
    assert not (await sent).duplicate


async def test_no_server_is_a_retryable_error(bus_for: BusFor, nats_control: NatsControl) -> None:
    bus = await bus_for("gateway")
    nats_control.kill()
    with pytest.raises(UnavailableError) as caught:
        await bus.publish("uchat.x", b"", stream=subjects.PROPOSED, msg_id="x", timeout_s=0.3)
    assert caught.value.code == "bus_unavailable"
    await nats_control.start()
    await eventually(lambda: bus.connected)


async def test_gaps_are_told_after_a_reconnect(bus_for: BusFor, nats_control: NatsControl) -> None:
    bus = await bus_for("gateway")
    gaps: list[int] = []
    remove = bus.on_gap(lambda: gaps.append(1))
    await nats_control.restart()
    await eventually(lambda: gaps)
    remove()
    assert bus.connected


async def test_gaps_are_told_after_a_slow_consumer(bus_for: BusFor) -> None:
    gateway, ai_core = await bus_for("gateway"), await bus_for("ai-core")
    log = ids.new_conversation_id()
    gaps: list[int] = []
    gateway.on_gap(lambda: gaps.append(1))
    hold = asyncio.Event()

    async def slow(_: CoreMessage) -> None:
        await hold.wait()

    await gateway.subscribe(subjects.delta(log), slow, pending=5)
    await gateway.flush()
    for _ in range(50):
        await ai_core.publish_core(subjects.delta(log), b"x")
    await eventually(lambda: gaps)
    hold.set()


async def test_a_listener_that_fails_is_reported_and_hears_the_next_message(
    bus_for: BusFor,
) -> None:
    gateway, ai_core = await bus_for("gateway"), await bus_for("ai-core")
    log = ids.new_conversation_id()
    heard: list[int] = []
    before = metrics.ERRORS.labels("callback")._value.get()

    def hear(told: CoreMessage) -> None:
        heard.append(int(told.payload))

    await gateway.subscribe(subjects.delta(log), hear)
    await gateway.flush()
    for payload in (b"1", b"two", b"3"):
        await ai_core.publish_core(subjects.delta(log), payload)
    await eventually(lambda: heard == [1, 3])
    assert metrics.ERRORS.labels("callback")._value.get() == before + 1


async def test_core_messages_arrive_in_order(bus_for: BusFor) -> None:
    gateway, ai_core = await bus_for("gateway"), await bus_for("ai-core")
    log = ids.new_conversation_id()
    heard: list[bytes] = []
    subscription = await gateway.subscribe(
        subjects.delta(log), lambda told: heard.append(told.payload)
    )
    await gateway.flush()
    for i in range(1000):
        await ai_core.publish_core(subjects.delta(log), b"%d" % i)
    await eventually(lambda: len(heard) == 1000)
    assert heard == [b"%d" % i for i in range(1000)]
    await subscription.unsubscribe()


async def test_a_request_is_answered_by_who_knows(bus_for: BusFor) -> None:
    gateway, ai_core, other = [await bus_for(name) for name in ("gateway", "ai-core", "ai-core")]
    log = ids.new_conversation_id()

    async def answer(asked: CoreMessage) -> bytes:
        return b"run of " + asked.subject.rpartition(".")[2].encode()

    async def silent(_: CoreMessage) -> None:
        return None

    await ai_core.serve(subjects.running("*"), answer)
    await other.serve(subjects.running("*"), silent)
    await ai_core.flush()
    await other.flush()
    found = await gateway.request(subjects.running(log), b"", timeout_s=1)
    assert found == f"run of {log}".encode()


async def test_nobody_answers_is_none(bus_for: BusFor) -> None:
    gateway = await bus_for("gateway")
    log = ids.new_conversation_id()
    assert await gateway.request(subjects.running(log), b"", timeout_s=0.1) is None


async def test_gateway_cannot_forge_a_log_entry(bus_for: BusFor) -> None:
    gateway = await bus_for("gateway")
    log = ids.new_conversation_id()
    started = asyncio.get_running_loop().time()
    with pytest.raises(BusDeniedError):
        await gateway.publish(subjects.log(log, "message"), b"{}", stream=subjects.LOG, msg_id="f")
    # Told by the server's refusal, not by a time-out.
    assert asyncio.get_running_loop().time() - started < 1


@pytest.mark.parametrize(
    ("service", "subject", "stream"),
    [
        ("gateway", subjects.proposed("reply", "unified_X"), subjects.PROPOSED),
        ("gateway", subjects.decision("approved", "d"), subjects.TRADING),
        ("ai-core", subjects.proposed("message", "unified_X"), subjects.PROPOSED),
        ("ai-core", subjects.log("unified_X", "message"), subjects.LOG),
        ("ai-core", subjects.decision("approved", "d"), subjects.TRADING),
        ("sessions", subjects.decision("approved", "d"), subjects.TRADING),
        ("sessions", subjects.proposed("message", "unified_X"), subjects.PROPOSED),
        ("execution", subjects.log("unified_X", "message"), subjects.LOG),
    ],
)
async def test_a_service_publishes_only_its_own(
    bus_for: BusFor, service: str, subject: str, stream: str
) -> None:
    bus = await bus_for(service)
    with pytest.raises(BusDeniedError):
        await bus.publish(subject, b"{}", stream=stream, msg_id="forged")


@pytest.mark.parametrize("service", ["gateway", "sessions", "ai-core", "execution"])
async def test_only_the_provisioner_may_change_streams(bus_for: BusFor, service: str) -> None:
    bus = await bus_for(service)
    with pytest.raises(BusDeniedError):
        await bus.api("STREAM.DELETE.PROPOSED")
    admin = await bus_for("provisioner")
    assert (await admin.stream_identity(subjects.PROPOSED)).stream == subjects.PROPOSED


async def test_gateway_cannot_read_what_is_proposed(bus_for: BusFor) -> None:
    gateway = await bus_for("gateway")
    heard: list[CoreMessage] = []
    await gateway.subscribe("uchat.proposed.>", heard.append)
    await gateway.flush()
    log = ids.new_conversation_id()
    await gateway.publish(message(log), b"{}", stream=subjects.PROPOSED, msg_id=log)
    assert not heard


async def test_sessions_purges_an_erased_log(bus_for: BusFor) -> None:
    sessions = await bus_for("sessions")
    kept, erased = ids.new_conversation_id(), ids.new_conversation_id()
    for log in (kept, erased, erased):
        await sessions.publish(
            subjects.log(log, "message"), b"{}", stream=subjects.LOG, msg_id=ids.new_ulid()
        )
    assert await sessions.purge(subjects.LOG, f"uchat.log.v1.*.{erased}.*") == 2
    assert await sessions.purge(subjects.LOG, f"uchat.log.v1.*.{kept}.*") == 1


async def test_what_is_stored_in_the_log_is_told_live(bus_for: BusFor) -> None:
    sessions, gateway = await bus_for("sessions"), await bus_for("gateway")
    log = ids.new_conversation_id()
    heard: list[CoreMessage] = []
    await gateway.subscribe(subjects.live(log), heard.append)
    await gateway.flush()
    ack = await sessions.publish(
        subjects.log(log, "session.created"), b"entry", stream=subjects.LOG, msg_id=log
    )
    await eventually(lambda: heard)
    assert heard[0].payload == b"entry"
    assert heard[0].headers["Nats-Sequence"] == str(ack.seq)


class Wire:
    """Notes what goes to the server, in its order."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.sent = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self.sent += data
        self._transport.write(data)

    def writelines(self, lines: list[bytes]) -> None:
        self.sent += b"".join(lines)
        self._transport.writelines(lines)


async def test_a_flush_asks_the_server_after_all_that_was_sent_before(
    bus_for: BusFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = await bus_for("gateway")
    wire = Wire(vars(gateway.client)["_transport"])
    monkeypatch.setattr(gateway.client, "_transport", wire)
    subject = subjects.live(ids.new_conversation_id()).encode()
    await gateway.subscribe(subject.decode(), str)
    await gateway.flush()
    assert 0 < wire.sent.index(subject) < wire.sent.rindex(b"PING")


async def test_too_large_a_message_is_refused(bus_for: BusFor) -> None:
    gateway = await bus_for("gateway")
    with pytest.raises(TooLargeError):
        await gateway.publish(
            message("unified_X"), b"x" * 2_000_000, stream=subjects.PROPOSED, msg_id="large"
        )


async def test_an_unknown_stream_is_not_found(bus_for: BusFor) -> None:
    admin = await bus_for("provisioner")
    with pytest.raises(NotFoundError):
        await admin.stream_identity("NOTHING")


async def test_nobody_gets_in_without_a_key(servers: Servers) -> None:
    settings = servers.settings("gateway", nkey_seed_file=None)
    with pytest.raises(UnavailableError):
        await Bus.connect(settings, "gateway", Health("gateway"), timeout_s=0.5)


async def test_readiness_follows_the_connection(
    provisioned: Servers, nats_control: NatsControl
) -> None:
    health = Health("gateway")
    async with await Bus.connect(provisioned.settings("gateway"), "gateway", health) as bus:
        assert health.is_ready
        nats_control.kill()
        await eventually(lambda: not health.is_ready)
        await nats_control.start()
        await eventually(lambda: bus.connected and health.is_ready)
