"""Wiring of the Telegram adapter: the only place that names its concrete parts."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uchat_contracts import subjects
from uchat_contracts.rpc.execution.v1.alerts_pb2_grpc import AlertsStub
from uchat_contracts.rpc.execution.v1.decisions_pb2_grpc import DecisionsStub
from uchat_contracts.rpc.execution.v1.safety_pb2_grpc import SafetyStub
from uchat_contracts.rpc.notifier.v1.deliveries_pb2_grpc import DeliveriesStub
from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import LinksStub
from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsStub
from uchat_platform import db, logging, process, rpc, tasks
from uchat_platform.auth import ActorSigner
from uchat_platform.bus import Bus, CoreMessage
from uchat_platform.clock import SystemClock
from uchat_platform.errors import InvalidInputError, UchatError
from uchat_platform.partitions import PartitionOwnership
from uchat_platform.process import ProcessContext
from uchat_telegram.adapters import bot_api, updates
from uchat_telegram.adapters.alerts import GrpcAlerts
from uchat_telegram.adapters.bus import BusOutbound
from uchat_telegram.adapters.postgres import PostgresMemory
from uchat_telegram.adapters.services import GrpcLedger, GrpcPeople, GrpcTrading
from uchat_telegram.handlers.deliveries import Deliveries, Ticket, guarded, reporting
from uchat_telegram.handlers.polling import Polling
from uchat_telegram.handlers.updates import Updates
from uchat_telegram.handlers.webhook import Webhook, serving
from uchat_telegram.service.ageing import Ageing
from uchat_telegram.service.background import Background
from uchat_telegram.service.calling import Caller
from uchat_telegram.service.commands import Commands
from uchat_telegram.service.conversing import Conversing
from uchat_telegram.service.hushing import Hushing
from uchat_telegram.service.lanes import Lanes, Waiting
from uchat_telegram.service.pacing import Pace
from uchat_telegram.service.pressing import Pressing
from uchat_telegram.service.showing import Showing
from uchat_telegram.service.streaming import Streaming
from uchat_telegram.settings import TelegramSettings

if TYPE_CHECKING:
    from uchat_telegram.domain.view import Incoming
    from uchat_telegram.ports import Person, Report

SERVICE: Final = "telegram"
LOCK_CLASS: Final = "telegram"
_AWAY_S: Final = 0.5
_FORGET_EVERY_S: Final = 6 * 3600.0
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class App:
    """One replica, ready to run."""

    settings: TelegramSettings
    bot: bot_api.AiogramBot
    memory: PostgresMemory
    updates: Updates
    showing: Showing
    streaming: Streaming
    ledger: GrpcLedger
    background: Background
    bus: Bus
    context: ProcessContext

    def ownership(self) -> PartitionOwnership:
        """Return what competes for being the one that leads."""
        return PartitionOwnership(
            self.settings.postgres_dsn.get_secret_value(),
            LOCK_CLASS,
            count=1,
            on_acquire=self.lead,
            on_release=_released,
            health=self.context.health,
        )

    async def lead(self, _: int) -> None:
        """Take the updates and show the deliveries until cancelled."""
        _log.info("telegram_leads")
        polling = Polling(
            self.bot, self.updates, self.memory, int(self.settings.telegram_poll.total_seconds())
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliveries().run())
            if self.settings.telegram_mode == "polling":
                group.create_task(polling.run())
            else:
                group.create_task(self._set_webhook())

    async def take(self, update: "Incoming") -> None:
        """Handle a pushed update."""
        await self.updates.handle([update])
        await self.memory.handled([update.update_id], None)

    def _deliveries(self) -> Deliveries:
        reports = reporting(self.ledger)

        async def done(waiting: Waiting[Ticket], report: "Report") -> None:
            reports.add(waiting.ticket, report)

        lanes = Lanes[Ticket](
            guarded(self.showing.show), SystemClock(), done, before_answer=self.streaming.finish
        )
        return Deliveries(self.bus, lanes, reports)

    async def _set_webhook(self) -> None:
        secret = self.settings.telegram_webhook_secret.get_secret_value()
        while True:
            try:
                await self.bot.begin_webhook(self.settings.telegram_webhook_url, secret)
            except UchatError as e:
                _log.warning("webhook_waits", code=e.code)
                await asyncio.sleep(_AWAY_S)
            else:
                return


@dataclass(frozen=True, slots=True)
class _Outside:
    bot: bot_api.AiogramBot
    bus: Bus
    memory: PostgresMemory
    people: GrpcPeople
    trading: GrpcTrading
    alerts: GrpcAlerts
    ledger: GrpcLedger


@asynccontextmanager
async def build_app(settings: TelegramSettings, context: ProcessContext) -> AsyncGenerator[App]:
    """Connect to everything and put the replica together."""
    if settings.nkey_seed_file is None:
        raise InvalidInputError("UCHAT_NKEY_SEED_FILE is needed", code="setting_missing")
    signer = ActorSigner.load(SERVICE, settings.nkey_seed_file)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(db.connected(settings, context))
        context.health.ready("postgres", True)
        bus = await stack.enter_async_context(await Bus.connect(settings, SERVICE, context.health))
        sessions, execution, notifier = [
            await stack.enter_async_context(rpc.channel(address))
            for address in (settings.sessions_addr, settings.execution_addr, settings.notifier_addr)
        ]
        bot = bot_api.AiogramBot(
            bot_api.connect(settings.telegram_token.get_secret_value(), settings.api)
        )
        stack.push_async_callback(bot.close)
        outside = _Outside(
            bot=bot,
            bus=bus,
            memory=PostgresMemory(pool),
            people=GrpcPeople(SessionsStub(sessions), LinksStub(sessions), signer),
            trading=GrpcTrading(DecisionsStub(execution), SafetyStub(execution), signer),
            alerts=GrpcAlerts(AlertsStub(execution), signer),
            ledger=GrpcLedger(DeliveriesStub(notifier), signer),
        )
        yield _wire(settings, context, outside)


def _wire(settings: TelegramSettings, context: ProcessContext, outside: _Outside) -> App:
    bot, memory, people, trading = outside.bot, outside.memory, outside.people, outside.trading
    background = Background()
    outbound = BusOutbound(outside.bus)
    pace = Pace(total_rate=settings.total_rate, chat_rate=settings.chat_rate)
    caller = Caller(pace)
    streaming = Streaming(bot, outbound, pace, outbound.follow)
    ageing = Ageing(bot, caller, background.spawn)
    conversing = Conversing(
        bot=bot,
        people=people,
        outbound=outbound,
        memory=memory,
        streaming=streaming,
        caller=caller,
        ageing=ageing,
        clock=SystemClock(),
        spawn=background.spawn,
    )
    public_url = settings.public_url

    async def continue_url(person: "Person") -> str | None:
        return await conversing.continue_url(person, public_url)

    showing = Showing(bot, memory, caller, continue_url, ageing)
    commands = Commands(conversing, people, trading, memory, public_url, outside.alerts)
    pressing = Pressing(
        bot,
        people,
        trading,
        memory,
        showing,
        conversing,
        caller,
        public_url,
        Hushing(outside.alerts, SystemClock()),
    )
    return App(
        settings=settings,
        bot=bot,
        memory=memory,
        updates=Updates(conversing, commands, pressing, memory),
        showing=showing,
        streaming=streaming,
        ledger=outside.ledger,
        background=background,
        bus=outside.bus,
        context=context,
    )


async def run_app(app: App, stop: asyncio.Event) -> None:
    """Work until told to stop, then let another replica lead."""
    await app.bus.serve(subjects.alive(SERVICE), _alive)
    async with asyncio.TaskGroup() as group:
        background = group.create_task(app.background.run())
        forgetting = group.create_task(_forgetting(app.memory))
        await asyncio.sleep(0)
        leading = group.create_task(app.ownership().run())
        try:
            async with _pushed(app):
                _log.info("telegram_ready", mode=app.settings.telegram_mode)
                await stop.wait()
        finally:
            await tasks.end([leading])
            await tasks.end([background, forgetting])


@asynccontextmanager
async def _pushed(app: App) -> AsyncGenerator[None]:
    settings = app.settings
    if settings.telegram_mode == "polling":
        yield
        return
    secret = settings.telegram_webhook_secret.get_secret_value()
    hook = Webhook(secret, updates.parse, app.take)
    async with serving(hook, settings.bind, settings.telegram_webhook_port):
        yield


async def serve(settings: TelegramSettings, context: ProcessContext) -> None:
    """Run one replica until told to stop. Without a token there is nothing to do."""
    if not settings.telegram_token.get_secret_value():
        _log.warning("telegram_has_no_token")
        context.health.ready("token", True)
        await context.stop.wait()
        return
    async with build_app(settings, context) as app:
        await run_app(app, context.stop)


async def _alive(_: CoreMessage) -> bytes | None:
    return b"ok"


async def _released(_: int) -> None:
    _log.info("telegram_leads_no_more")


async def _forgetting(memory: PostgresMemory) -> None:
    while True:
        try:
            await memory.forget_old()
        except UchatError as e:
            _log.warning("forgetting_waits", code=e.code)
        await asyncio.sleep(_FORGET_EVERY_S)


def main() -> None:
    """Run the service."""
    settings = TelegramSettings()
    process.run(SERVICE, settings, lambda context: serve(settings, context))


if __name__ == "__main__":
    main()
