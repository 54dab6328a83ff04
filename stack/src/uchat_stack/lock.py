"""One `uchat up` per data directory; the lock ends with the process, so it is never stale."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class InUseError(Exception):
    """Another `uchat up` holds the data directory."""


@contextmanager
def held(path: Path) -> Generator[None]:
    """Hold the lock file.

    A file left behind by a killed run holds nothing: the kernel drops the lock with the process.

    Raises:
        InUseError: another process holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = file.read().strip() or "unknown"
            raise InUseError(
                f"{path.parent.parent} is in use by another `uchat up` (pid {pid})"
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
