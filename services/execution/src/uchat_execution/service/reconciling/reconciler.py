"""Has every account compared with its venue: at the start, when one is needed, and again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from uchat_execution.domain.accounts import Account
from uchat_execution.domain.statements import Standing
from uchat_execution.ports.reconciling import AccountLostError
from uchat_execution.ports.store import Books
from uchat_execution.service.reconciling import metrics
from uchat_execution.service.reconciling.gate import Gate
from uchat_execution.service.reconciling.rounds import Rounds
from uchat_execution.service.recording import Recording
from uchat_execution.service.repeating import repeat, tried
from uchat_platform import logging
from uchat_platform.errors import UchatError, UnavailableError

_HOLD: Final = timedelta(seconds=30)
_TICK_S: Final = 0.5
_A_TICK: Final = 5
"""Rounds begun in a tick by itself, for each replica: of more accounts each comes less often."""
_LOOKS: Final = 5
"""Rounds begun in a tick because somebody looks."""
_AT_ONCE: Final = 4
_LIFE_EVERY_S: Final = 5.0
_AWAY_S: Final = 0.5
_PROGRESS_EVERY_S: Final = 60.0
_DOUBTS: Final = 100
_SEEN_FOR_S: Final = 10.0
_MOST_SEEN: Final = 10_000
_TOUCHES: Final = 50
_log = logging.get_logger(__name__)


@dataclass(slots=True)
class Reconciler:
    """Runs on every replica; an account is compared by one of them at a time."""

    books: Books
    rounds: Rounds
    recording: Recording
    wake: Callable[[str], None]
    gate: Gate = field(init=False)
    _urgent: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue[str], init=False)
    _asked: set[str] = field(default_factory=set[str], init=False)
    _seen: dict[str, float] = field(default_factory=dict[str, float], init=False)
    _touched: set[str] = field(default_factory=set[str], init=False)
    _looks: int = field(default=_LOOKS, init=False)
    _done: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.gate = Gate(self.soon)

    def soon(self, account: str) -> None:
        """Compare an account at once: somebody waits for it, or something was heard of it."""
        if account not in self._asked:
            self._asked.add(account)
            self._urgent.put_nowait(account)

    def seen(self, account: Account) -> None:
        """Note that somebody looks at an account: it is compared soon, and often from now on.

        However many others wait, what somebody looks at is not older than a few seconds.
        """
        now = asyncio.get_running_loop().time()
        if self._seen.get(account.account, float("-inf")) > now - _SEEN_FOR_S:
            return
        if len(self._seen) > _MOST_SEEN:
            self._seen.clear()
        self._seen[account.account] = now
        self._touched.add(account.account)
        if account.at_venue and self._looks:
            self._looks -= 1
            self.soon(account.account)

    async def run(self) -> None:
        """Compare until cancelled. What fails is tried again when the account's hold is over."""
        await self._begin()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._regularly())
            group.create_task(repeat(self._live, _LIFE_EVERY_S, "life_unknown"))
            group.create_task(repeat(self._tell, _PROGRESS_EVERY_S, "backlog_unknown"))
            for _ in range(_AT_ONCE):
                group.create_task(self._urgently())

    async def begin(self) -> None:
        """Read which life of the database this is, and let nothing older than now pass.

        After a restore, whatever waits to be sent may have been sent by what was lost: it is asked
        for at the venue first.

        Raises:
            UnavailableError: the database is away.
        """
        async with self.books.unit() as unit:
            restored = await unit.truth.life()
            now = await unit.now()
        if restored is not None:
            await self._doubt()
        self.gate.opens(now, restored)

    async def compare(self, standing: Standing) -> None:
        """Compare one account, and wake what waited for it."""
        since = self.gate.since
        if since is None:
            return
        try:
            await self.rounds.run(standing, since)
        except (UchatError, OSError, TimeoutError) as e:
            metrics.ROUNDS.labels("failed").inc()
            log = _log.error if isinstance(e, AccountLostError) else _log.warning
            log("account_not_compared", account=standing.account, error=repr(e))
        except Exception:
            metrics.ROUNDS.labels("failed").inc()
            raise
        else:
            metrics.ROUNDS.labels("done").inc()
            self._done += 1
            if standing.reconciled_at is None or standing.reconciled_at < since:
                await self._wake(standing.account)

    async def _begin(self) -> None:
        while True:
            try:
                await self.begin()
            except UnavailableError as e:
                _log.warning("waits_for_database", error=repr(e))
                await asyncio.sleep(_AWAY_S)
            else:
                return

    async def _live(self) -> None:
        async with self.books.unit() as unit:
            restored = await unit.truth.life()
        if restored != self.gate.restored:
            # Until it has begun anew, the gate does not know these books.
            _log.error("database_restored", at=restored)
            await self._begin()

    async def _doubt(self) -> None:
        while True:
            async with self.books.unit() as unit:
                waiting = [
                    await unit.orders.get(order_id)
                    for order_id in await unit.truth.doubted(_DOUBTS)
                ]
            for order in waiting:
                if order is not None:
                    await self.recording.doubted(order)
            if len(waiting) < _DOUBTS:
                return

    async def _regularly(self) -> None:
        slots = asyncio.Semaphore(_AT_ONCE)

        async def one(standing: Standing) -> None:
            async with slots:
                await self._try(standing)

        async def tick() -> None:
            self._looks = _LOOKS
            async with self.books.unit() as unit:
                # In one order everywhere, so that no two replicas wait for each other.
                for account in sorted(self._touched)[:_TOUCHES]:
                    await unit.truth.touch(account)
                    self._touched.discard(account)
                due = await unit.truth.claim_due(_A_TICK, _HOLD)
            await asyncio.gather(*(one(standing) for standing in due))

        await repeat(tick, _TICK_S, "rounds_wait")

    async def _urgently(self) -> None:
        while True:
            account = await self._urgent.get()
            self._asked.discard(account)
            await tried(self._now(account), "round_waits", account=account)

    async def _now(self, account: str) -> None:
        async with self.books.unit() as unit:
            standing = await unit.truth.claim(account, _HOLD)
        await self._try(standing)

    async def _try(self, standing: Standing) -> None:
        await tried(self.compare(standing), "account_stuck", account=standing.account)

    async def _wake(self, account: str) -> None:
        async with self.books.unit() as unit:
            for order in await unit.orders.open_of(account):
                if order.state == "ready":
                    self.wake(order.decision_id)

    async def _tell(self) -> None:
        async with self.books.unit() as unit:
            due, late_s = await unit.truth.backlog()
        metrics.DUE.set(due)
        metrics.LATE.set(late_s)
        _log.info("reconciling", rounds=self._done, due=due, late_s=round(late_s, 1))
        self._done = 0
