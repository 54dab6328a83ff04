"""Wiring of execution, and its process: `python -m uchat_execution.app`."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import asyncpg

from uchat_execution.adapters.announcer import OutboxAnnouncer
from uchat_execution.adapters.binance_api import BinanceApi, binance_api
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.market_exchange import ExchangeMarketData
from uchat_execution.adapters.paper_keys import PaperKeys
from uchat_execution.adapters.postgres.books import PostgresBooks
from uchat_execution.adapters.venue_binance import BinanceVenue
from uchat_execution.handlers.bus import SERVICE, Intake
from uchat_execution.handlers.grpc import decisions, market, portfolio, safety
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.allocating import Allocating
from uchat_execution.service.claiming import Claiming
from uchat_execution.service.desk import Desk
from uchat_execution.service.executing import Executor
from uchat_execution.service.merging import Merging
from uchat_execution.service.planning import Planner
from uchat_execution.service.portfolio import Portfolios
from uchat_execution.service.proposing import Proposing
from uchat_execution.service.quotes import MarketDataService
from uchat_execution.service.recording import Recording
from uchat_execution.service.resolving import Resolving
from uchat_execution.service.safety import Safety
from uchat_execution.service.sweeping import Sweeper
from uchat_execution.service.waiting import Waiters
from uchat_execution.settings import ExecutionSettings
from uchat_platform import db, logging, process, rpc
from uchat_platform.auth import ActorVerifier
from uchat_platform.bus import Bus
from uchat_platform.clock import SystemClock
from uchat_platform.errors import InvalidInputError, UchatError, UnavailableError
from uchat_platform.process import ProcessContext

if TYPE_CHECKING:
    from uchat_execution.ports import MarketData, Venue

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
    portfolios: Portfolios
    allocating: Allocating
    safety: Safety
    merging: Merging
    quotes: MarketDataService

    def registrations(self) -> list[rpc.Registration]:
        """Return what the gRPC server serves."""
        return [
            market.registration(self.quotes),
            decisions.registration(decisions.DecisionsServicer(self.proposing, self.resolving)),
            portfolio.registration(
                portfolio.PortfoliosServicer(self.portfolios, self.allocating, self.merging)
            ),
            safety.registration(safety.SafetyServicer(self.safety)),
        ]

    async def run(self) -> None:
        """Do the work behind the calls, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.announcer.run())
            group.create_task(self.keeper.run())
            group.create_task(self.executor.run())
            group.create_task(self.sweeper.run())


def wire(
    settings: ExecutionSettings,
    pool: "asyncpg.Pool[asyncpg.Record]",
    bus: Bus,
    source: "MarketData",
    venue: "Venue",
) -> App:
    """Put a replica together on a database, a bus, a market and a venue."""
    waiters = Waiters()

    def committed(abouts: Sequence[str]) -> None:
        announcer.tell(abouts)
        waiters.tell(abouts)

    def wake(decision_id: str) -> None:
        executor.wake(decision_id)

    books = PostgresBooks(pool, committed)
    desk = Desk(source, venue, settings.limits)
    keeper = AccountKeeper(books, venue, settings.paper_opening, CURRENCY)
    recording = Recording(books, desk)
    planner = Planner(desk)
    proposing = Proposing(books, keeper, planner, wake)
    resolving = Resolving(books, waiters, wake)
    portfolios = Portfolios(books, keeper, desk, venue, recording)
    announcer = OutboxAnnouncer(pool, bus, portfolios.of_account)
    owner = f"{SERVICE}-{settings.replica}"
    claiming = Claiming(books, keeper, planner, proposing, owner, settings.claim_window)
    executor = Executor(claiming, recording, venue)
    return App(
        books=books,
        announcer=announcer,
        keeper=keeper,
        executor=executor,
        sweeper=Sweeper(books, venue, desk, keeper, executor, recording, resolving),
        proposing=proposing,
        resolving=resolving,
        portfolios=portfolios,
        allocating=Allocating(desk, SystemClock()),
        safety=Safety(books, keeper, desk),
        merging=Merging(books),
        quotes=MarketDataService(source),
    )


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
    # Not ready until calls are answered, whatever else is there already.
    context.health.ready("grpc", False)
    verifier = ActorVerifier.load(settings.service_keys_file)
    keys = PaperKeys.load(settings.paper_secret_file)
    async with (
        binance_api(settings.exchange_url, SystemClock()) as api,
        _pool(settings, context) as pool,
        await Bus.connect(settings, SERVICE, context.health) as bus,
    ):
        listings = Listings(api, CURRENCY)
        source = await _market(api, listings, context)
        app = wire(settings, pool, bus, source, BinanceVenue(api, listings, keys))
        async with (
            asyncio.TaskGroup() as group,
            rpc.server(
                app.registrations(), REQUIRES, verifier, settings.bind, settings.grpc_port
            ) as port,
            Intake(settings, bus, app.proposing.propose).running(),
        ):
            working = [
                group.create_task(work) for work in (source.run(), app.run(), _beat(pool, context))
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
