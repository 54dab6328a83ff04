import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pydantic import BaseModel

from uchat_contracts import ids, subjects
from uchat_platform.bus import Received
from uchat_platform.bus.broker import broker, durable
from uchat_platform.bus.provision import ensure_consumer, provision
from uchat_platform.errors import InvalidInputError, UchatError, UnavailableError
from uchat_platform.testing import Servers, eventually
from uchat_platform.testing.fixtures import BusFor

pytestmark = pytest.mark.integration

FILTER = subjects.decision("proposed", "*")


class Decision(BaseModel):
    number: int


class Handler:
    """Fails as it is told, once for each error, and notes what it saw."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.done: list[int] = []
        self.errors: list[Exception] = []
        self.dead: list[tuple[Received, UchatError]] = []
        self.sink_errors: list[Exception] = []

    async def handle(self, decision: Decision) -> None:
        self.seen.append(decision.number)
        if self.errors:
            raise self.errors.pop(0)
        self.done.append(decision.number)

    async def bury(self, received: Received, error: UchatError) -> None:
        if self.sink_errors:
            raise self.sink_errors.pop(0)
        self.dead.append((received, error))


@pytest.fixture
async def handler(clean_streams: Servers, bus_for: BusFor) -> AsyncIterator[Handler]:
    admin = await bus_for("provisioner")
    await ensure_consumer(admin, subjects.TRADING, "execution", FILTER)
    async with running(clean_streams) as each:
        yield each
    await admin.api("CONSUMER.DELETE.TRADING.execution")
    # As the other tests on these servers expect it.
    await provision(admin)


@asynccontextmanager
async def running(servers: Servers) -> AsyncIterator[Handler]:
    handler = Handler()
    made = broker(servers.settings("execution"), "execution", dead=handler.bury)
    subscribe: Callable[..., object] = durable(
        made, "execution", FILTER, stream=subjects.TRADING, consumer="execution"
    )
    subscribe(handler.handle)
    async with asyncio.timeout(10):
        await made.start()
    try:
        yield handler
    finally:
        await made.stop()


async def announce(bus_for: BusFor, body: bytes, number: str = "d1") -> None:
    bus = await bus_for("sessions")
    await bus.publish(
        subjects.decision("proposed", number), body, stream=subjects.TRADING, msg_id=ids.new_ulid()
    )


async def pending(bus_for: BusFor) -> int:
    info = await (await bus_for("provisioner")).api("CONSUMER.INFO.TRADING.execution")
    return info["num_pending"] + info["num_ack_pending"]


async def settled(bus_for: BusFor) -> None:
    async def none() -> bool:
        return await pending(bus_for) == 0

    await eventually(none, every_s=0.05)


async def test_a_handled_message_is_acknowledged(handler: Handler, bus_for: BusFor) -> None:
    await announce(bus_for, b'{"number": 1}')
    await eventually(lambda: handler.done == [1])
    await settled(bus_for)


async def test_infrastructure_errors_are_tried_again_with_a_delay(
    handler: Handler, bus_for: BusFor
) -> None:
    handler.errors = [OSError("no database"), UnavailableError("away"), TimeoutError()]
    started = asyncio.get_running_loop().time()
    await announce(bus_for, b'{"number": 1}')
    await eventually(lambda: handler.done == [1])
    assert handler.seen == [1, 1, 1, 1]
    # 0.2, 0.4 and 0.8 s: no hot loop.
    assert asyncio.get_running_loop().time() - started > 1
    await settled(bus_for)


async def test_a_permanent_fault_is_put_aside_and_stops_nothing(
    handler: Handler, bus_for: BusFor
) -> None:
    handler.errors = [InvalidInputError("no such market", code="no_market")]
    await announce(bus_for, b'{"number": 1}')
    await announce(bus_for, b'{"number": 2}', "d2")
    await eventually(lambda: handler.done == [2])
    [(received, error)] = handler.dead
    assert received.subject == subjects.decision("proposed", "d1")
    assert received.payload == b'{"number": 1}'
    assert error.code == "no_market"
    await settled(bus_for)


async def test_what_does_not_fit_the_schema_is_put_aside(handler: Handler, bus_for: BusFor) -> None:
    await announce(bus_for, b'{"number": "secret"}')
    await eventually(lambda: handler.dead)
    assert "secret" not in handler.dead[0][1].detail
    await settled(bus_for)


async def test_a_message_that_cannot_be_put_aside_now_stays(
    handler: Handler, bus_for: BusFor
) -> None:
    handler.errors = [InvalidInputError("bad"), InvalidInputError("bad")]
    handler.sink_errors = [UnavailableError("no dead letters now")]
    await announce(bus_for, b'{"number": 1}')
    await eventually(lambda: handler.dead)
    assert handler.seen == [1, 1]
    await settled(bus_for)


async def test_a_bug_is_tried_again_and_loses_nothing(handler: Handler, bus_for: BusFor) -> None:
    handler.errors = [ZeroDivisionError()]
    await announce(bus_for, b'{"number": 1}')
    await eventually(lambda: handler.done == [1])
    await settled(bus_for)
