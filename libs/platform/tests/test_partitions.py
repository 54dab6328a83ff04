import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest

from uchat_platform.partitions import PartitionOwnership
from uchat_platform.testing import eventually
from uchat_platform.testing.fixtures import FreshDatabase

pytestmark = pytest.mark.integration

ALL = frozenset(range(16))
MEMBER = """
import asyncio, sys
from uchat_platform.partitions import PartitionOwnership
async def say(word, p): print(word, p, flush=True)
async def main():
    ownership = PartitionOwnership(sys.argv[1], "test",
        on_acquire=lambda p: say("got", p), on_release=lambda p: say("gave", p))
    await ownership.run()
asyncio.run(main())
"""


@pytest.fixture
async def dsn(postgres_database: FreshDatabase) -> str:
    return await postgres_database("sessions", [])


class Member:
    def __init__(self, dsn: str) -> None:
        self.held: set[int] = set()
        self.log: list[tuple[str, int]] = []
        self.slow_release = 0.0
        self.failing: set[int] = set()
        self.ownership = PartitionOwnership(
            dsn, "test", on_acquire=self._acquire, on_release=self._release
        )

    async def _acquire(self, partition: int) -> None:
        self.log.append(("got", partition))
        if partition in self.failing:
            raise OSError("not now")
        assert partition not in self.held
        self.held.add(partition)

    async def _release(self, partition: int) -> None:
        await asyncio.sleep(self.slow_release)
        self.log.append(("gave", partition))
        self.held.discard(partition)


@asynccontextmanager
async def competing(dsn: str) -> AsyncIterator[Member]:
    member = Member(dsn)
    task = asyncio.create_task(member.ownership.run())
    try:
        yield member
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def process(dsn: str) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen([sys.executable, "-c", MEMBER, dsn], stdout=subprocess.PIPE)
    yield child
    with suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGCONT)
    child.kill()
    child.communicate()


async def test_one_member_owns_all(dsn: str) -> None:
    async with competing(dsn) as member:
        await eventually(lambda: member.held == ALL)
        assert member.ownership.owned == ALL
    assert not member.held
    assert sorted(member.log[16:]) == [("gave", p) for p in range(16)]


async def test_members_share_fairly_and_never_overlap(dsn: str) -> None:
    async with competing(dsn) as first:
        await eventually(lambda: first.held == ALL)
        first.slow_release = 0.05
        async with competing(dsn) as second, competing(dsn) as third:
            members = (first, second, third)

            def balanced() -> bool:
                overlap = sum(len(each.held) for each in members) - len(
                    set().union(*(each.held for each in members))
                )
                assert overlap == 0
                sizes = [len(each.held) for each in members]
                return sum(sizes) == 16 and max(sizes) <= 6

            await eventually(balanced)
        await eventually(lambda: first.held == ALL)


async def test_a_killed_owner_is_followed_within_a_second(
    dsn: str, process: subprocess.Popen[bytes]
) -> None:
    async with competing(dsn) as member:
        await eventually(lambda: len(member.held) == 8, timeout_s=10)
        await asyncio.sleep(0.3)
        process.kill()
        killed = time.monotonic()
        await eventually(lambda: member.held == ALL)
        assert time.monotonic() - killed < 2.5


async def test_a_stalled_owner_is_followed_and_knows_it_when_it_wakes(
    dsn: str, process: subprocess.Popen[bytes]
) -> None:
    async with competing(dsn) as member:
        await eventually(lambda: len(member.held) == 8, timeout_s=10)
        os.kill(process.pid, signal.SIGSTOP)
        stalled = time.monotonic()
        await eventually(lambda: member.held == ALL, timeout_s=8)
        assert time.monotonic() - stalled < 7
        os.kill(process.pid, signal.SIGCONT)
        # It comes back as a new member and gets a share again.
        await eventually(lambda: len(member.held) == 8, timeout_s=8)


async def test_losing_the_connection_is_losing_all_at_once(dsn: str) -> None:
    async with competing(dsn) as member:
        await eventually(lambda: member.held == ALL)
        connection = await asyncpg.connect(dsn)
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'uchat-partitions' and datname = current_database()"
        )
        await connection.close()
        await eventually(lambda: not member.ownership.owned, every_s=0.001)
        await eventually(lambda: member.log.count(("got", 3)) == 2)
        assert member.log.count(("gave", 3)) == 1
        await eventually(lambda: member.held == ALL)


async def test_a_partition_that_is_not_ready_is_tried_again(dsn: str) -> None:
    async with competing(dsn) as member:
        member.failing.add(7)
        await eventually(lambda: member.held == ALL - {7})
        await eventually(lambda: ("gave", 7) in member.log)
        member.failing.clear()
        await eventually(lambda: member.held == ALL)


async def test_no_database_is_waited_for() -> None:
    member = Member("postgresql://nobody@127.0.0.1:1/none")
    task = asyncio.create_task(member.ownership.run())
    await asyncio.sleep(0.4)
    assert not task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
