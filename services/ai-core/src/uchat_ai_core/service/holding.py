"""A lease while it is held: how fresh it is, and which task stops when it is lost."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from uchat_ai_core.ports import Lease, Leases
from uchat_platform import logging
from uchat_platform.errors import UnavailableError

LIFE_S: Final = 3.0
_MARGIN_S: Final = 0.3
_RETRY_S: Final = 0.3
_log = logging.get_logger(__name__)

Reason = Literal["lost", "interrupted", "stopped"]


class LeaseLostError(Exception):
    """Another owner answers this conversation now."""


@dataclass(slots=True)
class Held:
    """A lease that this process believes to hold.

    `renewed_at` (seconds of `monotonic`) is when the latest renewal was asked for: a process that
    was stopped for longer than a lease lasts sees by it that it must ask before it speaks.
    """

    lease: Lease
    leases: Leases
    renewed_at: float
    monotonic: Callable[[], float] = time.monotonic
    lost: bool = False
    stopped_by: Reason | None = field(default=None, init=False)
    _task: "asyncio.Task[object] | None" = field(default=None, init=False)

    @property
    def is_fresh(self) -> bool:
        """Tell whether the lease holds without asking."""
        return not self.lost and self.monotonic() - self.renewed_at < LIFE_S - _MARGIN_S

    def works_in(self, task: "asyncio.Task[object] | None") -> None:
        """Name the task that a stop cancels; None: nothing to stop."""
        self._task = task
        self.stopped_by = None

    def stop(self, reason: Reason) -> bool:
        """Stop what runs under the lease; false if nothing runs or it is stopping already."""
        if reason == "lost":
            self.lost = True
        if self._task is None or self.stopped_by is not None:
            return False
        self.stopped_by = reason
        self._task.cancel()
        return True

    def renewed(self, lease: Lease, asked_at: float, *, holds: bool) -> None:
        """Take what became of a prolongation; if the lease is lost everything is stopped."""
        if self.lease is not lease:
            return  # taken again meanwhile, with a higher epoch
        if holds:
            self.renewed_at = asked_at
        else:
            self.stop("lost")

    async def assure(self) -> None:
        """Return once the lease surely holds, however long the database is away.

        Raises:
            LeaseLostError: it does not.
        """
        while not self.is_fresh:
            if self.lost:
                raise LeaseLostError(self.lease.log)
            try:
                await renew([self], self.leases)
            except UnavailableError as e:
                _log.warning("lease_unsure", session_id=self.lease.log, code=e.code)
                await asyncio.sleep(_RETRY_S)

    async def raise_epoch(self) -> int:
        """Take the lease again, with a higher epoch, for a fresh start of the answer.

        Raises:
            LeaseLostError: somebody else has it.
        """
        while True:
            asked_at = self.monotonic()
            try:
                lease = await self.leases.take(self.lease.log)
            except UnavailableError as e:
                _log.warning("lease_unsure", session_id=self.lease.log, code=e.code)
                await asyncio.sleep(_RETRY_S)
                continue
            if lease is None:
                self.lost = True
                raise LeaseLostError(self.lease.log)
            self.lease, self.renewed_at = lease, asked_at
            return lease.epoch


async def renew(held: Sequence[Held], leases: Leases) -> None:
    """Ask once for the prolongation of all of them; those that are lost are stopped.

    Raises:
        UnavailableError: nobody knows for now.
    """
    asked = [(each, each.lease, each.monotonic()) for each in held]
    kept = await leases.renew([lease for _, lease, _ in asked])
    for each, lease, asked_at in asked:
        each.renewed(lease, asked_at, holds=lease in kept)
