"""What the commands beside a running product need of it."""

import json
from pathlib import Path
from typing import cast

from uchat_platform.embedded import dsn
from uchat_stack.layout import Layout, NotRunningError
from uchat_stack.secrets import OWNER
from uchat_stack.settings import StackSettings


def layout() -> Layout:
    """Return where the product of UCHAT_DATA_DIR keeps its things."""
    return Layout(StackSettings.read().data_dir)


def endpoint(of: Layout, name: str) -> str:
    """Return one address of the running product.

    Raises:
        NotRunningError: nothing runs on the data directory.
    """
    return cast("str", of.read_endpoints()[name])


def addresses(of: Layout, name: str) -> list[str]:
    """Return where the replicas of a service answer gRPC.

    Raises:
        NotRunningError: nothing runs on the data directory.
    """
    return cast("list[str]", of.read_endpoints()[name])


def service_dsn(of: Layout, schema: str) -> str:
    """Return with which address a service reaches its own schema.

    Raises:
        NotRunningError: nothing runs on the data directory.
    """
    return dsn.service_dsn(endpoint(of, "postgres"), schema, passwords(of)[schema])


def passwords(of: Layout) -> dict[str, str]:
    """Return the passwords of the services' roles.

    Raises:
        NotRunningError: the data directory was never used.
    """
    if not of.passwords.exists():
        raise NotRunningError(f"{of.data} was never used: start it by `make up`")
    held = cast("dict[str, str]", json.loads(of.passwords.read_text()))
    return {name: password for name, password in held.items() if name != OWNER}


def existing(path: Path) -> Path:
    """Return a file of the data directory.

    Raises:
        NotRunningError: it is not there.
    """
    if not path.exists():
        raise NotRunningError(f"{path} is missing: was `make up` ever run here?")
    return path
