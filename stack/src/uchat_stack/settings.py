"""The launcher's settings: where the data lies and which port the product has."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

DEFAULT_PORT: Final = 8000
DEFAULT_TGSIM_PORT: Final = 8001
HIGHEST_PORT: Final = 65_535


class SettingsError(Exception):
    """A setting that cannot be meant; one line for the person who gave it."""


@dataclass(frozen=True, slots=True)
class StackSettings:
    """What `uchat` reads from the environment. `environment` is the whole of it, to pass on.

    A plain class: the supervisor lives as long as the product, so it loads nothing large.
    """

    data_dir: Path
    port: int
    bind: str
    web_dir: Path
    tgsim_port: int
    environment: Mapping[str, str] = field(repr=False)

    @property
    def host(self) -> str:
        """How programs on this machine reach what listens on `bind`."""
        return "127.0.0.1" if self.bind in ("0.0.0.0", "") else self.bind  # noqa: S104 - a name, not a bind

    @property
    def public_url(self) -> str:
        """Where people reach the web app: UCHAT_PUBLIC_URL, or this machine."""
        given = self.environment.get("UCHAT_PUBLIC_URL", "").rstrip("/")
        return given or f"http://{self.host}:{self.port}"

    @property
    def own_bot(self) -> bool:
        """Whether the user has a bot at Telegram: then nothing simulates it."""
        return bool(self.environment.get("UCHAT_TELEGRAM_TOKEN"))

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "StackSettings":
        """Read UCHAT_DATA_DIR, UCHAT_PORT, UCHAT_BIND, UCHAT_WEB_DIR and UCHAT_TGSIM_PORT.

        Raises:
            SettingsError: a port is no port.
        """
        if environment is None:
            environment = dict(os.environ)  # noqa: TID251 - this is the settings class
        return cls(
            data_dir=Path(environment.get("UCHAT_DATA_DIR") or ".uchat").absolute(),
            port=_port("UCHAT_PORT", environment, DEFAULT_PORT),
            bind=environment.get("UCHAT_BIND") or "127.0.0.1",
            web_dir=Path(environment.get("UCHAT_WEB_DIR") or "web/dist").absolute(),
            tgsim_port=_port("UCHAT_TGSIM_PORT", environment, DEFAULT_TGSIM_PORT),
            environment=environment,
        )


def _port(name: str, environment: Mapping[str, str], default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise SettingsError(f"{name}: expected a port between 1 and 65535, found {text!r}")
    return int(text)


def python() -> str:
    """Return the interpreter that runs every service: the one that runs this."""
    return sys.executable
