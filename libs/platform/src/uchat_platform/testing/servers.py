"""Real servers for a test session, in a folder of their own, gone with the session."""

import asyncio
import base64
import ctypes
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import nkeys  # pyright: ignore[reportMissingTypeStubs] - untyped upstream

from uchat_platform.bus.permissions import SERVICES, permissions
from uchat_platform.embedded.nats import NatsServer, NatsUser
from uchat_platform.embedded.ports import free_ports
from uchat_platform.embedded.postgres import PostgresServer
from uchat_platform.embedded.process import Spec
from uchat_platform.embedded.valkey import ValkeyServer
from uchat_platform.settings import BaseServiceSettings

_PR_SET_PDEATHSIG: Final = 1
_START_S: Final = 20.0
_POLL_S: Final = 0.01
_libc = ctypes.CDLL(None)


class Process:
    """A server that is bound to no event loop, since each test has its own."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The pid of the running server."""
        if self._process is None:
            raise AssertionError(f"{self._spec.name} was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the server was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Start the server and return once it takes clients."""
        spec = self._spec
        if spec.before is not None:
            spec.before()
        self._process = _spawn(spec)
        end = time.monotonic() + _START_S
        while not await spec.ready(self.pid):
            if not self.running or time.monotonic() > end:
                raise AssertionError(f"{spec.name} did not start: {spec.log.read_text()[-2000:]}")
            await asyncio.sleep(_POLL_S)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, as SIGSTOP or SIGCONT."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End the server by SIGKILL and reap it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class NatsControl:
    """Faults for the session's nats-server. It runs again when the test is over."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def kill(self) -> None:
        """Kill -9: memory is gone, what was written stays."""
        self._process.kill()

    async def start(self) -> None:
        """Start it again on the same port and store."""
        if not self._process.running:
            await self._process.start()

    async def restart(self) -> None:
        """Kill -9 and start again."""
        self.kill()
        await self.start()

    def pause(self) -> None:
        """Stop it without closing anything (SIGSTOP)."""
        self._process.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused one go on."""
        self._process.signal(signal.SIGCONT)


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the session's servers are, and every service's keys.

    `postgres_dsn` is the owner's, for the maintenance database; see `postgres_database`.
    """

    directory: Path
    nats_url: str
    postgres: PostgresServer
    valkey_url: str
    seeds: Mapping[str, Path]
    service_keys_file: Path
    kek_file: Path
    processes: tuple[Process, ...]

    @property
    def postgres_dsn(self) -> str:
        """The owner's address of the maintenance database."""
        return self.postgres.dsn("postgres")

    @property
    def nats(self) -> NatsControl:
        """Faults for nats-server."""
        return NatsControl(self.processes[0])

    def values(self, service: str) -> dict[str, Any]:
        """Return the settings of a service, by field name."""
        return {
            "nats_url": self.nats_url,
            "nkey_seed_file": self.seeds[service],
            "service_keys_file": self.service_keys_file,
            "valkey_url": self.valkey_url,
        }

    def settings(self, service: str, **overrides: Any) -> BaseServiceSettings:
        """Return the shared settings of a service."""
        return BaseServiceSettings(**{**self.values(service), **overrides})

    def stop(self) -> None:
        """Kill all servers: nothing of them is kept."""
        for process in self.processes:
            process.kill()


async def start_servers(directory: Path) -> Servers:
    """Start NATS, Postgres and Valkey below a folder and return once all take clients."""
    nats_port, postgres_port, valkey_port = free_ports(3)
    seeds, public_keys = _keys(directory)
    nats = NatsServer(
        server_name=f"uchat-test-{secrets.token_hex(4)}",
        port=nats_port,
        store=directory / "jetstream",
        config=directory / "nats.conf",
        log=directory / "nats.log",
        cipher_key=secrets.token_hex(16),
        users=[
            NatsUser(public_keys[service], own.publish, own.subscribe)
            for service in SERVICES
            for own in [permissions(service)]
        ],
    )
    postgres = PostgresServer(
        data=directory / "postgres",
        port=postgres_port,
        password=secrets.token_urlsafe(16),
        log=directory / "postgres.log",
        durable=False,
    )
    valkey = ValkeyServer(
        port=valkey_port,
        password=secrets.token_urlsafe(16),
        config=directory / "valkey.conf",
        log=directory / "valkey.log",
    )
    specs = (nats.spec(), await postgres.prepare(), valkey.spec())
    processes = tuple(Process(spec) for spec in specs)
    try:
        for process in processes:
            await process.start()
    except BaseException:
        for process in processes:
            process.kill()
        raise
    return Servers(
        directory=directory,
        nats_url=nats.url,
        postgres=postgres,
        valkey_url=valkey.url,
        seeds=seeds,
        service_keys_file=_private(directory / "service-keys.json", json.dumps(public_keys)),
        kek_file=_private(directory / "kek", base64.b64encode(secrets.token_bytes(32)).decode()),
        processes=processes,
    )


def _spawn(spec: Spec) -> "subprocess.Popen[bytes]":
    with spec.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own argv
            list(spec.argv),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=None if spec.env is None else dict(spec.env),
            cwd=spec.cwd,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - only prctl
            user=spec.user,
            group=spec.user,
            extra_groups=None if spec.user is None else [],
        )


def _keys(directory: Path) -> tuple[dict[str, Path], dict[str, str]]:
    seeds: dict[str, Path] = {}
    public: dict[str, str] = {}
    library = cast("Any", nkeys)
    for service in SERVICES:
        seed: bytes = library.encode_seed(secrets.token_bytes(32), library.PREFIX_BYTE_USER)
        seeds[service] = _private(directory / f"{service}.seed", seed.decode())
        public[service] = library.from_seed(bytearray(seed)).public_key.decode()
    return seeds, public


def _private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
