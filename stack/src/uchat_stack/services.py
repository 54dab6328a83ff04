"""The services of the product: which there are, and what each of their processes is told."""

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from uchat_platform.embedded.ports import LOOPBACK
from uchat_platform.embedded.process import Spec
from uchat_stack.http import is_ready
from uchat_stack.layout import Layout
from uchat_stack.settings import StackSettings, python
from uchat_stack.simulators import TELEGRAM_BOT, TELEGRAM_TOKEN, Simulators
from uchat_stack.venues import VenueWorker

# What any program needs of its surroundings; everything else a service gets is named below.
BASIC: Final = (
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "COVERAGE_PROCESS_START"),
)
# One arena per two threads is plenty, and code positions are for debuggers: both save memory.
LEAN: Final = {
    "MALLOC_ARENA_MAX": "2",
    # Without fixed thresholds glibc keeps what one large allocation, as a password hash, needed.
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "PYTHONNODEBUGRANGES": "1",
    "PYTHONUNBUFFERED": "1",
}


TELEGRAM_SECRETS: Final = ("UCHAT_TELEGRAM_TOKEN", "UCHAT_TELEGRAM_WEBHOOK_SECRET")


@dataclass(frozen=True, slots=True)
class Service:
    """One service; `schema` None: it has no database."""

    name: str
    package: str
    schema: str
    replicated: bool = True
    serves_grpc: bool = False
    holds_kek: bool = False
    # Model providers have their own variables and proxies, so ai-core sees the user's environment.
    sees_environment: bool = False
    # What only this service may know of the user's settings.
    secrets: tuple[str, ...] = ()


SERVICES: Final = (
    Service("sessions", "uchat_sessions", "sessions", serves_grpc=True, holds_kek=True),
    Service("execution", "uchat_execution", "execution", serves_grpc=True),
    Service("ai-core", "uchat_ai_core", "ai_core", serves_grpc=True, sees_environment=True),
    Service("notifier", "uchat_notifier", "notifier", serves_grpc=True),
    Service("telegram", "uchat_telegram", "telegram", secrets=TELEGRAM_SECRETS),
    Service("gateway", "uchat_gateway", "gateway"),
)
PROVISIONER: Final = "provisioner"
SUBSCRIBER: Final = "subscriber"
SCHEMAS: Final = tuple(service.schema for service in SERVICES)
NKEY_USERS: Final = (*(service.name for service in SERVICES), PROVISIONER, SUBSCRIBER)


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a service, with the ports that it has for the whole run."""

    service: Service
    name: str
    replica: int
    health_port: int
    # Of gRPC, or of HTTP for the gateway.
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all processes are told alike."""

    settings: StackSettings
    layout: Layout
    nats_url: str
    postgres: Mapping[str, str] = field(repr=False)
    valkey_url: str = field(repr=False)
    processes: Sequence[Process]
    simulators: Simulators
    venues: VenueWorker
    behind_proxy: bool

    def addresses(self, service: str) -> list[str]:
        """Return where the gRPC of a service is served."""
        return [f"{LOOPBACK}:{p.port}" for p in self.processes if p.service.name == service]


def processes(replicas: int, port: int, ports: Sequence[int]) -> list[Process]:
    """Return every process to run.

    A single gateway gets `port`, which the user chose; the others get two of `ports` each.
    """
    free = iter(ports)
    found: list[Process] = []
    for service in SERVICES:
        count = replicas if service.replicated else 1
        for replica in range(count):
            name = service.name if count == 1 else f"{service.name}-{replica}"
            only_gateway = service.name == "gateway" and count == 1
            own = port if only_gateway else next(free)
            found.append(Process(service, name, replica, next(free), own))
    return found


def spec(process: Process, around: Surroundings) -> Spec:
    """Return how to run one process."""
    http = process.service.name == "gateway"
    port = process.port if http else process.health_port
    host = around.settings.host if http and not around.behind_proxy else LOOPBACK

    async def ready(pid: int) -> bool:
        del pid
        return await is_ready(port, host)

    return Spec(
        name=process.name,
        argv=[python(), "-m", f"{process.service.package}.app"],
        log=around.layout.log(process.name),
        ready=ready,
        env=environment(process, around),
        poll_s=0.1,
        # Long enough for a machine that does ten other things.
        start_timeout_s=120.0,
        # The gateway lets open conversations end before it goes.
        stop_timeout_s=15.0,
    )


