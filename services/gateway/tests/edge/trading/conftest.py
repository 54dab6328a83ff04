"""The gateway over small loopback services for execution, links and deliveries."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import pytest
from services.gateway.tests.edge.trading.around.alerts import AlertsService
from services.gateway.tests.edge.trading.around.books import BooksService
from services.gateway.tests.edge.trading.around.decisions import DecisionsService
from services.gateway.tests.edge.trading.around.execution import Execution
from services.gateway.tests.edge.trading.around.memories import memory_service
from services.gateway.tests.edge.trading.around.people import (
    DeliveriesService,
    LinksService,
    Outside,
    People,
)
from services.gateway.tests.edge.trading.around.portfolios import PortfoliosService
from services.gateway.tests.edge.trading.around.safety import SafetyService
from services.gateway.tests.edge.trading.around.venues import VenuesService

from uchat_contracts.rpc.ai_core.v1 import memory_pb2, memory_pb2_grpc
from uchat_contracts.rpc.execution.v1 import (
    alerts_pb2,
    alerts_pb2_grpc,
    books_pb2,
    books_pb2_grpc,
    decisions_pb2,
    decisions_pb2_grpc,
    portfolio_pb2,
    portfolio_pb2_grpc,
    safety_pb2,
    safety_pb2_grpc,
    venues_pb2,
    venues_pb2_grpc,
)
from uchat_contracts.rpc.notifier.v1 import deliveries_pb2, deliveries_pb2_grpc
from uchat_contracts.rpc.sessions.v1 import (
    links_pb2,
    links_pb2_grpc,
    sessions_pb2,
    sessions_pb2_grpc,
)
from uchat_gateway.settings import GatewaySettings
from uchat_platform import rpc
from uchat_platform.auth import ActorVerifier
from uchat_platform.testing import Servers

SERVICES = (
    (decisions_pb2.DESCRIPTOR, "Decisions", decisions_pb2_grpc.add_DecisionsServicer_to_server),
    (portfolio_pb2.DESCRIPTOR, "Portfolios", portfolio_pb2_grpc.add_PortfoliosServicer_to_server),
    (books_pb2.DESCRIPTOR, "Books", books_pb2_grpc.add_BooksServicer_to_server),
    (safety_pb2.DESCRIPTOR, "Safety", safety_pb2_grpc.add_SafetyServicer_to_server),
    (alerts_pb2.DESCRIPTOR, "Alerts", alerts_pb2_grpc.add_AlertsServicer_to_server),
    (venues_pb2.DESCRIPTOR, "Venues", venues_pb2_grpc.add_VenuesServicer_to_server),
    (sessions_pb2.DESCRIPTOR, "Sessions", sessions_pb2_grpc.add_SessionsServicer_to_server),
    (links_pb2.DESCRIPTOR, "Links", links_pb2_grpc.add_LinksServicer_to_server),
    (deliveries_pb2.DESCRIPTOR, "Deliveries", deliveries_pb2_grpc.add_DeliveriesServicer_to_server),
    (memory_pb2.DESCRIPTOR, "Memory", memory_pb2_grpc.add_MemoryServicer_to_server),
)


@pytest.fixture
def execution() -> Execution:
    return Execution()


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
async def people_addr(
    servers: Servers, execution: Execution, outside: Outside
) -> AsyncGenerator[str]:
    """All services on one port."""
    servicers = (
        DecisionsService(execution),
        PortfoliosService(execution),
        BooksService(execution),
        SafetyService(execution),
        AlertsService(execution),
        VenuesService(execution),
        People(outside),
        LinksService(outside),
        DeliveriesService(outside),
        memory_service(outside.conversations),
    )
    registrations, requires = [], {}
    for (file, name, add), servicer in zip(SERVICES, servicers, strict=True):
        descriptor = file.services_by_name[name]
        registrations.append(rpc.Registration(add, servicer, descriptor))
        for method in descriptor.methods:
            requires[f"/{descriptor.full_name}/{method.name}"] = rpc.Requires(
                frozenset({"gateway"}), on_own_behalf=True
            )
    verifier = ActorVerifier.load(servers.service_keys_file)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            rpc.server(registrations, requires, verifier, "127.0.0.1", 0)
        )
        yield f"ipv4:127.0.0.1:{port}"


@pytest.fixture
def settings(settings: GatewaySettings, people_addr: str) -> GatewaySettings:
    return settings.model_copy(
        update={
            "execution_addr": people_addr,
            "notifier_addr": people_addr,
            "ai_core_addr": people_addr,
            "telegram_bot": "uchat_bot",
        }
    )


@pytest.fixture
async def client(gateway):
    """A client of a guest."""
    tokens = await gateway.guest()
    gateway.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    gateway.http.person = tokens["user_id"]
    return gateway.http
