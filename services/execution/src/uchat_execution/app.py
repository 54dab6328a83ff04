"""Wiring of execution, and its process: `python -m uchat_execution.app`."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import asyncpg

from uchat_execution.adapters.announcer import OutboxAnnouncer
from uchat_execution.adapters.binance_api import BinanceApi, binance_api
from uchat_execution.adapters.binance_statements import BinanceStatements
from uchat_execution.adapters.binance_stream import BinanceStream
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.mandate_key import MandateKey
from uchat_execution.adapters.market_exchange import ExchangeMarketData
from uchat_execution.adapters.paper_keys import PaperKeys
from uchat_execution.adapters.postgres.books import PostgresBooks
from uchat_execution.adapters.postgres.clock import PostgresClock
from uchat_execution.adapters.postgres.watching import PostgresWatched
from uchat_execution.adapters.shares import part_of, share_of_accounts
from uchat_execution.adapters.venue_binance import BinanceVenue
from uchat_execution.adapters.venue_clock import VenueClock
from uchat_execution.domain.orders import TRIGGERS, Feature
from uchat_execution.handlers.bus import SERVICE, Intake
from uchat_execution.handlers.grpc import decisions, market, portfolio, safety
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.allocating import Allocating
from uchat_execution.service.asking import Asking
from uchat_execution.service.cancelling import Cancelling
from uchat_execution.service.claiming import Claiming
from uchat_execution.service.desk import Desk
from uchat_execution.service.drawdown import DrawdownWatch
from uchat_execution.service.executing import Executor
from uchat_execution.service.limits import Limits, OwnLimits
from uchat_execution.service.mandates import Mandates
from uchat_execution.service.merging import Merging
from uchat_execution.service.modes import Modes
from uchat_execution.service.modifying import Modifying
from uchat_execution.service.planning import Planner
from uchat_execution.service.portfolio import Portfolios
from uchat_execution.service.proposing import Proposing
from uchat_execution.service.quotes import MarketDataService
from uchat_execution.service.rebalancing import Rebalancing
from uchat_execution.service.reconciling.gate import Gate
from uchat_execution.service.reconciling.movements import Movements
from uchat_execution.service.reconciling.reconciler import Reconciler
from uchat_execution.service.reconciling.rounds import Rounds
from uchat_execution.service.recording import Recording
from uchat_execution.service.remedies import QuotingAgain
from uchat_execution.service.resolving import Resolving
from uchat_execution.service.safety import Safety
from uchat_execution.service.settling import Settling
from uchat_execution.service.streaming import Streaming
from uchat_execution.service.sweeping import Sweeper
from uchat_execution.service.triggers import Triggers
from uchat_execution.service.waiting import Waiters
from uchat_execution.settings import ExecutionSettings
from uchat_platform import db, logging, process, rpc
from uchat_platform.auth import ActorVerifier
from uchat_platform.bus import Bus
from uchat_platform.clock import SystemClock
from uchat_platform.errors import InvalidInputError, UchatError, UnavailableError
from uchat_platform.partitions import PartitionOwnership
from uchat_platform.process import ProcessContext

if TYPE_CHECKING:
    from uchat_execution.ports import MarketData, Venue
    from uchat_execution.ports.reconciling import Statements
    from uchat_execution.ports.streaming import UserStream

CURRENCY: Final = "USDT"
REQUIRES: Final = {
    **market.REQUIRES,
    **decisions.REQUIRES,
    **portfolio.REQUIRES,
    **safety.REQUIRES,
}
_DATABASE: Final = {
    # A process that is stopped in the middle of a transaction would keep its locks: whoever works
    # on the same account waits for this long at most (milliseconds).
    "idle_in_transaction_session_timeout": "2000",
    # It may have been stopped in the middle of a statement, too, which does not count as idle.
    "transaction_timeout": "15000",
}
_AWAY_S: Final = 0.5
_CLOSE_S: Final = 3.0
_BEAT_S: Final = 2.0
_log = logging.get_logger(__name__)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class App:
    """One replica, ready to run."""

    books: PostgresBooks
    announcer: OutboxAnnouncer
    keeper: AccountKeeper
    executor: Executor
    sweeper: Sweeper
    proposing: Proposing
    resolving: Resolving
    modifying: Modifying
    quoting: QuotingAgain
    settling: Settling
    rebalancing: Rebalancing
    asking: Asking
    portfolios: Portfolios
    allocating: Allocating
    safety: Safety
    modes: Modes
    own_limits: OwnLimits
    drawdown: DrawdownWatch
    merging: Merging
    cancelling: Cancelling
    triggers: Triggers
    streaming: Streaming | None
    accounts: PartitionOwnership
    reconciler: Reconciler | None
    quotes: MarketDataService

    def registrations(self) -> list[rpc.Registration]:
        """Return what the gRPC server serves."""
        return [
            market.registration(self.quotes),
            decisions.registration(
                decisions.DecisionsServicer(
                    self.proposing,
                    self.resolving,
                    self.modifying,
                    self.quoting,
                    self.settling,
                    self.rebalancing,
                    self.asking,
                )
            ),
            portfolio.registration(
                portfolio.PortfoliosServicer(
                    self.portfolios,
                    self.allocating,
                    self.merging,
                    self.cancelling,
                    Movements(self.books, self.keeper),
                )
            ),
            safety.registration(
                safety.SafetyServicer(self.safety, self.modes, self.own_limits, Limits(self.books))
            ),
        ]

    async def run(self) -> None:
        """Do the work behind the calls, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.announcer.run())
            group.create_task(self.keeper.run())
            group.create_task(self.executor.run())
            group.create_task(self.sweeper.run())
            group.create_task(self.triggers.run())
            group.create_task(self.modes.run())
            group.create_task(self.drawdown.run())
            if self.reconciler is not None:
                group.create_task(self.reconciler.run())
            if self.streaming is not None:
                group.create_task(self.accounts.run())
                group.create_task(self.streaming.run())


