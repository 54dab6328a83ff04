"""One-time tickets on a real Valkey, and without one."""

import asyncio

import pytest

from uchat_gateway.adapters import valkey
from uchat_gateway.ports.access import Principal, Revoked
from uchat_gateway.service.access import Access
from uchat_platform.auth import Actor
from uchat_platform.clock import SystemClock
from uchat_platform.errors import UnauthenticatedError, UnavailableError

pytestmark = pytest.mark.integration


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
