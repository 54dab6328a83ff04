"""The service as processes of its own: stalled, killed, told to stop."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from uchat_contracts import subjects
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration


def environment(world: Any, replica: int) -> dict[str, str]:
    settings = world.settings
    return {
        "PATH": "/usr/bin:/bin",
        "UCHAT_NATS_URL": settings.nats_url,
        "UCHAT_NKEY_SEED_FILE": str(settings.nkey_seed_file),
        "UCHAT_SERVICE_KEYS_FILE": str(settings.service_keys_file),
        "UCHAT_POSTGRES_DSN": settings.postgres_dsn.get_secret_value(),
        "UCHAT_VALKEY_URL": settings.valkey_url.get_secret_value(),
        "UCHAT_KEK_FILE": str(settings.kek_file),
        "UCHAT_REPLICA": str(replica),
        "UCHAT_GRPC_PORT": "0",
        "UCHAT_LOG_LEVEL": "warning",
    }


@asynccontextmanager
async def process(world: Any, replica: int) -> AsyncIterator[asyncio.subprocess.Process]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "uchat_sessions.app",
        env=environment(world, replica),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def send_all(world: Any, persons: list[Any], numbers: range) -> None:
    async def send(person: Any) -> None:
        for number in numbers:
            await world.send(world.message(person.person, person.home, f"c-{number}"))
            await asyncio.sleep(0.05)

    await asyncio.gather(*(send(person) for person in persons))


@pytest.mark.timeout(90)
async def test_stalled_and_killed_processes_lose_double_and_swap_nothing(world: Any, store_of: Any):
    store = await store_of(world)
    persons = [await store.writing.resolve("account", f"p-{n}", "") for n in range(12)]

    async def heads(seq: int) -> bool:
        rows = await world.query("SELECT last_seq FROM log WHERE log <> person")
        return [row["last_seq"] for row in rows] == [seq] * len(persons)

    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(process(world, 0))
        await send_all(world, persons, range(2))
        await eventually(lambda: heads(3), timeout_s=30)
        second = await stack.enter_async_context(process(world, 1))
        writing = asyncio.create_task(send_all(world, persons, range(2, 60)))

        async def shared() -> bool:
            rows = await world.query(
                "SELECT pid, count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE locktype = 'advisory' AND datname = current_database() GROUP BY pid"
            )
            return sorted(row["count"] for row in rows)[-2:] == [9, 9]

        await eventually(shared, timeout_s=20)
        first.send_signal(signal.SIGSTOP)
        await asyncio.sleep(4.5)
        first.send_signal(signal.SIGCONT)
        await eventually(shared, timeout_s=20)
        second.kill()
        await writing
        await eventually(lambda: heads(61), timeout_s=30)
        first.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            assert await first.wait() == 0
    for person in persons:
        entries = await store.entries(person.person, person.home)
        assert [e.seq for e in entries] == list(range(1, 62))
        assert [e.data["client_msg_id"] for e in entries[1:]] == [f"c-{n}" for n in range(60)]
    identity = await world.brain.stream_identity(subjects.LOG)
    assert identity.last_seq >= 12 * 60
