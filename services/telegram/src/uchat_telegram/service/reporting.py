"""Writes into the delivery ledger what became of deliveries, and finishes them only then."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from uchat_platform import logging
from uchat_platform.errors import UchatError
from uchat_telegram.ports import Ledger, Report

_BATCH: Final = 200
_PAUSE_S: Final = 1.0
_log = logging.get_logger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class Reporting(Generic[T]):
    """Reports in batches. `finish` is called with the ticket of each reported delivery."""

    ledger: Ledger
    finish: Callable[[T], Awaitable[None]]
    _waiting: list[tuple[T, Report]] = field(default_factory=list[tuple[T, Report]])
    _some: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, ticket: T, report: Report) -> None:
        """Report a delivery soon."""
        self._waiting.append((ticket, report))
        self._some.set()

    def tickets(self) -> list[T]:
        """Return the tickets of what is not reported yet."""
        return [ticket for ticket, _ in self._waiting]

    async def run(self) -> None:
        """Report until cancelled."""
        while True:
            await self._some.wait()
            batch = self._waiting[:_BATCH]
            try:
                await self.ledger.report([report for _, report in batch])
            except UchatError as e:
                _log.warning("report_waits", code=e.code, waiting=len(self._waiting))
                await asyncio.sleep(_PAUSE_S)
                continue
            del self._waiting[: len(batch)]
            if not self._waiting:
                self._some.clear()
            for ticket, _ in batch:
                await self.finish(ticket)
