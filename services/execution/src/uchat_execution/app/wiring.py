"""How a replica is put together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from uchat_execution.adapters.announcer import OutboxAnnouncer
from uchat_execution.adapters.mandate_key import MandateKey
from uchat_execution.adapters.postgres.alerted import PostgresAlerted
from uchat_execution.adapters.postgres.books import PostgresBooks
from uchat_execution.adapters.postgres.venues import PostgresSealedKeys
from uchat_execution.adapters.postgres.watching import PostgresWatched
from uchat_execution.adapters.routed import RoutedStatements, RoutedVenue
from uchat_execution.adapters.shares import part_of, share_of_accounts
from uchat_execution.adapters.venues_grpc import WorkerClient
from uchat_execution.app.live import Live
from uchat_execution.app.replica import App
from uchat_execution.domain.alerts.history import PriceHistory
from uchat_execution.handlers.bus import SERVICE
from uchat_execution.ports.circuits import CircuitState, States
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.alerts.digesting import Digests
from uchat_execution.service.alerts.measuring import Measuring
from uchat_execution.service.alerts.setting import Alerting
from uchat_execution.service.alerts.watching import AlertWatch
from uchat_execution.service.allocating import Allocating
from uchat_execution.service.asking import Asking
from uchat_execution.service.cancelling import Cancelling
from uchat_execution.service.claiming import Claiming
from uchat_execution.service.desk import Desk
from uchat_execution.service.drawdown import DrawdownWatch
from uchat_execution.service.executing import Executor
from uchat_execution.service.limits import OwnLimits
from uchat_execution.service.live.connecting import Connecting
from uchat_execution.service.mandates import Mandates
from uchat_execution.service.merging import Merging
from uchat_execution.service.modes import Modes
from uchat_execution.service.modifying import Modifying
from uchat_execution.service.performance import Performance
from uchat_execution.service.planning import Planner
from uchat_execution.service.portfolio import Portfolios
from uchat_execution.service.preferences import Choices
from uchat_execution.service.projecting import Projecting
from uchat_execution.service.proposing import Proposing
from uchat_execution.service.quotes import MarketDataService
from uchat_execution.service.rebalancing import Rebalancing
from uchat_execution.service.reconciling.gate import Gate
from uchat_execution.service.reconciling.reconciler import Reconciler
from uchat_execution.service.reconciling.rounds import Rounds
from uchat_execution.service.recording import Recording
from uchat_execution.service.remedies import QuotingAgain
from uchat_execution.service.resolving import Resolving
from uchat_execution.service.safety import Safety
from uchat_execution.service.seconds import Seconds
from uchat_execution.service.settling import Settling
from uchat_execution.service.streaming import Streaming
from uchat_execution.service.sweeping import Sweeper
from uchat_execution.service.triggers import Triggers
from uchat_execution.service.waiting import Waiters
from uchat_execution.settings import ExecutionSettings
from uchat_platform.bus import Bus
from uchat_platform.clock import SystemClock
from uchat_platform.errors import InvalidInputError

if TYPE_CHECKING:
    import asyncpg

    from uchat_execution.ports import MarketData, Venue
    from uchat_execution.ports.reconciling import Statements
    from uchat_execution.ports.streaming import UserStream

CURRENCY: Final = "USDT"


def wire(
    settings: ExecutionSettings,
    pool: "asyncpg.Pool[asyncpg.Record]",
    bus: Bus,
    source: "MarketData",
    venue: "Venue",
    *,
    stream: "UserStream | None" = None,
    statements: "Statements | None" = None,
    live: Live | None = None,
    circuits: States = dict[str, CircuitState],
) -> App:
    """Put a replica together on a database, a bus, a market and a venue.

    Without `live` no exchange but the paper one is reached. Without a `stream` what rests there is
    only asked for; without `statements` accounts are not compared with it, and nothing waits for
    that.
    """
    waiters = Waiters()

    def committed(abouts: Sequence[str]) -> None:
        announcer.tell(abouts)
        waiters.tell(abouts)

    def wake(decision_id: str) -> None:
        executor.wake(decision_id)

    books = PostgresBooks(pool, committed)
    live = live or Live.by(WorkerClient(None, None, PostgresSealedKeys(pool)))
    venue = RoutedVenue(venue, live.venues)
    desk = Desk(source, venue, settings.limits, live.desks(settings.limits))
    keeper = AccountKeeper(books, venue, settings.paper_opening, CURRENCY)
    recording = Recording(books, desk, settings.needs_human_after)
    mandates = Mandates(mandate_key(settings))
    planner = Planner(desk, mandates)
    safety = Safety(books, keeper, desk, mandates)
    proposing = Proposing(books, keeper, planner, wake)
    resolving = Resolving(books, waiters, wake)
    allocating = Allocating(desk, SystemClock())
    portfolios = Portfolios(books, keeper, desk)
    choices = Choices(books, keeper, desk)
    watched = PostgresWatched(pool)
    measuring = Measuring(desk, PriceHistory())
    accounts = share_of_accounts(settings.postgres_dsn.get_secret_value())
    streaming = None
    if stream is not None:
        streaming = Streaming(
            watched, stream, venue, recording, lambda account: accounts.owns(part_of(account)), wake
        )
    announcer = OutboxAnnouncer(
        pool, bus, portfolios.of_account, safety.concerned, Seconds(books).copies
    )
    cancelling = Cancelling(books, keeper, venue, recording)
    owner = f"{SERVICE}-{settings.replica}"
    guards = settings.guards
    reconciler = None
    if statements is not None:
        both = RoutedStatements(statements, live.statements)
        rounds = Rounds.of(
            books, desk, venue, recording, both, gateway=live.gateway, cancelling=cancelling
        )
        reconciler = Reconciler(books, rounds, recording, wake)
        keeper.seen = reconciler.seen
        if streaming is not None:
            streaming.foreign = reconciler.soon
    gate = reconciler.gate if reconciler else Gate(None)
    claiming = Claiming(
        books, keeper, planner, proposing, owner, settings.claim_window, gate, guards
    )
    executor = Executor(claiming, recording, venue, guards)
    if reconciler is not None:
        executor.unknown = reconciler.soon
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
        performance=Performance(books, portfolios, choices, Projecting(books)),
        choices=choices,
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
        alert_watch=AlertWatch(books, PostgresAlerted(pool), measuring),
        alerting=Alerting(books, keeper, measuring),
        digests=Digests(books, keeper, desk),
        streaming=streaming,
        accounts=accounts,
        reconciler=reconciler,
        connecting=Connecting(books, keeper, live.gateway, desk),
        quotes=MarketDataService(source, circuits),
    )


def mandate_key(settings: ExecutionSettings) -> MandateKey:
    """Load the key that signs mandates.

    Raises:
        InvalidInputError: there is no such file, or it holds no key.
    """
    if settings.mandate_key_file is None:
        raise InvalidInputError("UCHAT_MANDATE_KEY_FILE is needed", code="setting_missing")
    return MandateKey.load(settings.mandate_key_file)
