"""Limits and tickets on a real Valkey, and without one."""

import asyncio

import pytest

from uchat_gateway.adapters import valkey
from uchat_gateway.ports.access import Principal, Revoked
from uchat_gateway.service.access import Access
from uchat_gateway.settings import GatewaySettings
from uchat_platform.auth import Actor
from uchat_platform.clock import SystemClock
from uchat_platform.errors import RateLimitedError, UnauthenticatedError, UnavailableError
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration
NOWHERE = "redis://127.0.0.1:9"


@pytest.fixture
async def client(valkey_database):
    client = valkey.connect(valkey_database)
    yield client
    await client.aclose()


@pytest.fixture
async def other(valkey_database):
    client = valkey.connect(valkey_database)
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
    limiters = [valkey.ValkeyLimiter(c, settings) for c in (client, other)]
    waits = await asyncio.gather(*(hits(limiter, "user_1", 100) for limiter in limiters))
    waits = [wait for each in waits for wait in each]
    assert waits.count(None) == 120
    assert all(1 <= wait <= 3600 for wait in waits if wait is not None)
    assert await hits(limiters[0], "user_2", 1) == [None]


async def test_who_waits_as_long_as_told_may_come_again(client):
    limiter = valkey.ValkeyLimiter(client, GatewaySettings(limit_messages="2/2 seconds"))

    async def wait_told():
        return (await hits(limiter, "user_1", 1))[0]

    wait = await eventually(wait_told)
    await asyncio.sleep(wait)
    assert await hits(limiter, "user_1", 1) == [None]


async def test_without_valkey_each_gateway_counts_for_itself(away):
    limiter = valkey.ValkeyLimiter(away, GatewaySettings(limit_messages="1000000/day"))
    assert await hits(limiter, "user_1", 50) == [None] * 50
    few = valkey.ValkeyLimiter(away, GatewaySettings(limit_messages="5/day", limit_login="3/day"))
    waits = await hits(few, "user_1", 10)
    assert waits.count(None) == 5
    for _ in range(3):
        await few.hit_login("203.0.113.1")
    with pytest.raises(RateLimitedError):
        await few.hit_login("203.0.113.1")
    await few.hit_login("203.0.113.2")


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
