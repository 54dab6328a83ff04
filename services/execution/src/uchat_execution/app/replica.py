"""One replica of execution: what it serves, and the work behind the calls."""

import asyncio
from dataclasses import dataclass
from typing import Final

from uchat_execution.adapters.announcer import OutboxAnnouncer
from uchat_execution.adapters.postgres.books import PostgresBooks
from uchat_execution.handlers.grpc import (
    alerts,
    books,
    decisions,
    market,
    portfolio,
    safety,
    venues,
)
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.alerts.digesting import Digests
from uchat_execution.service.alerts.setting import Alerting
from uchat_execution.service.alerts.watching import AlertWatch
from uchat_execution.service.allocating import Allocating
from uchat_execution.service.asking import Asking
from uchat_execution.service.cancelling import Cancelling
from uchat_execution.service.drawdown import DrawdownWatch
from uchat_execution.service.executing import Executor
from uchat_execution.service.limits import Limits, OwnLimits
from uchat_execution.service.live.connecting import Connecting
from uchat_execution.service.looking import Looking
from uchat_execution.service.merging import Merging
from uchat_execution.service.modes import Modes
from uchat_execution.service.modifying import Modifying
from uchat_execution.service.performance import Performance
from uchat_execution.service.portfolio import Portfolios
from uchat_execution.service.preferences import Choices
from uchat_execution.service.proposing import Proposing
from uchat_execution.service.quotes import MarketDataService
from uchat_execution.service.rebalancing import Rebalancing
from uchat_execution.service.reconciling.movements import Movements
from uchat_execution.service.reconciling.reconciler import Reconciler
from uchat_execution.service.remedies import QuotingAgain
from uchat_execution.service.resolving import Resolving
from uchat_execution.service.safety import Safety
from uchat_execution.service.settling import Settling
from uchat_execution.service.streaming import Streaming
from uchat_execution.service.sweeping import Sweeper
from uchat_execution.service.triggers import Triggers
from uchat_platform import rpc
from uchat_platform.partitions import PartitionOwnership

REQUIRES: Final = {
    **market.REQUIRES,
    **decisions.REQUIRES,
    **portfolio.REQUIRES,
    **books.REQUIRES,
    **safety.REQUIRES,
    **alerts.REQUIRES,
    **venues.REQUIRES,
}


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
    performance: Performance
    choices: Choices
    allocating: Allocating
    safety: Safety
    modes: Modes
    own_limits: OwnLimits
    drawdown: DrawdownWatch
    merging: Merging
    cancelling: Cancelling
    triggers: Triggers
    alert_watch: AlertWatch
    alerting: Alerting
    digests: Digests
    streaming: Streaming | None
    accounts: PartitionOwnership
    reconciler: Reconciler | None
    quotes: MarketDataService
    connecting: Connecting

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
                    self.performance,
                    self.allocating,
                    self.merging,
                    self.cancelling,
                    Movements(self.books, self.keeper),
                )
            ),
            books.registration(books.BooksServicer(self.performance, self.choices)),
            venues.registration(venues.VenuesServicer(self.connecting)),
            safety.registration(
                safety.SafetyServicer(self.safety, self.modes, self.own_limits, Limits(self.books))
            ),
            alerts.registration(alerts.AlertsServicer(self.alerting, self.digests)),
        ]

    async def run(self) -> None:
        """Do the work behind the calls, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.announcer.run())
            group.create_task(self.keeper.run())
            group.create_task(self.executor.run())
            group.create_task(self.sweeper.run())
            group.create_task(Looking((self.triggers.look, self.alert_watch.look)).run())
            group.create_task(self.digests.run())
            group.create_task(self.modes.run())
            group.create_task(self.drawdown.run())
            if self.reconciler is not None:
                group.create_task(self.reconciler.run())
            if self.streaming is not None:
                group.create_task(self.accounts.run())
                group.create_task(self.streaming.run())
