"""Where everything lies below the data directory."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

# Others may pass through (Postgres may have to run as nobody) but not look; each part is private.
DATA_MODE: Final = 0o711
PRIVATE_DIR: Final = 0o700
PRIVATE_FILE: Final = 0o600


class NotRunningError(Exception):
    """There is no running product on the data directory."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one installation."""

    data: Path

    @property
    def run(self) -> Path:
        """What lives as long as one run: lock, endpoints, configurations."""
        return self.data / "run"

    @property
    def keys(self) -> Path:
        """Every secret, each in a file that only its owner may read."""
        return self.data / "keys"

    @property
    def logs(self) -> Path:
        """One log per process."""
        return self.data / "logs"

    @property
    def postgres(self) -> Path:
        """The database cluster."""
        return self.data / "postgres"

    @property
    def jetstream(self) -> Path:
        """The streams, enciphered."""
        return self.data / "jetstream"

    @property
    def endpoints(self) -> Path:
        """Where everything can be reached while the product runs."""
        return self.run / "endpoints.json"

    @property
    def lock(self) -> Path:
        """Held by the one `uchat up` of this data directory."""
        return self.run / "lock"

    def log(self, name: str) -> Path:
        """Return the log of a process."""
        return self.logs / f"{name}.log"

    def seed(self, service: str) -> Path:
        """Return the nkey seed of a service."""
        return self.keys / f"{service}.nk"

    @property
    def service_keys(self) -> Path:
        """The public keys of all services: JSON {service: nkey}."""
        return self.keys / "service_keys.json"

    @property
    def kek(self) -> Path:
        """The key-encryption key: 32 bytes as base64."""
        return self.keys / "kek"

    @property
    def kek_acknowledged(self) -> Path:
        """Exists once a person has said that the key-encryption key is backed up."""
        return self.keys / "kek.backed-up"

    @property
    def jwt_keys(self) -> Path:
        """The JWK set that signs access tokens."""
        return self.keys / "jwt.json"

    @property
    def exchange(self) -> Path:
        """The simulated exchange's journal."""
        return self.data / "exchange"

    @property
    def paper_secret(self) -> Path:
        """What the keys of paper accounts are derived from: 32 bytes as base64."""
        return self.keys / "paper"

    @property
    def mandate_key(self) -> Path:
        """What mandates are signed with: 32 bytes as base64."""
        return self.keys / "mandate"

    @property
    def venue_key(self) -> Path:
        """What people's keys of live exchanges are sealed under: 32 bytes as base64."""
        return self.keys / "venues"

    @property
    def passwords(self) -> Path:
        """The passwords of Postgres' roles and of Valkey, and JetStream's key: JSON."""
        return self.keys / "passwords.json"

    def create(self) -> None:
        """Make the directories that are missing."""
        self.data.mkdir(parents=True, exist_ok=True, mode=DATA_MODE)
        for directory in (self.run, self.keys, self.logs, self.exchange):
            directory.mkdir(exist_ok=True, mode=PRIVATE_DIR)

    def read_endpoints(self) -> dict[str, object]:
        """Return the endpoints of the running product.

        Raises:
            NotRunningError: none runs on this data directory.
        """
        try:
            return cast("dict[str, object]", json.loads(self.endpoints.read_text()))
        except (FileNotFoundError, NotADirectoryError):
            raise NotRunningError(f"nothing runs on {self.data}: start it by `make up`") from None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Write a private JSON file, whole or not at all."""
    write_private(path, json.dumps(value, indent=2) + "\n")
