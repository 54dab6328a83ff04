"""The gateway's wiring: the only module that names concrete adapters."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import asyncpg
from redis.asyncio import Redis

from uchat_contracts.rpc.ai_core.v1.memory_pb2_grpc import MemoryStub
from uchat_contracts.rpc.execution.v1.alerts_pb2_grpc import AlertsStub
from uchat_contracts.rpc.execution.v1.books_pb2_grpc import BooksStub
from uchat_contracts.rpc.execution.v1.decisions_pb2_grpc import DecisionsStub
from uchat_contracts.rpc.execution.v1.market_data_pb2_grpc import MarketDataStub
from uchat_contracts.rpc.execution.v1.portfolio_pb2_grpc import PortfoliosStub
from uchat_contracts.rpc.execution.v1.safety_pb2_grpc import SafetyStub
from uchat_contracts.rpc.execution.v1.venues_pb2_grpc import VenuesStub
from uchat_contracts.rpc.notifier.v1.deliveries_pb2_grpc import DeliveriesStub
from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import LinksStub
from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsStub
from uchat_gateway.adapters import valkey
from uchat_gateway.adapters.alerts_grpc import GrpcAlerts
from uchat_gateway.adapters.books_grpc import GrpcBooks
from uchat_gateway.adapters.checks import Checks
from uchat_gateway.adapters.conversations_grpc import GrpcConversations
from uchat_gateway.adapters.limits import ValkeyLimiter
from uchat_gateway.adapters.links_grpc import GrpcDeliveries, GrpcLinks
from uchat_gateway.adapters.memories_grpc import GrpcMemories
from uchat_gateway.adapters.merges import PostgresMerges
from uchat_gateway.adapters.passwords import Argon2Passwords
from uchat_gateway.adapters.people import GrpcPeople
from uchat_gateway.adapters.postgres import Database, PostgresAccounts, PostgresSignIns
from uchat_gateway.adapters.revocations import Revocations
from uchat_gateway.adapters.tokens import JoseTokens, TokenKeys
from uchat_gateway.adapters.trading_grpc import GrpcDecisions, GrpcPortfolios, GrpcSafety
from uchat_gateway.adapters.venues_grpc import GrpcVenues
from uchat_gateway.domain.accounts import Account, is_email, missing_in_password
from uchat_gateway.domain.addresses import Origins, TrustedProxies, parse_networks
from uchat_gateway.domain.permissions import Role
from uchat_gateway.doors.accounts.door import build as build_accounts
from uchat_gateway.doors.application import build_app
from uchat_gateway.doors.chat import build as build_chat
from uchat_gateway.doors.decisions import build as build_decisions
from uchat_gateway.doors.edge import Deps, Door, Guards
from uchat_gateway.doors.links import build as build_links
from uchat_gateway.doors.memory import build as build_memory
from uchat_gateway.doors.pages import Pages
from uchat_gateway.doors.status.door import build as build_status
from uchat_gateway.doors.trading import build as build_trading
from uchat_gateway.handlers.server import listen, make_server, serve_until
from uchat_gateway.service.access import Access
from uchat_gateway.service.accounts import Accounts
from uchat_gateway.service.decisions import Answers
from uchat_gateway.service.forgetting import Forgetting
from uchat_gateway.service.linking import Linking
from uchat_gateway.service.runs import Runs
from uchat_gateway.service.sign_ins import SignInRules, SignIns
from uchat_gateway.service.status import Status
from uchat_gateway.service.step_up import StepUp
from uchat_gateway.settings import GatewaySettings
from uchat_platform import db, process, rpc
from uchat_platform.auth import ActorSigner
from uchat_platform.bus import Bus
from uchat_platform.clock import SystemClock
from uchat_platform.errors import InvalidInputError, UnavailableError
from uchat_platform.health import Health

if TYPE_CHECKING:
    import grpc.aio

    from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsAsyncStub

SERVICE = "gateway"
_POOL = 8
_LEEWAY_S = 60
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class _Outside:
    """What the gateway is connected to."""

    database: Database
    valkey: Redis
    bus: Bus
    sessions: "grpc.aio.Channel"
    execution: "grpc.aio.Channel"
    notifier: "grpc.aio.Channel"
    ai_core: "grpc.aio.Channel"
    signer: ActorSigner
    passwords: Argon2Passwords

    @property
    def stub(self) -> "SessionsAsyncStub":
        return SessionsStub(self.sessions)


async def serve(settings: GatewaySettings, context: process.ProcessContext) -> None:
    """Serve until told to stop, then drain.

    Raises:
        UnavailableError: something that is needed from the start is away.
    """
    async with AsyncExitStack() as stack:
        outside = await _connect(stack, settings, context.health)
        limiter = ValkeyLimiter(outside.valkey, settings)
        await stack.enter_async_context(limiter.running())
        deps, doors = await _open(outside, settings, context.health, limiter)
        app = build_app(deps, doors, pages=Pages(settings.web_dir))
        await serve_until(
            make_server(app, settings),
            listen(settings.bind, settings.port),
            context.stop,
            partial(_drain, doors),
            settings,
        )


async def create_admin(
    settings: GatewaySettings, email: str, password: str, full_name: str
) -> Account:
    """Open an administrator's account; the sessions service must run.

    Raises:
        InvalidInputError: `invalid_email` or `weak_password`.
        EmailTakenError: somebody has this e-mail address.
        UnavailableError: Postgres or the sessions service is away.
    """
    if not is_email(email):
        raise InvalidInputError(
            f"Expected an e-mail address, found {email!r}", code="invalid_email"
        )
    missing = missing_in_password(password)
    if missing:
        raise InvalidInputError(f"The password needs {', '.join(missing)}", code="weak_password")
    async with AsyncExitStack() as stack:
        database = await _database(stack, settings)
        channel = await stack.enter_async_context(rpc.channel(settings.sessions_addr))
        passwords = Argon2Passwords(1)
        stack.callback(passwords.close)
        people = GrpcPeople(SessionsStub(channel), _signer(settings))
        accounts = Accounts(PostgresAccounts(database), passwords, people)
        return await accounts.register(email, password, full_name, Role.ADMIN)


async def _connect(stack: AsyncExitStack, settings: GatewaySettings, health: Health) -> _Outside:
    database = await _database(stack, settings)
    cache = valkey.connect(settings.valkey_url.get_secret_value())
    stack.push_async_callback(cache.aclose)
    sessions = await stack.enter_async_context(rpc.channel(settings.sessions_addr))
    execution = await stack.enter_async_context(rpc.channel(settings.execution_addr))
    notifier = await stack.enter_async_context(rpc.channel(settings.notifier_addr))
    ai_core = await stack.enter_async_context(rpc.channel(settings.ai_core_addr))
    passwords = Argon2Passwords(settings.hash_workers)
    stack.callback(passwords.close)
    bus = await stack.enter_async_context(await Bus.connect(settings, SERVICE, health))
    signer = _signer(settings)
    return _Outside(database, cache, bus, sessions, execution, notifier, ai_core, signer, passwords)


async def _database(stack: AsyncExitStack, settings: GatewaySettings) -> Database:
    try:
        pool = await db.connect_pool(settings.postgres_dsn.get_secret_value(), max_size=_POOL)
    except (*db.LOST, asyncpg.PostgresError) as e:
        raise UnavailableError(
            f"Postgres does not let us in: {e}", code="database_unavailable"
        ) from e
    stack.push_async_callback(pool.close)
    return Database(pool)


def _signer(settings: GatewaySettings) -> ActorSigner:
    if settings.nkey_seed_file is None:
        raise UnavailableError("UCHAT_NKEY_SEED_FILE is needed", code="key_missing")
    return ActorSigner.load(SERVICE, settings.nkey_seed_file)


async def _open(
    outside: _Outside, settings: GatewaySettings, health: Health, limiter: ValkeyLimiter
) -> tuple[Deps, list[Door]]:
    keys = TokenKeys.load_or_make(settings.jwt_keys_file)
    tokens = JoseTokens(
        keys, _CLOCK, issuer=settings.issuer, audience=settings.audience, life=settings.access_ttl
    )
    access = Access(tokens, _CLOCK)
    stored = PostgresSignIns(outside.database)
    token_life_s = settings.access_ttl.total_seconds() + _LEEWAY_S
    revocations = Revocations(outside.bus, stored, access, token_life_s)
    await revocations.start()
    deps = Deps(
        settings=settings,
        clock=_CLOCK,
        health=health,
        bus=outside.bus,
        valkey=outside.valkey,
        sessions=outside.stub,
        signer=outside.signer,
        guards=_guards(access, outside, settings, limiter),
    )
    people = GrpcPeople(outside.stub, outside.signer)
    accounts = Accounts(PostgresAccounts(outside.database), outside.passwords, people)
    rules = SignInRules(
        settings.refresh_ttl, settings.refresh_ttl_remembered, settings.refresh_grace
    )
    sign_ins = SignIns(stored, tokens, revocations, rules)
    step_up = StepUp(accounts, stored)
    doors = [
        build_accounts(
            accounts,
            sign_ins,
            step_up,
            deps.guards.limiter,
            public_keys=keys.public(),
            watch=revocations.watch,
        ),
        *_conversation_doors(deps, outside),
        *_trading_doors(deps, outside, accounts, sign_ins, step_up),
    ]
    doors.append(_status_door(outside, doors, settings, health))
    return deps, doors


def _conversation_doors(deps: Deps, outside: _Outside) -> list[Door]:
    limiter = deps.guards.limiter
    conversations = GrpcConversations(deps.sessions, outside.signer)
    decisions = GrpcDecisions(outside.signer, DecisionsStub(outside.execution))
    return [
        build_chat(deps, conversations, decisions),
        build_decisions(
            decisions,
            Answers(decisions, limiter),
            Runs(outside.bus, conversations, limiter),
            conversations,
        ),
        build_memory(
            Forgetting(
                GrpcMemories(outside.signer, MemoryStub(outside.ai_core)),
                conversations,
                limiter,
                deps.clock,
            )
        ),
    ]


def _trading_doors(
    deps: Deps, outside: _Outside, accounts: Accounts, sign_ins: SignIns, step_up: StepUp
) -> list[Door]:
    signer = outside.signer
    portfolios = GrpcPortfolios(signer, PortfoliosStub(outside.execution))
    books = GrpcBooks(signer, BooksStub(outside.execution))
    safety = GrpcSafety(signer, SafetyStub(outside.execution))
    venues = GrpcVenues(signer, VenuesStub(outside.execution))
    links = GrpcLinks(LinksStub(outside.sessions), signer)
    deliveries = GrpcDeliveries(DeliveriesStub(outside.notifier), signer)
    linking = Linking(links, portfolios, PostgresMerges(outside.database), accounts, sign_ins)
    bot_url = deps.settings.bot_url
    return [
        build_trading(
            portfolios,
            books,
            safety,
            step_up,
            alerts=GrpcAlerts(signer, AlertsStub(outside.execution)),
            venues=venues,
            limiter=deps.guards.limiter,
        ),
        build_links(linking, links, deliveries, deps.guards.limiter, bot_url),
    ]


def _guards(
    access: Access, outside: _Outside, settings: GatewaySettings, limiter: ValkeyLimiter
) -> Guards:
    return Guards(
        access=access,
        limiter=limiter,
        tickets=valkey.ValkeyTickets(outside.valkey, access),
        proxies=TrustedProxies(parse_networks(settings.trusted_proxies)),
        origins=Origins(settings.origins),
    )


def _status_door(
    outside: _Outside, doors: list[Door], settings: GatewaySettings, health: Health
) -> Door:
    checks = Checks(
        outside.bus,
        outside.database,
        outside.valkey,
        outside.stub,
        MarketDataStub(outside.execution),
        DeliveriesStub(outside.notifier),
        outside.signer,
        has_bot=bool(settings.telegram_bot),
    )
    return build_status(
        Status(checks.all()),
        health,
        lambda: sum(door.active_sessions() for door in doors),
        docs=settings.environment == "development",
    )


async def _drain(doors: list[Door]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for door in doors:
            tasks.create_task(_run(door))


async def _run(door: Door) -> None:
    await door.drain()


def main() -> None:
    """Run the gateway until it is told to stop."""
    settings = GatewaySettings()
    process.run(SERVICE, settings, partial(serve, settings))


if __name__ == "__main__":
    main()
