"""Limits and tickets on a real Valkey, and without one."""

import asyncio
import signal
from contextlib import AsyncExitStack

import pytest
from limits import parse

from uchat_gateway.adapters import valkey
from uchat_gateway.adapters.limits import Trust, ValkeyLimiter
from uchat_gateway.ports.access import Principal, Revoked
from uchat_gateway.service.access import Access
from uchat_gateway.settings import GatewaySettings
from uchat_platform.auth import Actor
from uchat_platform.clock import SystemClock
from uchat_platform.errors import RateLimitedError, UnauthenticatedError, UnavailableError
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration
NOWHERE = "redis://127.0.0.1:9"
# On a busy machine an answer takes its time; Valkey is not away because of that.
PATIENCE_S = 30


@pytest.fixture
async def client(valkey_database):
    client = valkey.connect(valkey_database, PATIENCE_S)
    yield client
    await client.aclose()


@pytest.fixture
async def other(valkey_database):
    client = valkey.connect(valkey_database, PATIENCE_S)
    yield client
    await client.aclose()


@pytest.fixture
async def away():
    client = valkey.connect(NOWHERE)
    yield client
    await client.aclose()


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
async def test_one_gateway_lets_one_too_many_through_at_most(client, pause_s):
    limiter = ValkeyLimiter(client, GatewaySettings(limit_messages="20/hour"))
    # One may still be on its way to be counted when the last one asks.
    assert await passed([limiter], "user_1", 30, pause_s) in (20, 21)


@pytest.mark.parametrize("pause_s", [0, 0.001, 0.02])
async def test_several_gateways_let_through_one_too_many_each_at_most(client, other, pause_s):
    settings = GatewaySettings(limit_messages="20/hour")
    limiters = [ValkeyLimiter(c, settings) for c in (client, other)]
    assert 20 <= await passed(limiters, "user_1", 40, pause_s) <= 22


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

        async def counted():
            return any([int(await other.get(key)) >= 2 for key in await other.keys("*")])

        assert await eventually(counted)


async def test_with_valkey_away_the_limit_holds_as_well(away):
    limiter = ValkeyLimiter(away, GatewaySettings(limit_messages="20/day"))
    assert await passed([limiter], "user_1", 40, 0.002) in (20, 21)


async def test_messages_that_went_ahead_are_counted_in_sums(client, other):
    limiter = ValkeyLimiter(client, GatewaySettings(limit_messages="1000/hour"))
    async with limiter.running():
        assert await hits(limiter, "user_1", 1) == [None]
        before = int((await other.info("commandstats"))["cmdstat_evalsha"]["calls"])
        for _ in range(40):
            assert await hits(limiter, "user_1", 1) == [None]
            await asyncio.sleep(0.002)

        async def counted():
            return any([int(await other.get(key)) == 41 for key in await other.keys("*")])

        assert await eventually(counted)
        calls = int((await other.info("commandstats"))["cmdstat_evalsha"]["calls"]) - before
        assert calls < 20


def test_a_large_limit_lets_several_go_ahead():
    trust = Trust(parse("120/minute"))
    trust.take("ann")
    trust.counted("ann", within=True)
    assert [trust.take("ann") for _ in range(4)] == [True, True, True, False]
    trust.settle("ann", 2)
    assert [trust.take("ann") for _ in range(3)] == [True, True, False]


def test_trust_is_earned_by_a_count_and_taken_one_message_at_a_time():
    trust = Trust(parse("40/hour"))
    assert not trust.take("ann")
    trust.counted("ann", within=True)
    assert trust.take("ann")
    assert not trust.take("ann")
    trust.counted("ann", within=True)
    trust.settle("ann")
    assert trust.take("ann")


async def test_after_a_refusal_nobody_is_trusted_for_a_window():
    trust = Trust(parse("40/second"))
    trust.take("ann")
    trust.counted("ann", within=False)
    trust.counted("ann", within=True)
    assert not trust.take("ann")
    assert await eventually(lambda: trust.take("ann"), every_s=0.25)


