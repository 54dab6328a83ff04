"""The whole product on one machine: servers, then what they hold, then services."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from uchat_platform.embedded.errors import StartError
from uchat_platform.embedded.ports import LOOPBACK, free_ports, is_taken
from uchat_platform.embedded.process import Child, Spec
from uchat_stack import secrets, services, simulators, venues
from uchat_stack.caddy import Caddy
from uchat_stack.layout import Layout, write_json
from uchat_stack.lock import InUseError, held
from uchat_stack.servers import Servers
from uchat_stack.settings import StackSettings, python
from uchat_stack.simulators import Simulators
from uchat_stack.supervisor import Supervisor, expected, start_error
from uchat_stack.venues import VenueWorker

MEGABYTE: Final = 1024 * 1024
# Postgres and the streams need this much to start; less is a disk that is about to be full.
NEEDED_BYTES: Final = 256 * MEGABYTE
SERVER_PORTS: Final = 3
# Doors first, so that nothing new comes in; then who works; then what they work on.
STOP_ORDER: Final = (
    ("caddy", "telegram"),
    ("gateway",),
    ("ai-core", "execution", "notifier"),
    ("sessions", venues.VENUES, simulators.EXCHANGE, simulators.TELEGRAM),
    ("nats", "valkey", "postgres"),
)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Product:
    """One run of `uchat up`."""

    settings: StackSettings
    layout: Layout
    replicas: int
    tell: Tell

    def up(self) -> None:
        """Run until Ctrl-C or SIGTERM; everything has ended when this returns.

        Raises:
            StartError: it could not be started; nothing is left running.
        """
        try:
            self._check_disk()
            self.layout.create()
            with held(self.layout.lock):
                self._check_port()
                asyncio.run(self._run())
        except InUseError as e:
            raise StartError(str(e)) from None
        except OSError as e:
            raise start_error(e) from None

    def _check_disk(self) -> None:
        existing = next(p for p in (self.layout.data, *self.layout.data.parents) if p.exists())
        free = shutil.disk_usage(existing).free
        if free < NEEDED_BYTES:
            raise StartError(
                f"the disk is full: {free // MEGABYTE} MB are free at {existing},"
                f" {NEEDED_BYTES // MEGABYTE} MB are needed"
            )

    def _check_port(self) -> None:
        wanted = {"UCHAT_PORT": (self.settings.port, self.settings.bind)}
        if not self.settings.own_bot:
            wanted["UCHAT_TGSIM_PORT"] = (self.settings.tgsim_port, LOOPBACK)
        for name, (port, bind) in wanted.items():
            if is_taken(port, bind):
                raise StartError(
                    f"port {port} is taken by another program: stop it, or choose another port"
                    f" by {name}"
                )

    async def _run(self) -> None:
        run = _Run(self)
        try:
            async with asyncio.TaskGroup() as group:
                running = group.create_task(run.go())
                run.on_signals(running)
        except BaseExceptionGroup as several:
            raise expected(several) from None
        finally:
            await run.stop()


class _Run:
    def __init__(self, product: Product) -> None:
        self.product = product
        self.layout = product.layout
        self.supervisor = Supervisor(product.tell, self.write_endpoints)
        self.stopping = False
        settings = product.settings
        self.secrets = secrets.ensure(self.layout, services.NKEY_USERS, services.SCHEMAS)
        needed = SERVER_PORTS + 3 + 2 * len(services.SERVICES) * product.replicas
        exchange_port, venues_port, venues_health, *ports = free_ports(
            needed, but=(settings.port, settings.tgsim_port)
        )
        self.servers = Servers.of(self.layout, self.secrets, ports)
        self.around = services.Surroundings(
            settings=settings,
            layout=self.layout,
            nats_url=self.servers.nats.url,
            postgres=self.servers.service_dsns(self.secrets),
            valkey_url=self.servers.valkey.url,
            processes=services.processes(product.replicas, settings.port, ports[SERVER_PORTS:]),
            simulators=Simulators(
                layout=self.layout,
                exchange_port=exchange_port,
                telegram_port=settings.tgsim_port,
                with_telegram=not settings.own_bot,
            ),
            venues=VenueWorker(
                layout=self.layout,
                settings=settings,
                port=venues_port,
                health_port=venues_health,
            ),
            behind_proxy=product.replicas > 1,
        )

    async def go(self) -> None:
        tell = self.product.tell
        # Of a run that was killed: whoever waits for this file waits for this run.
        self.layout.endpoints.unlink(missing_ok=True)
        tell(f"Unified Chat: data in {self.layout.data}")
        await self.supervisor.launch(await self.servers.specs())
        begin = time.monotonic()
        await Child(self._prepare()).run_to_end()
        tell(f"  {'prepare':<12} ready  {time.monotonic() - begin:4.1f} s  (tables, streams)")
        basic = services.basic_environment(self.product.settings)
        outside = [*self.around.simulators.specs(basic), *self.around.venues.specs(basic)]
        await self.supervisor.launch([*outside, *self._services()])
        self.write_endpoints()
        if not self.layout.kek_acknowledged.exists():
            tell(
                f"  WARNING      back up {self.layout.kek}: without it nothing that was said can"
                " be read again; then run `uchat kek ack-backup`"
            )
        if self.around.simulators.with_telegram:
            tell(f"Telegram is simulated: {self.around.simulators.telegram_url}")
        tell(f"Open {self.url} (Ctrl-C stops everything)")
        await self.supervisor.watch()

    @property
    def url(self) -> str:
        return f"http://{self.product.settings.host}:{self.product.settings.port}"

    def on_signals(self, running: asyncio.Task[None]) -> None:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            if self.stopping:
                self.supervisor.kill()
            self.stopping = True
            running.cancel()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop)

    async def stop(self) -> None:
        self.layout.endpoints.unlink(missing_ok=True)
        if self.stopping:
            self.product.tell("Stopping")
        self.stopping = True
        await self.supervisor.stop(STOP_ORDER)

    def write_endpoints(self) -> None:
        write_json(
            self.layout.endpoints,
            {
                "gateway": self.url,
                "nats": self.servers.nats.url,
                "postgres": self.servers.postgres.dsn(),
                "valkey": self.servers.valkey.url,
                "sessions": self.around.addresses("sessions"),
                "execution": self.around.addresses("execution"),
                "notifier": self.around.addresses("notifier"),
                **self._simulated(),
                "pids": {**self.supervisor.pids, "supervisor": os.getpid()},
            },
        )

    def _simulated(self) -> dict[str, str]:
        found = {simulators.EXCHANGE: self.around.simulators.exchange_url}
        if self.around.simulators.with_telegram:
            found[simulators.TELEGRAM] = self.around.simulators.telegram_url
        return found

    def _prepare(self) -> Spec:
        postgres = f"{LOOPBACK}:{self.servers.postgres.port}"
        return Spec(
            name="prepare",
            argv=[
                *(python(), "-m", "uchat_stack.prepare"),
                *(str(self.layout.data), self.servers.nats.url, postgres),
            ],
            log=self.layout.log("prepare"),
            ready=_never,
            start_timeout_s=120.0,
            env=services.basic_environment(self.product.settings),
        )

    def _services(self) -> list[Spec]:
        specs = [services.spec(process, self.around) for process in self.around.processes]
        if self.around.behind_proxy:
            gateways = [p.port for p in self.around.processes if p.service.name == "gateway"]
            settings = self.product.settings
            caddy = Caddy(
                bind=settings.bind,
                host=settings.host,
                port=settings.port,
                gateways=gateways,
                layout=self.layout,
            )
            specs.append(caddy.spec())
        return specs


async def _never(pid: int) -> bool:
    del pid
    return False