def wire(
    settings: ExecutionSettings,
    pool: "asyncpg.Pool[asyncpg.Record]",
    bus: Bus,
    source: "MarketData",
    venue: "Venue",
    *,
    stream: "UserStream | None" = None,
    statements: "Statements | None" = None,
) -> App:
    """Put a replica together on a database, a bus, a market and a venue.

    Without a `stream` what rests at the venue is only asked for; without `statements` accounts are
    not compared with it, and nothing waits for that.
    """
    waiters = Waiters()

    def committed(abouts: Sequence[str]) -> None:
        announcer.tell(abouts)
        waiters.tell(abouts)

    def wake(decision_id: str) -> None:
        executor.wake(decision_id)

    books = PostgresBooks(pool, committed)
    desk = Desk(source, venue, settings.limits)
    keeper = AccountKeeper(books, venue, settings.paper_opening, CURRENCY)
    recording = Recording(books, desk, settings.needs_human_after)
    mandates = Mandates(_mandate_key(settings))
    planner = Planner(desk, mandates)
    safety = Safety(books, keeper, desk, mandates)
    proposing = Proposing(books, keeper, planner, wake)
    resolving = Resolving(books, waiters, wake)
    allocating = Allocating(desk, SystemClock())
    portfolios = Portfolios(books, keeper, desk)
    watched = PostgresWatched(pool)
    accounts = share_of_accounts(settings.postgres_dsn.get_secret_value())
    streaming = None
    if stream is not None:
        streaming = Streaming(
            watched, stream, venue, recording, lambda account: accounts.owns(part_of(account)), wake
        )
    announcer = OutboxAnnouncer(pool, bus, portfolios.of_account, safety.concerned)
    cancelling = Cancelling(books, keeper, venue, recording)
    owner = f"{SERVICE}-{settings.replica}"
    guards = settings.guards
    reconciler = None
    if statements is not None:
        rounds = Rounds.of(books, desk, venue, recording, statements)
        reconciler = Reconciler(books, rounds, recording, wake)
        keeper.seen = reconciler.seen
        if streaming is not None:
            streaming.foreign = reconciler.soon
    gate = reconciler.gate if reconciler else Gate(None)
    claiming = Claiming(
        books, keeper, planner, proposing, owner, settings.claim_window, gate, guards
    )
    executor = Executor(claiming, recording, venue, guards)
    sweeper = Sweeper(books, venue, desk, keeper, executor, recording, resolving, guards)
    if streaming is not None:
        executor.resting = streaming.follow
    return App(
        books=books,
        announcer=announcer,
        keeper=keeper,
        executor=executor,
        sweeper=sweeper,
        proposing=proposing,
        resolving=resolving,
        modifying=Modifying(books, planner, proposing),
        quoting=QuotingAgain(books, keeper, planner, proposing),
        settling=Settling(books, venue, recording, sweeper.look_at, wake),
        portfolios=portfolios,
        allocating=allocating,
        rebalancing=Rebalancing(books, keeper, desk, planner, allocating, SystemClock()),
        asking=Asking(books, keeper, planner, proposing),
        safety=safety,
        modes=Modes(books, keeper, cancelling.purchases_of),
        own_limits=OwnLimits(books, keeper, desk),
        drawdown=DrawdownWatch(books, desk),
        merging=Merging(books),
        cancelling=cancelling,
        triggers=Triggers(books, watched, desk, wake),
        streaming=streaming,
        accounts=accounts,
        reconciler=reconciler,
        quotes=MarketDataService(source),
    )


