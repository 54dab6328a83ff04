"""Limits on a real Valkey, and without one."""

import asyncio
import random
import signal
from contextlib import AsyncExitStack

import pytest

from uchat_gateway.adapters import valkey
from uchat_gateway.adapters.limits import ValkeyLimiter
from uchat_gateway.settings import GatewaySettings
from uchat_platform.errors import RateLimitedError
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration


async def hits(limiter, person, count):
    async def one():
        try:
            await limiter.hit_message(person)
        except RateLimitedError as e:
            return e.retry_after_s
        return None

    return await asyncio.gather(*(one() for _ in range(count)))


async def test_a_person_has_one_limit_over_all_gateways(client, other):
    settings = GatewaySettings(limit_messages="120/hour")
    limiters = [ValkeyLimiter(c, settings) for c in (client, other)]
    waits = await asyncio.gather(*(hits(limiter, "user_1", 100) for limiter in limiters))
    waits = [wait for each in waits for wait in each]
    assert waits.count(None) == 120
    assert all(1 <= wait <= 3600 for wait in waits if wait is not None)
    assert await hits(limiters[0], "user_2", 1) == [None]


@pytest.fixture
def stopped(servers):
    """Valkey, to be stopped without closing anything; it goes on when the test is over."""
    process = servers.processes[2]
    yield process
    process.signal(signal.SIGCONT)


async def test_while_valkey_hangs_each_gateway_has_the_limit_from_then_on(valkey_database, stopped):
    hasty = [valkey.connect(valkey_database, 1) for _ in range(2)]
    limiters = [ValkeyLimiter(c, GatewaySettings(limit_messages="8/hour")) for c in hasty]
    for limiter in limiters:
        assert await hits(limiter, "user_1", 3) == [None] * 3
    stopped.signal(signal.SIGSTOP)
    waits = await asyncio.gather(*(hits(limiter, "user_1", 12) for limiter in limiters))
    assert [each.count(None) for each in waits] == [8, 8]
    stopped.signal(signal.SIGCONT)
    for each in hasty:
        await each.aclose()


async def test_what_was_counted_here_while_valkey_hung_is_counted_there_after(
    valkey_database, stopped
):
    hasty = valkey.connect(valkey_database, 0.5)
    limiter = ValkeyLimiter(hasty, GatewaySettings(limit_messages="20/hour", limit_login="8/hour"))
    async with limiter.running():
        assert await hits(limiter, "user_1", 15) == [None] * 15
        stopped.signal(signal.SIGSTOP)
        assert (await hits(limiter, "user_1", 12)).count(None) == 12
        for _ in range(8):
            await limiter.hit_login("203.0.113.1")
        stopped.signal(signal.SIGCONT)

        async def refused(hit, key):
            try:
                await hit(key)
            except RateLimitedError:
                return True
            return False

        async def above():
            assert await refused(limiter.hit_login, "203.0.113.1")
            await hits(limiter, "user_1", 1)
            return int(await hasty.hget("limit:message:user_1", "count")) >= 27

        assert await eventually(above, every_s=0.2)
        assert await refused(limiter.hit_message, "user_1")
    await hasty.aclose()


async def test_who_waits_as_long_as_told_may_come_again(client):
    limiter = ValkeyLimiter(client, GatewaySettings(limit_messages="2/2 seconds"))

    async def wait_told():
        return (await hits(limiter, "user_1", 1))[0]

    wait = await eventually(wait_told)
    await asyncio.sleep(wait)
    assert await hits(limiter, "user_1", 1) == [None]


async def test_without_valkey_each_gateway_counts_for_itself(away):
    limiter = ValkeyLimiter(away, GatewaySettings(limit_messages="1000000/day"))
    assert await hits(limiter, "user_1", 50) == [None] * 50
    few = ValkeyLimiter(away, GatewaySettings(limit_messages="5/day", limit_login="3/day"))
    waits = await hits(few, "user_1", 10)
    assert waits.count(None) == 5
    for _ in range(3):
        await few.hit_login("203.0.113.1")
    with pytest.raises(RateLimitedError):
        await few.hit_login("203.0.113.1")
    await few.hit_login("203.0.113.2")


async def counted(client, *totals):
    """Tell whether the messages of `user_1` were counted to one of these totals."""
    return int(await client.hget("limit:message:user_1", "count")) in totals


async def passed(limiters, person, tries, pause_s):
    """Return how many of `tries` messages got through, one after the other, by turns."""
    count = 0
    async with AsyncExitStack() as stack:
        for limiter in limiters:
            await stack.enter_async_context(limiter.running())
        for n in range(tries):
            count += await hits(limiters[n % len(limiters)], person, 1) == [None]
            await asyncio.sleep(pause_s)
    return count