def test_who_writes_much_is_counted_first():
    trust = Trust(parse("40/hour"))
    trust.take("ann")
    trust.counted("ann", within=True)
    for _ in range(9):
        assert trust.take("ann")
        trust.settle("ann")
    assert not trust.take("ann")


def test_trust_is_bounded():
    trust = Trust(parse("40/hour"), kept=2)
    for person in ("ann", "bob", "cleo"):
        trust.take(person)
        trust.counted(person, within=True)
    assert not trust.take("ann")
    assert trust.take("cleo")


async def test_an_unreadable_limit_stops_the_start():
    with pytest.raises(ValueError, match="limit_login"):
        GatewaySettings(limit_login="often")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("register", {"email": "a@example.com", "password": "Correct1horse", "full_name": "A"}),
        ("login", {"email": "a@example.com", "password": "wrong"}),
        ("guest", None),
        ("refresh", {"refresh_token": "made up"}),
    ],
)
async def test_an_address_is_limited_before_login(settings, start_gateway, path, body):
    limits = {"limit_register": "2/minute", "limit_login": "2/minute", "limit_refresh": "2/minute"}
    gateway = await start_gateway(settings.model_copy(update=limits))
    answers = [await gateway.http.post(f"/api/v1/auth/{path}", json=body) for _ in range(3)]
    assert [a.status_code == 429 for a in answers] == [False, False, True]
    assert answers[2].json()["code"] == "rate_limited"
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60


async def test_behind_a_trusted_proxy_the_client_is_limited_and_elsewhere_not_its_claim(
    settings, start_gateway
):
    limits = {"limit_login": "1/minute", "trusted_proxies": "127.0.0.1/32"}
    body = {"email": "a@example.com", "password": "wrong"}

    async def statuses(gateway):
        return [
            (
                await gateway.http.post(
                    "/api/v1/auth/login", json=body, headers={"X-Forwarded-For": f"203.0.113.{n}"}
                )
            ).status_code
            for n in range(3)
        ]

    behind = await start_gateway(settings.model_copy(update=limits))
    assert await statuses(behind) == [401, 401, 401]
    direct = await start_gateway(settings.model_copy(update={"limit_login": "1/minute"}))
    assert await statuses(direct) == [401, 429, 429]


@pytest.fixture
def principal():
    actor = Actor("user_1", frozenset({"trader"}), "web_chat")
    return Principal(actor, "sid_1", 4_000_000_000)


@pytest.fixture
def access():
    return Access(None, SystemClock())  # pyright: ignore[reportArgumentType]


async def test_a_ticket_stands_for_its_principal_once(client, access, principal):
    tickets = valkey.ValkeyTickets(client, access)
    ticket = await tickets.issue(principal)
    stored = await client.keys("*")
    assert len(stored) == 1
    assert ticket.encode() not in stored[0]
    assert 0 < await client.ttl(stored[0]) <= 30
    redeemed = await asyncio.gather(
        *(tickets.redeem(ticket) for _ in range(8)), return_exceptions=True
    )
    assert redeemed.count(principal) == 1
    assert {getattr(r, "code", None) for r in redeemed if r != principal} == {"ticket_invalid"}


async def test_a_ticket_of_a_sign_in_that_ended_is_no_use(client, access, principal):
    tickets = valkey.ValkeyTickets(client, access)
    ticket = await tickets.issue(principal)
    access.revoke([Revoked("user_1", "sid_1")], forget_after_s=60)
    with pytest.raises(UnauthenticatedError) as refused:
        await tickets.redeem(ticket)
    assert refused.value.code == "token_revoked"


async def test_without_valkey_there_are_no_tickets(away, access, principal):
    tickets = valkey.ValkeyTickets(away, access)
    for attempt in (tickets.issue(principal), tickets.redeem("any")):
        with pytest.raises(UnavailableError) as refused:
            await attempt
        assert refused.value.code == "tickets_unavailable"