def _mandate_key(settings: ExecutionSettings) -> MandateKey:
    if settings.mandate_key_file is None:
        raise InvalidInputError("UCHAT_MANDATE_KEY_FILE is needed", code="setting_missing")
    return MandateKey.load(settings.mandate_key_file)


async def serve(settings: ExecutionSettings, context: ProcessContext) -> None:
    """Serve until the process is told to stop.

    Raises:
        InvalidInputError: a file with keys is missing.
        UnavailableError: the port is taken, or the bus is away for too long.
    """
    if settings.service_keys_file is None or settings.paper_secret_file is None:
        raise InvalidInputError(
            "UCHAT_SERVICE_KEYS_FILE and UCHAT_PAPER_SECRET_FILE are needed", code="setting_missing"
        )
    # Before anything is connected: without it no mandate can be checked.
    _mandate_key(settings)
    # Not ready until calls are answered, whatever else is there already.
    context.health.ready("grpc", False)
    verifier = ActorVerifier.load(settings.service_keys_file)
    keys = PaperKeys.load(settings.paper_secret_file)
    async with (
        binance_api(settings.exchange_url, SystemClock()) as api,
        _pool(settings, context) as pool,
        await Bus.connect(settings, SERVICE, context.health) as bus,
    ):
        without = TRIGGERS if settings.triggers_kept_here else frozenset[Feature]()
        listings = Listings(api, CURRENCY, without)
        source = await _market(api, listings, context)
        stream = BinanceStream(api, keys, CURRENCY)
        clock = VenueClock(api, PostgresClock(pool).now, context.health)
        app = wire(
            settings,
            pool,
            bus,
            source,
            BinanceVenue(api, listings, keys, clock),
            stream=stream,
            statements=BinanceStatements(api, listings, keys),
        )
        async with (
            asyncio.TaskGroup() as group,
            rpc.server(
                app.registrations(), REQUIRES, verifier, settings.bind, settings.grpc_port
            ) as port,
            Intake(settings, bus, app.proposing.propose).running(),
        ):
            working = [
                group.create_task(work)
                for work in (source.run(), app.run(), clock.run(), _beat(pool, context))
            ]
            context.health.ready("grpc", True)
            _log.info("execution_ready", grpc_port=port, exchange=settings.exchange_url)
            await context.stop.wait()
            context.health.ready("grpc", False)
            await _end(working)


async def _market(
    api: BinanceApi, listings: Listings, context: ProcessContext
) -> ExchangeMarketData:
    """Prices are there before the first proposal is taken in, if the exchange is."""
    source = ExchangeMarketData(api, listings, context.health, source="paper", simulated=True)
    try:
        await listings.refresh()
        await source.refresh()
    except UnavailableError as e:
        _log.warning("starts_without_market", detail=e.detail)
    return source


@asynccontextmanager
async def _pool(
    settings: ExecutionSettings, context: ProcessContext
) -> "AsyncGenerator[asyncpg.Pool[asyncpg.Record]]":
    pool = await _patiently(
        context,
        lambda: db.connect_pool(
            settings.postgres_dsn.get_secret_value(),
            max_size=settings.database_connections,
            server_settings=_DATABASE,
        ),
    )
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(_CLOSE_S):
                await pool.close()
        except TimeoutError:
            # Whoever still holds a connection is past its time.
            pool.terminate()


async def _beat(pool: "asyncpg.Pool[asyncpg.Record]", context: ProcessContext) -> None:
    while True:
        try:
            await pool.fetchval("SELECT 1")
        except (asyncpg.PostgresError, *db.LOST):
            context.health.ready("postgres", False)
        else:
            context.health.ready("postgres", True)
        await asyncio.sleep(_BEAT_S)


async def _end(tasks: Sequence["asyncio.Task[None]"]) -> None:
    left = set(tasks)
    while left:
        # Again and again: libraries that wait by asyncio.wait_for can swallow a cancellation.
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_CLOSE_S)


async def _patiently(context: ProcessContext, work: Callable[[], Awaitable[_T]]) -> _T:
    while True:
        try:
            return await work()
        except (UchatError, asyncpg.PostgresError, *db.LOST) as e:
            context.health.ready("postgres", False)
            _log.warning("waits_for_database", error=type(e).__name__)
            if context.stop.is_set():
                raise UnavailableError("Stopped while the database was away") from e
            await asyncio.sleep(_AWAY_S)


def main() -> None:
    """Run the service until SIGTERM."""
    settings = ExecutionSettings()
    process.run(SERVICE, settings, lambda context: serve(settings, context))


if __name__ == "__main__":
    main()
