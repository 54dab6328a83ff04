"""The ledger over a real gRPC server: who reports, who looks, and the process itself."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from uchat_contracts.rpc.notifier.v1 import deliveries_pb2 as pb
from uchat_contracts.rpc.notifier.v1.deliveries_pb2_grpc import (
    DeliveriesStub,
    add_DeliveriesServicer_to_server,
)
from uchat_notifier.handlers.grpc import REQUIRES
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor, ActorSigner, ActorVerifier
from uchat_platform.errors import InvalidInputError, NotPermittedError
from uchat_platform.testing import eventually

pytestmark = pytest.mark.integration

AT = "2026-11-23T01:02:03.456Z"


class Client:
    def __init__(self, stub: Any, seeds: Any) -> None:
        self.stub = stub
        self.seeds = seeds

    async def report(self, *reported: pb.Reported, service: str = "telegram") -> None:
        signer = ActorSigner.load(service, self.seeds[service])
        request = pb.ReportRequest(reported=reported)
        await rpc.call(self.stub.Report, request, signer=signer, actor=SERVICE_ACTOR)

    async def page(self, person: str, **fields: Any) -> pb.ListDeliveriesResponse:
        signer = ActorSigner.load("gateway", self.seeds["gateway"])
        actor = Actor(person, frozenset({"trader"}))
        request = pb.ListDeliveriesRequest(**fields)
        return await rpc.call(self.stub.ListDeliveries, request, signer=signer, actor=actor)


@pytest_asyncio.fixture
async def client(replica: Any, servers: Any) -> AsyncIterator[Client]:
    registration = rpc.Registration(
        add_DeliveriesServicer_to_server,
        replica.app.deliveries,
        pb.DESCRIPTOR.services_by_name["Deliveries"],
    )
    verifier = ActorVerifier.load(servers.service_keys_file)
    async with (
        rpc.server([registration], REQUIRES, verifier, "127.0.0.1", 0) as port,
        rpc.channel(f"ipv4:127.0.0.1:{port}") as channel,
    ):
        yield Client(DeliveriesStub(channel), servers.seeds)


async def test_adapters_report_and_people_look(world, client, inbox):
    ada, bob = await world.arrive("7001"), await world.arrive("7002")
    for rev in range(1, 6):
        await world.card(ada, "d-1", rev, "awaiting_approval")
    await world.card(bob, "d-2", 1, "awaiting_approval")
    await eventually(lambda: len(inbox.take()) == 6, timeout_s=10)
    ids = [each.delivery_id for each in inbox.all if each.user_id == ada.person]
    shown = pb.Reported(delivery_id=ids[4], status="delivered", external_id="99", at=AT)
    await client.report(
        *(pb.Reported(delivery_id=one, status="collapsed", at=AT) for one in ids[:3]),
        pb.Reported(delivery_id=ids[3], status="failed", at=AT, code="blocked"),
        shown,
    )
    await client.report(shown, pb.Reported(delivery_id=ids[0], status="failed", at=AT))
    await client.report(pb.Reported(delivery_id=ids[3], status="delivered", at=AT))
    page = await client.page(ada.person, limit=2)
    rest = await client.page(ada.person, limit=50, cursor=page.next)
    rows = [*page.deliveries, *rest.deliveries]
    assert [row.delivery_id for row in rows] == ids[::-1]
    assert rest.next == ""
    assert [row.status for row in rows] == ["delivered", "delivered", *["collapsed"] * 3]
    assert rows[0].delivered_at == "2026-11-23T01:02:03.456000Z"
    assert (rows[0].interface, rows[0].kind, rows[0].about) == (
        "telegram",
        "decision",
        "decision:d-1",
    )
    about = await client.page(ada.person, about="decision:d-2")
    assert not about.deliveries
    assert len((await client.page(bob.person, about="decision:d-2")).deliveries) == 1


async def test_who_may_not_and_what_is_bad_input(client):
    one = "3f1c9a52-0b61-5f0e-9d0f-6a1c2b3d4e5f"
    with pytest.raises(NotPermittedError):
        await client.report(service="gateway")
    await client.report(pb.Reported(delivery_id=one, status="delivered", at=AT))
    for reported, code in (
        (pb.Reported(delivery_id=one, status="lost", at=AT), "invalid_status"),
        (pb.Reported(delivery_id="x", status="failed", at=AT), "invalid_delivery_id"),
        (pb.Reported(delivery_id=one, status="failed", at="soon"), "invalid_at"),
        (pb.Reported(delivery_id=one, status="failed", at=AT, code="\0"), "invalid_report"),
    ):
        with pytest.raises(InvalidInputError) as error:
            await client.report(reported)
        assert error.value.code == code
    person = "user_01J9ZK3V7Q8W4X5Y6Z7A8B9C0D"
    for fields, code in (
        ({"limit": 201}, "invalid_limit"),
        ({"cursor": "x"}, "invalid_cursor"),
        ({"about": "x" * 201}, "invalid_about"),
    ):
        with pytest.raises(InvalidInputError) as error:
            await client.page(person, **fields)
        assert error.value.code == code


async def test_the_process_starts_and_ends_on_sigterm(world):
    settings = world.settings
    environment = {
        "UCHAT_NATS_URL": settings.nats_url,
        "UCHAT_NKEY_SEED_FILE": str(settings.nkey_seed_file),
        "UCHAT_SERVICE_KEYS_FILE": str(settings.service_keys_file),
        "UCHAT_POSTGRES_DSN": settings.postgres_dsn.get_secret_value(),
        "UCHAT_SESSIONS_ADDR": settings.sessions_addr,
        "UCHAT_GRPC_PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "uchat_notifier.app", env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    lines: list[bytes] = []
    async with asyncio.timeout(20):
        while not lines or b"notifier_ready" not in lines[-1]:
            lines.append(await process.stdout.readline())
            assert lines[-1], lines
        process.send_signal(signal.SIGTERM)
        rest, _ = await process.communicate()
    assert process.returncode == 0, rest
