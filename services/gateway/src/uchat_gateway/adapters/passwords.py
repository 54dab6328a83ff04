"""argon2id in threads of its own: a hash takes tens of milliseconds of one processor."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from uchat_platform.errors import UnavailableError

_T = TypeVar("_T")
_MAX_WAITING: Final = 64


class Argon2Passwords:
    """Hashes with argon2id at m=19 MiB, t=2, p=1 (OWASP Password Storage Cheat Sheet).

    `workers` bounds memory and processor time; more than 64 waiting are sent away.
    """

    def __init__(self, workers: int) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._waiting = 0
        # Somebody who does not exist costs as much as somebody who does.
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Return a hash with its salt and parameters.

        Raises:
            UnavailableError: `sign_in_busy`, too many are waiting.
        """
        return await self._run(partial(self._hasher.hash, password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password is right, in the same time when there is no hash at all.

        Raises:
            UnavailableError: `sign_in_busy`, too many are waiting.
        """
        right = await self._run(partial(self._matches, password_hash or self._nobody, password))
        return right and password_hash is not None

    def close(self) -> None:
        """Stop the threads; what is being hashed is finished."""
        self._threads.shutdown()

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._waiting >= _MAX_WAITING:
            raise UnavailableError("Too many sign-ins at once; try again", code="sign_in_busy")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
