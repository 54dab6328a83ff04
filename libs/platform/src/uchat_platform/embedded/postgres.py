"""Postgres from its wheel, as a foreground child: never through the wheel's own `get_server`.

That one, as root, adds an account to the host, opens every parent folder and loses its server.
"""

import asyncio
import shutil
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from uchat_platform.embedded import nobody
from uchat_platform.embedded.errors import StartError
from uchat_platform.embedded.ports import LOOPBACK
from uchat_platform.embedded.process import Spec

OWNER: Final = "uchat"
DATABASE: Final = "uchat"
PID_LINE: Final = 0
PORT_LINE: Final = 3
STATUS_LINE: Final = 7

# Small and lean: one machine, few connections, no replicas, no parallel plans.
SETTINGS: Final = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "huge_pages": "off",
    "io_method": "sync",
    "jit": "off",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "max_logical_replication_workers": "0",
    "max_parallel_workers": "0",
    "max_worker_processes": "2",
    "autovacuum_max_workers": "2",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failing statement and its DETAIL can hold what a person wrote: neither goes to the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """One cluster; `durable=False` (throwaway data) skips every fsync."""

    data: Path
    port: int
    password: str = field(repr=False)
    log: Path
    max_connections: int = 100
    shared_buffers_mb: int = 48
    durable: bool = True

    def dsn(self, database: str = DATABASE) -> str:
        """Return the owner's address of one database (`postgres` exists from the start)."""
        return f"postgresql://{OWNER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    async def prepare(self, who: nobody.Identity | None = None) -> Spec:
        """Make the cluster if there is none, and return how to run it.

        `who` runs it; by default whoever `nobody.identity` finds fit.

        Raises:
            StartError: initdb failed; nothing half-made is left.
        """
        who = who or await nobody.identity()
        self.data.parent.mkdir(parents=True, exist_ok=True)
        programs = nobody.binaries(who, self.data.parent)
        if not (self.data / "PG_VERSION").exists():
            await self._initdb(programs, who)
        return Spec(
            name="postgres",
            argv=[*who.prefix, str(programs / "postgres"), *self._arguments()],
            log=self.log,
            ready=self.is_ready,
            before=self.remove_stale_pid,
            env={"LC_ALL": "C"},
            # A readable place: the default, our own folder, may be closed to nobody.
            cwd=Path("/"),
            stop_signal=signal.SIGINT,
            user=who.user,
            # Processes of a killed server need a moment to notice and let go of its memory.
            transient=("pre-existing shared memory block",),
        )

    async def is_ready(self, pid: int) -> bool:
        """Return whether the server accepts clients.

        The process that wrote `pid` into postmaster.pid owns the folder *and* the port: it ends
        at once if it cannot bind. So no other server can be taken for it.
        """
        lines = self._pid_file()
        return (
            len(lines) > STATUS_LINE
            and lines[PID_LINE] == str(pid)
            and lines[PORT_LINE] == str(self.port)
            and lines[STATUS_LINE] == "ready"
        )

    def remove_stale_pid(self) -> None:
        """Remove a postmaster.pid whose pid is not (or no longer) a server on this folder.

        Postgres itself takes any live process with that pid for its server, and refuses to start.

        Raises:
            StartError: a server on this folder is alive.
        """
        lines = self._pid_file()
        if not lines:
            return
        pid = lines[PID_LINE]
        if _is_server_on(pid, self.data):
            raise StartError(f"another Postgres (pid {pid}) is running on {self.data}")
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _pid_file(self) -> list[str]:
        try:
            text = (self.data / "postmaster.pid").read_text()
        except FileNotFoundError:
            return []
        return [line.strip() for line in text.splitlines()]

    def _arguments(self) -> list[str]:
        settings = {
            **SETTINGS,
            "port": str(self.port),
            "shared_buffers": f"{self.shared_buffers_mb}MB",
            "max_connections": str(self.max_connections),
            **({} if self.durable else {"fsync": "off", "full_page_writes": "off"}),
        }
        arguments = ["-D", str(self.data.absolute())]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        return arguments

    async def _initdb(self, programs: Path, who: nobody.Identity) -> None:
        # Into a folder beside, then renamed: an interrupted first start leaves no half cluster.
        data = self.data.absolute()
        unfinished = data.with_name(data.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        nobody.give(unfinished, who)
        password = data.with_name(data.name + ".pw")
        password.touch(mode=0o600)
        try:
            password.write_text(self.password)
            nobody.give(password, who)
            await self._run_initdb(programs, who, unfinished, password)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        finally:
            password.unlink(missing_ok=True)
        shutil.rmtree(self.data, ignore_errors=True)
        unfinished.rename(self.data)

    async def _run_initdb(
        self, programs: Path, who: nobody.Identity, folder: Path, password: Path
    ) -> None:
        initdb = await asyncio.create_subprocess_exec(
            *who.prefix,
            str(programs / "initdb"),
            *("-D", str(folder), "-U", OWNER, "--auth=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C", "--no-instructions"),
            f"--pwfile={password}",
            *(() if self.durable else ("--no-sync",)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"LC_ALL": "C", "PATH": str(programs)},
            cwd="/",
            user=who.user,
            group=who.user,
        )
        output, _ = await initdb.communicate()
        if initdb.returncode != 0:
            lines = output.decode(errors="replace").strip().splitlines()
            errors = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
            raise StartError("initdb failed: " + " | ".join(errors or lines[-3:]))


def _is_server_on(pid: str, data: Path) -> bool:
    try:
        process = Path("/proc") / pid
        arguments = (process / "cmdline").read_bytes().split(b"\0")
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        return False
    return state != "Z" and str(data.absolute()).encode() in arguments
