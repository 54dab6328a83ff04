"""pytest fixtures on real servers: `pytest_plugins = ["uchat_platform.testing.fixtures"]`.

Servers live as long as the session and belong to no event loop; whatever has a connection is made
anew for each test.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from uchat_contracts import subjects
from uchat_platform.bus import Bus
from uchat_platform.bus.provision import provision
from uchat_platform.health import Health
from uchat_platform.testing.databases import Databases
from uchat_platform.testing.servers import NatsControl, Servers, start_servers

BusFor = Callable[[str], Awaitable[Bus]]
FreshDatabase = Callable[[str, Path | Sequence[str]], Awaitable[str]]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """NATS, Postgres and Valkey, real ones, for the whole session."""
    running = asyncio.run(start_servers(tmp_path_factory.mktemp("servers")))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def provisioned(servers: Servers) -> Servers:
    """Servers with all streams."""
    asyncio.run(_provision(servers))
    return servers


@pytest.fixture(scope="session")
def databases(servers: Servers) -> Databases:
    """Makes fresh databases."""
    return Databases(servers)


@pytest.fixture
def postgres_database(databases: Databases) -> FreshDatabase:
    """Make a fresh database of a service; awaited with schema and migrations it gives a dsn."""
    return databases.fresh


@pytest_asyncio.fixture
async def clean_streams(provisioned: Servers) -> Servers:
    """Servers with all streams, empty."""
    settings = provisioned.settings("provisioner")
    async with await Bus.connect(settings, "provisioner", Health("provisioner")) as bus:
        for stream in (
            subjects.PROPOSED,
            subjects.LOG,
            subjects.TRADING,
            subjects.DELIVERIES,
            subjects.DLQ,
        ):
            await bus.purge(stream, "uchat.>")
    return provisioned


@pytest_asyncio.fixture
async def bus_for(provisioned: Servers) -> AsyncIterator[BusFor]:
    """Connect as the service that is named; drained when the test is over."""
    async with AsyncExitStack() as stack:

        async def connect(service: str) -> Bus:
            settings = provisioned.settings(service)
            bus = await Bus.connect(settings, service, Health(service), timeout_s=5)
            return await stack.enter_async_context(bus)

        yield connect


@pytest.fixture
def nats_control(provisioned: Servers) -> Iterator[NatsControl]:
    """Faults for nats-server; it runs again when the test is over."""
    control = provisioned.nats
    yield control
    if provisioned.processes[0].running:
        control.resume()
    asyncio.run(control.start())


@pytest_asyncio.fixture
async def valkey_database(servers: Servers) -> str:
    """Return the address of an emptied Valkey."""
    client: Any = Redis.from_url(servers.valkey_url)  # pyright: ignore[reportUnknownMemberType] - untyped upstream
    async with client:
        await client.flushall()
    return servers.valkey_url


async def _provision(servers: Servers) -> None:
    settings = servers.settings("provisioner")
    async with await Bus.connect(settings, "provisioner", Health("provisioner")) as bus:
        await provision(bus)
