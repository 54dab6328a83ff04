"""The gateway and the sessions service as processes on real servers; a small brain answers."""

import asyncio
import base64
import secrets
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from services.gateway.tests.chat_live.around import Brain, Telegram
from services.gateway.tests.chat_live.people import Person, Stack
from services.gateway.tests.chat_live.processes import Service, environment

import uchat_execution
import uchat_gateway
import uchat_notifier
import uchat_sessions
from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import LinksStub
from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsStub
from uchat_platform import rpc
from uchat_platform.auth import ActorSigner
from uchat_platform.embedded.ports import free_port
from uchat_platform.testing import Servers
from uchat_platform.testing.databases import Databases
from uchat_platform.testing.fixtures import BusFor

LIMITS = ("messages", "login", "register", "refresh", "handshake")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="module")
def sessions_service(
    provisioned: Servers, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    migrations = Path(uchat_sessions.__file__).parent / "migrations" / "versions"
    directory = tmp_path_factory.mktemp("sessions")
    health = free_port()
    env = environment(provisioned, "sessions") | {
        "UCHAT_POSTGRES_DSN": asyncio.run(databases.fresh("sessions", migrations)),
        "UCHAT_KEK_FILE": str(provisioned.kek_file),
        "UCHAT_GRPC_PORT": str(free_port()),
        "UCHAT_HEALTH_PORT": str(health),
    }
    service = Service(
        "sessions",
        "uchat_sessions.app",
        env,
        directory / "sessions.log",
        f"http://127.0.0.1:{health}/readyz",
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def gateway_service(
    provisioned: Servers,
    databases: Databases,
    sessions_service: Service,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    migrations = Path(uchat_gateway.__file__).parent / "migrations" / "versions"
    directory = tmp_path_factory.mktemp("gateway")
    port = free_port()
    env = environment(provisioned, "gateway") | {
        "UCHAT_POSTGRES_DSN": asyncio.run(databases.fresh("gateway", migrations)),
        "UCHAT_PORT": str(port),
        "UCHAT_SESSIONS_ADDR": f"ipv4:127.0.0.1:{sessions_service.env['UCHAT_GRPC_PORT']}",
        "UCHAT_EXECUTION_ADDR": f"ipv4:127.0.0.1:{free_port()}",
        "UCHAT_NOTIFIER_ADDR": f"ipv4:127.0.0.1:{free_port()}",
        "UCHAT_TELEGRAM_BOT": "uchat_bot",
        "UCHAT_JWT_KEYS_FILE": str(directory / "keys.json"),
        "UCHAT_WEB_DIR": str(directory),
        "UCHAT_REPLY_TIMEOUT": "PT5S",
        "UCHAT_DRAIN_PAUSE": "PT0S",
    }
    env |= {f"UCHAT_LIMIT_{name.upper()}": "100000/minute" for name in LIMITS}
    url = f"http://127.0.0.1:{port}"
    service = Service(
        "gateway", "uchat_gateway.app", env, directory / "gateway.log", f"{url}/readyz"
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def exchange_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    directory, port = tmp_path_factory.mktemp("exchange"), free_port()
    env = {
        "UCHAT_EXCHANGE_PORT": str(port),
        "UCHAT_EXCHANGE_DATA": str(directory),
        "UCHAT_MARKET_SOURCE": "synthetic",
    }
    url = f"http://127.0.0.1:{port}"
    service = Service(
        "exchange", "uchat_sim_exchange.app", env, directory / "exchange.log", f"{url}/readyz"
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def execution_service(
    provisioned: Servers,
    databases: Databases,
    gateway_service: Service,
    exchange_service: Service,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    migrations = Path(uchat_execution.__file__).parent / "migrations" / "versions"
    directory, health = tmp_path_factory.mktemp("execution"), free_port()
    secret = directory / "secret"
    secret.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    secret.chmod(0o600)
    env = environment(provisioned, "execution") | {
        "UCHAT_POSTGRES_DSN": asyncio.run(databases.fresh("execution", migrations)),
        "UCHAT_GRPC_PORT": gateway_service.env["UCHAT_EXECUTION_ADDR"].rpartition(":")[2],
        "UCHAT_HEALTH_PORT": str(health),
        "UCHAT_EXCHANGE_URL": exchange_service.ready_url.removesuffix("/readyz"),
        "UCHAT_PAPER_SECRET_FILE": str(secret),
        "UCHAT_MANDATE_KEY_FILE": str(secret),
    }
    service = Service(
        "execution",
        "uchat_execution.app",
        env,
        directory / "execution.log",
        f"http://127.0.0.1:{health}/readyz",
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def notifier_service(
    provisioned: Servers,
    databases: Databases,
    gateway_service: Service,
    sessions_service: Service,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    migrations = Path(uchat_notifier.__file__).parent / "migrations" / "versions"
    directory, health = tmp_path_factory.mktemp("notifier"), free_port()
    env = environment(provisioned, "notifier") | {
        "UCHAT_POSTGRES_DSN": asyncio.run(databases.fresh("notifier", migrations)),
        "UCHAT_GRPC_PORT": gateway_service.env["UCHAT_NOTIFIER_ADDR"].rpartition(":")[2],
        "UCHAT_SESSIONS_ADDR": f"ipv4:127.0.0.1:{sessions_service.env['UCHAT_GRPC_PORT']}",
        "UCHAT_HEALTH_PORT": str(health),
    }
    service = Service(
        "notifier",
        "uchat_notifier.app",
        env,
        directory / "notifier.log",
        f"http://127.0.0.1:{health}/readyz",
    )
    service.start()
    yield service
    service.stop()


@pytest.fixture
async def stack(gateway_service: Service) -> AsyncGenerator[Stack]:
    async with AsyncExitStack() as cleanup:
        yield Stack(gateway_service.ready_url.removesuffix("/readyz"), cleanup)


@pytest.fixture
async def person(stack: Stack) -> Person:
    return await stack.person()


@pytest.fixture
async def stranger(stack: Stack) -> Person:
    return await stack.person()


@pytest.fixture
async def brain(gateway_service: Service, bus_for: BusFor) -> AsyncGenerator[Brain]:
    brain = Brain(await bus_for("ai-core"))
    task = asyncio.create_task(brain.run())
    # It hears what is written from now on.
    await brain.listening.wait()
    yield brain
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def telegram(sessions_service, servers):
    signer = ActorSigner.load("telegram", servers.seeds["telegram"])
    async with rpc.channel(f"ipv4:127.0.0.1:{sessions_service.env['UCHAT_GRPC_PORT']}") as channel:
        yield Telegram((SessionsStub(channel), LinksStub(channel)), signer)
