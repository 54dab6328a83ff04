"""The launcher's settings: where the data lies and which port the product has."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

DEFAULT_PORT: Final = 8000
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
    environment: Mapping[str, str] = field(repr=False)

    @property
    def host(self) -> str:
        """How programs on this machine reach what listens on `bind`."""
        return "127.0.0.1" if self.bind in ("0.0.0.0", "") else self.bind  # noqa: S104 - a name, not a bind

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "StackSettings":
        """Read UCHAT_DATA_DIR, UCHAT_PORT, UCHAT_BIND and UCHAT_WEB_DIR.

        Raises:
            SettingsError: the port is no port.
        """
        if environment is None:
            environment = dict(os.environ)  # noqa: TID251 - this is the settings class
        return cls(
            data_dir=Path(environment.get("UCHAT_DATA_DIR") or ".uchat").absolute(),
            port=_port(environment.get("UCHAT_PORT") or str(DEFAULT_PORT)),
            bind=environment.get("UCHAT_BIND") or "127.0.0.1",
            web_dir=Path(environment.get("UCHAT_WEB_DIR") or "web/dist").absolute(),
            environment=environment,
        )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise SettingsError(f"UCHAT_PORT: expected a port between 1 and 65535, found {text!r}")
    return int(text)


def python() -> str:
    """Return the interpreter that runs every service: the one that runs this."""
    return sys.executable
