"""Carries approved decisions out: claim, send once, record. Woken at once, swept by others."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from uchat_contracts.trading import Reason
from uchat_execution.domain.orders import RESTING, NewOrder, Order
from uchat_execution.ports import (
    AccountUnknownError,
    NotPlacedError,
    OutcomeUnknownError,
    RejectedByVenueError,
    Venue,
)
from uchat_execution.service.claiming import Claiming
from uchat_execution.service.guards import ALL, Guards
from uchat_execution.service.recording import Recording
from uchat_platform import logging
from uchat_platform.errors import UchatError

_WORKERS: Final = 16
_RETRY: Final = timedelta(milliseconds=500)
_log = logging.get_logger(__name__)


def _nobody(_account: str) -> None:
    """Nobody follows accounts."""


@dataclass(slots=True)
class Executor:
    """Works on decisions, several at a time and each by one worker at a time.

    `resting` is told of accounts whose order has begun to rest at the venue, `unknown` of those
    that a paper exchange does not know any more.
    """

    claiming: Claiming
    recording: Recording
    venue: Venue
    guards: Guards = ALL
    resting: Callable[[str], None] = _nobody
    unknown: Callable[[str], None] = _nobody
    _queue: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue[str])
    _waiting: set[str] = field(default_factory=set[str])
    _working: set[str] = field(default_factory=set[str])
    _again: set[str] = field(default_factory=set[str])

    def wake(self, decision_id: str) -> None:
        """Work on a decision as soon as a worker is free."""
        if decision_id not in self._waiting:
            self._waiting.add(decision_id)
            self._queue.put_nowait(decision_id)

    async def run(self) -> None:
        """Work until cancelled. What is left half done, a sweeper takes up."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_WORKERS):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            decision_id = await self._queue.get()
            self._waiting.discard(decision_id)
            if decision_id in self._working:
                self._again.add(decision_id)
                continue
            self._working.add(decision_id)
            try:
                await self.advance(decision_id)
            except (UchatError, OSError, TimeoutError) as e:
                # The intent is in the books: the sweeper comes by.
                _log.warning("execution_waits", decision=decision_id, error=repr(e))
            except Exception:  # noqa: BLE001 - one that trips over a bug must not stop the others
                _log.exception("execution_failed", decision=decision_id)
            finally:
                self._working.discard(decision_id)
                if decision_id in self._again:
                    self._again.discard(decision_id)
                    self.wake(decision_id)

    async def advance(self, decision_id: str) -> None:
        """Claim and send whatever of a decision can be sent now.

        Raises:
            UnavailableError: the database is away; nothing is lost, the sweeper goes on with it.
        """
        while True:
            # Measured before the claim: this clock's deadline is never later than the database's.
            started = asyncio.get_running_loop().time()
            order = await self.claiming.next(decision_id)
            if order is None:
                return
            await self._send(order, started)

    async def _send(self, order: Order, started: float) -> None:
        if order.sign_ts is None or order.deadline is None:
            return
        window = order.deadline - order.sign_ts
        late = asyncio.get_running_loop().time() - started >= window.total_seconds()
        if late and self.guards.signing:
            _log.warning("claim_too_old", order=order.order_id)
            return
        message = NewOrder(
            ref=order.ref,
            side=order.side,
            type=order.placed_as,
            quantity=order.quantity,
            limit_price=order.limit_price,
            signed_at=order.sign_ts if self.guards.signing else datetime.now(UTC),
            window_ms=int(window / timedelta(milliseconds=1)),
            trigger_price=None if order.kept_here else order.trigger_price,
            time_in_force=order.time_in_force,
            post_only=order.post_only,
        )
        try:
            found = await self.venue.place(message)
        except RejectedByVenueError as e:
            await self.recording.rejected(order, Reason(code=e.code, text=e.detail))
        except NotPlacedError as e:
            if isinstance(e, AccountUnknownError):
                self.unknown(order.account)
            wait = timedelta(seconds=e.retry_after_s) if e.retry_after_s else _RETRY
            why = Reason(code=e.code, text=f"{e.detail}; nothing was ordered.")
            await self.recording.not_placed(order, again_after=wait, source="venue", reason=why)
        except (OutcomeUnknownError, UchatError, OSError, TimeoutError) as e:
            _log.warning("outcome_unknown", order=order.order_id, error=repr(e))
            await self.recording.unknown(order)
        else:
            told = await self.recording.venue_says(order, found, "venue")
            if told is not None and told.state in RESTING:
                self.resting(order.account)
