"""Work that goes on as long as the process does: what fails of it stops nothing else."""

import asyncio
from collections.abc import Awaitable, Callable

from uchat_platform import logging
from uchat_platform.errors import UchatError

_log = logging.get_logger(__name__)


async def repeat(work: Callable[[], Awaitable[object]], every_s: float, waits: str) -> None:
    """Do something again and again until cancelled, with a pause after each time.

    `waits` is what the log says of a time that failed.
    """
    while True:
        await tried(work(), waits)
        await asyncio.sleep(every_s)


async def tried(work: Awaitable[object], waits: str, **about: object) -> bool:
    """Wait for the work; False: it failed, and the log says why.

    What passes by itself is a warning, anything else an error with its traceback. One that trips
    over a bug must not end the process: everybody's orders are in it.
    """
    try:
        await work
    except (UchatError, OSError, TimeoutError) as e:
        _log.warning(waits, error=repr(e), **about)
    except Exception:  # noqa: BLE001 - see above
        _log.exception(waits, **about)
    else:
        return True
    return False