@pytest.mark.parametrize("pause_s", [0, 0.001, 0.02])
async def test_one_gateway_lets_nothing_through_above_the_limit(client, pause_s):
    limiter = ValkeyLimiter(client, GatewaySettings(limit_messages="20/hour"))
    assert await passed([limiter], "user_1", 30, pause_s) == 20


async def test_what_went_ahead_counts_for_whoever_waits_behind_it(client):
    limiter = ValkeyLimiter(client, GatewaySettings(limit_messages="120/hour"))
    async with limiter.running():
        assert await hits(limiter, "user_1", 1) == [None]
        # This one goes ahead, and alone waits half a second for its count.
        assert await hits(limiter, "user_1", 1) == [None]
        assert (await hits(limiter, "user_1", 130)).count(None) == 118


@pytest.mark.parametrize("seed", range(6))
async def test_however_somebody_writes_one_gateway_lets_exactly_the_limit_through(client, seed):
    chance = random.Random(seed)
    amount = chance.choice([2, 3, 20, 60, 120])
    limiter = ValkeyLimiter(client, GatewaySettings(limit_messages=f"{amount}/hour"))
    count = 0
    async with limiter.running():
        for _ in range(40):
            burst = chance.randint(1, 12)
            count += (await hits(limiter, "user_1", burst)).count(None)
            await asyncio.sleep(chance.choice([0, 0, 0.001, 0.006]))
        count += (await hits(limiter, "user_1", amount)).count(None)
    assert count == amount


@pytest.mark.parametrize("pause_s", [0, 0.001, 0.02])
async def test_several_gateways_let_through_one_too_many_each_at_most(client, other, pause_s):
    settings = GatewaySettings(limit_messages="20/hour")
    limiters = [ValkeyLimiter(c, settings) for c in (client, other)]
    assert 20 <= await passed(limiters, "user_1", 40, pause_s) <= 22


async def test_what_went_ahead_although_others_had_used_up_the_limit_is_counted(client, other):
    settings = GatewaySettings(limit_messages="120/hour")
    here, elsewhere = (ValkeyLimiter(c, settings) for c in (client, other))
    async with here.running():
        assert await hits(here, "user_1", 1) == [None]
        assert (await hits(elsewhere, "user_1", 118)).count(None) == 118
        assert await hits(here, "user_1", 3) == [None] * 3
        # A sum of three does not fit into the one that was left, nor does one after it.
        assert (await hits(elsewhere, "user_1", 5)).count(None) <= 1
        assert await eventually(lambda: counted(other, 122, 123))
        assert (await hits(here, "user_1", 5)).count(None) == 0
        assert (await hits(elsewhere, "user_1", 5)).count(None) == 0


async def test_one_too_many_is_the_last_one(client, other):
    settings = GatewaySettings(limit_messages="20/hour")
    here, elsewhere = (ValkeyLimiter(c, settings) for c in (client, other))
    async with here.running():
        assert await hits(here, "user_1", 1) == [None]
        assert (await hits(elsewhere, "user_1", 30)).count(None) == 19
        first, *later = [(await hits(here, "user_1", 1))[0] for _ in range(5)]
        assert first is None
        assert all(wait is not None for wait in later)


async def test_who_is_within_the_limit_does_not_wait_for_the_count(client, other):
    limiter = ValkeyLimiter(client, GatewaySettings(limit_messages="40/hour"))
    async with limiter.running():
        assert await hits(limiter, "user_1", 1) == [None]
        await other.client_pause(400)
        async with asyncio.timeout(0.2):
            assert await hits(limiter, "user_1", 1) == [None]
        # That one is not counted yet: the next one waits.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await limiter.hit_message("user_1")

        assert await eventually(lambda: counted(other, 2, 3))


async def test_with_valkey_away_the_limit_holds_as_well(away):
    limiter = ValkeyLimiter(away, GatewaySettings(limit_messages="20/day"))
    assert await passed([limiter], "user_1", 40, 0.002) == 20


async def test_messages_that_went_ahead_are_counted_in_sums(client, other):
    limiter = ValkeyLimiter(client, GatewaySettings(limit_messages="1000/hour"))
    async with limiter.running():
        assert await hits(limiter, "user_1", 1) == [None]
        before = int((await other.info("commandstats"))["cmdstat_evalsha"]["calls"])
        for _ in range(40):
            assert await hits(limiter, "user_1", 1) == [None]
            await asyncio.sleep(0.002)

        assert await eventually(lambda: counted(other, 41))
        calls = int((await other.info("commandstats"))["cmdstat_evalsha"]["calls"]) - before
        assert calls < 20