def environment(process: Process, around: Surroundings) -> dict[str, str]:
    """Return the variables of one process: the user's UCHAT_* settings, and ours over them."""
    service = process.service
    users = around.settings.environment
    if service.sees_environment:
        passed = dict(users)
    else:
        passed = {k: v for k, v in users.items() if k in BASIC or k.startswith("UCHAT_")}
    for name in ("UCHAT_KEK_FILE", *TELEGRAM_SECRETS):
        if name not in service.secrets:
            passed.pop(name, None)
    told = {
        "UCHAT_REPLICA": str(process.replica),
        "UCHAT_NATS_URL": around.nats_url,
        "UCHAT_NKEY_SEED_FILE": str(around.layout.seed(service.name)),
        "UCHAT_SERVICE_KEYS_FILE": str(around.layout.service_keys),
        "UCHAT_POSTGRES_DSN": around.postgres[service.schema],
        "UCHAT_VALKEY_URL": around.valkey_url,
        "UCHAT_SESSIONS_ADDR": target(around.addresses("sessions")),
        "UCHAT_EXECUTION_ADDR": target(around.addresses("execution")),
        "UCHAT_NOTIFIER_ADDR": target(around.addresses("notifier")),
        "UCHAT_AI_CORE_ADDR": target(around.addresses("ai-core")),
        "UCHAT_PUBLIC_URL": around.settings.public_url,
        "UCHAT_HEALTH_PORT": str(process.health_port),
        **({"UCHAT_GRPC_PORT": str(process.port)} if service.serves_grpc else {}),
        **({"UCHAT_KEK_FILE": str(around.layout.kek)} if service.holds_kek else {}),
        **(_gateway(process, around) if service.name == "gateway" else _INTERNAL),
        **_of_simulators(service, around),
    }
    return {**passed, **LEAN, **told}


def _of_simulators(service: Service, around: Surroundings) -> dict[str, str]:
    if service.name == "execution":
        return {
            "UCHAT_EXCHANGE_URL": around.simulators.exchange_url,
            "UCHAT_PAPER_SECRET_FILE": str(around.layout.paper_secret),
            "UCHAT_MANDATE_KEY_FILE": str(around.layout.mandate_key),
            "UCHAT_VENUES_ADDR": around.venues.address,
        }
    if around.settings.own_bot:
        return {}
    if service.name == "telegram":
        return {
            "UCHAT_TELEGRAM_API": around.simulators.telegram_url,
            "UCHAT_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        }
    if service.name == "gateway":
        return {
            "UCHAT_TELEGRAM_BOT": TELEGRAM_BOT,
            "UCHAT_TELEGRAM_URL": around.simulators.telegram_url,
        }
    return {}


def basic_environment(settings: StackSettings) -> dict[str, str]:
    """Return what any program of ours needs of the user's environment, and no more."""
    passed = {k: v for k, v in settings.environment.items() if k in BASIC}
    return {**passed, **LEAN}


def target(addresses: Sequence[str]) -> str:
    """Return a gRPC target that names every replica."""
    return "ipv4:" + ",".join(addresses)


def migrations(package: str) -> Path | None:
    """Return the folder of a service's migrations, found without importing the service."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    versions = Path(found.origin).parent / "migrations" / "versions"
    return versions if any(versions.glob("*.py")) else None


# Only the gateway is for the world; the rest is reached on this machine alone.
_INTERNAL: Final = {"UCHAT_BIND": LOOPBACK}


def _gateway(process: Process, around: Surroundings) -> dict[str, str]:
    told = {
        "UCHAT_PORT": str(process.port),
        "UCHAT_BIND": LOOPBACK if around.behind_proxy else around.settings.bind,
        "UCHAT_JWT_KEYS_FILE": str(around.layout.jwt_keys),
        "UCHAT_WEB_DIR": str(around.settings.web_dir),
    }
    if around.behind_proxy:
        told["UCHAT_TRUSTED_PROXIES"] = f"{LOOPBACK}/32"
    return told
