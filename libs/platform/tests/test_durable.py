import asyncio
from collections.abc import AsyncGenerator

import pytest

from uchat_contracts import ids, subjects
from uchat_platform.bus import Bus
from uchat_platform.bus.durable import DurableReader, Held
from uchat_platform.testing import NatsControl, Servers, eventually
from uchat_platform.testing.fixtures import BusFor

pytestmark = pytest.mark.integration


async def deliver(bus: Bus, number: int) -> None:
    subject = subjects.delivery("telegram", str(number))
    body = b"%d" % number
    await bus.publish(
        subject, body, stream=subjects.DELIVERIES, msg_id=f"delivery:{ids.new_ulid()}", timeout_s=20
    )


async def some(source: AsyncGenerator[Held], count: int) -> list[Held]:
    async with asyncio.timeout(20):
        return [await anext(source) for _ in range(count)]


def numbers(held: list[Held]) -> list[int]:
    return [int(each.received.payload) for each in held]


async def test_messages_are_held_and_finished_in_any_order(
    clean_streams: Servers, bus_for: BusFor
) -> None:
    notifier, telegram = await bus_for("notifier"), await bus_for("telegram")
    async with DurableReader(telegram, subjects.DELIVERIES, "telegram", limit=2) as reader:
        source = reader.messages()
        for number in range(5):
            await deliver(notifier, number)
        held = await some(source, 5)
        assert numbers(held) == [0, 1, 2, 3, 4]
        assert await reader.unfinished() == 5
        for each in reversed(held[1:]):
            await each.ack()
        await held[0].later()
        (again,) = await some(source, 1)
        assert (numbers([again]), again.deliveries) == ([0], 2)
        await again.keep()
        await again.ack()
        await deliver(notifier, 9)
        (last,) = await some(source, 1)
        await last.drop()
        await telegram.flush()
        assert await reader.unfinished() == 0


async def test_what_a_reader_left_unfinished_comes_to_the_next_before_what_is_new(
    clean_streams: Servers, bus_for: BusFor
) -> None:
    notifier, one, two = (
        await bus_for("notifier"),
        await bus_for("telegram"),
        await bus_for("telegram"),
    )
    for number in range(3):
        await deliver(notifier, number)
    async with DurableReader(one, subjects.DELIVERIES, "telegram") as reader:
        held = await some(reader.messages(), 3)
        await held[1].ack()
    await one.flush()
    async with DurableReader(two, subjects.DELIVERIES, "telegram") as reader:
        left = await reader.unfinished()
        assert left == 2
        await asyncio.sleep(6.2)  # the consumer's ack_wait: a silent reader is given up then
        await deliver(notifier, 3)
        found = await some(reader.messages(), 3)
        assert numbers(found) == [0, 2, 3]
        for each in found:
            await each.ack()
        await two.flush()


async def test_it_goes_on_after_a_restart_of_the_server(
    clean_streams: Servers, bus_for: BusFor, nats_control: NatsControl
) -> None:
    notifier, telegram = await bus_for("notifier"), await bus_for("telegram")
    async with DurableReader(telegram, subjects.DELIVERIES, "telegram") as reader:
        source = reader.messages()
        await deliver(notifier, 0)
        await (await some(source, 1))[0].ack()
        await telegram.flush()
        waiting = asyncio.create_task(some(source, 1))
        await nats_control.restart()
        await eventually(lambda: telegram.connected and notifier.connected, timeout_s=10)
        await deliver(notifier, 1)
        found = await waiting
        # A killed server may have forgotten the acknowledgement: it delivers at least once.
        while numbers(found)[-1] == 0:
            await found[-1].ack()
            found += await some(source, 1)
        assert numbers(found)[-1] == 1
        await found[-1].ack()
        await telegram.flush()
