"""Publishes the outbox: right after the commit, in order for each thing; a relay for the rest.

Whoever publishes holds the rows of that thing until the bus has acknowledged them, so that two
replicas cannot overtake each other.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from uchat_contracts.trading import Card, KillSwitch, Portfolio
from uchat_execution.ports.store import Told
from uchat_execution.service.telling import messages
from uchat_platform import logging, telemetry
from uchat_platform.bus import Bus
from uchat_platform.db import LOST
from uchat_platform.errors import UchatError

if TYPE_CHECKING:
    from uchat_execution.service.telling import Message

PortfolioOf = Callable[[str], Awaitable[tuple[str, Portfolio]]]
"""Return the owner and the portfolio of an account."""
SwitchesOf = Callable[[str], AsyncIterator[list[KillSwitch]]]
"""Return, by pages, what the stop switch of a scope comes to for each person it concerns."""
CopiesOf = Callable[[Card], Awaitable[list[tuple[str, Card]]]]
"""Return the other people who are told of a decision that needs two, each with their copy."""

_PUBLISHERS: Final = 8
_EVERY_S: Final = 1.0
_LIMIT: Final = 200
_ROWS: Final = """
SELECT about, rev, what, person, session_id, body, trace,
    what = 'decision' AND ((body->>'approvals_needed')::integer > 1 OR EXISTS (
        SELECT FROM decision_asked WHERE decision_id = body->>'decision_id')) AS shared
FROM outbox WHERE about = $1
ORDER BY rev FOR UPDATE
"""
_DELETE: Final = "DELETE FROM outbox WHERE about = $1 AND rev <= $2"
_OLD: Final = """
SELECT DISTINCT about FROM outbox WHERE created_at < clock_timestamp() - interval '2 seconds'
LIMIT $1
"""
_log = logging.get_logger(__name__)


@dataclass(slots=True)
class OutboxAnnouncer:
    """Publishes what was told."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    bus: Bus
    portfolio_of: PortfolioOf
    switches_of: SwitchesOf
    copies_of: CopiesOf
    _queue: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue[str])
    _waiting: set[str] = field(default_factory=set[str])

    def tell(self, abouts: Sequence[str]) -> None:
        """Publish what was just committed about these."""
        for about in abouts:
            if about not in self._waiting:
                self._waiting.add(about)
                self._queue.put_nowait(about)

    async def run(self) -> None:
        """Publish until cancelled; what is left, the next process publishes."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._relay())
            for _ in range(_PUBLISHERS):
                group.create_task(self._publish())

    async def announce(self, about: str) -> int:
        """Publish everything that waits about one thing, oldest first; returns how much it was.

        Raises:
            UnavailableError: the bus or the database is away; everything stays.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            rows = [_told(row) for row in await connection.fetch(_ROWS, about)]
            if not rows:
                return 0
            newest = rows[-1].rev
            async for told in self._whole(rows):
                await self._send(told)
            await connection.execute(_DELETE, about, newest)
            return len(rows)

    async def _whole(self, rows: list[Told]) -> AsyncIterator[Told]:
        newest = rows[-1]
        what, _, about = newest.about.partition(":")
        # Of what somebody owns, and of stop switches, only the present state matters.
        if newest.what == "portfolio":
            person, shown = await self.portfolio_of(about)
            yield Told(newest.about, newest.rev, "portfolio", person, None, shown.json_bytes())
        elif newest.what == "kill_switch":
            async for page in self.switches_of(about):
                for switch in page:
                    person, body = switch.user_id, switch.json_bytes()
                    yield Told(f"{what}:{person}", switch.rev, "kill_switch", person, None, body)
        else:
            for told in rows:
                yield told
                if told.shared:
                    card = Card.model_validate_json(told.body)
                    for person, seen in await self.copies_of(card):
                        yield replace(told, what="asked", person=person, body=seen.json_bytes())

    async def _send(self, told: Told) -> None:
        carrier = {"traceparent": told.trace} if told.trace else {}
        with telemetry.span("announce", context=telemetry.extract(carrier)):
            # Started in order, they leave in order.
            await asyncio.gather(
                *(self._put(message) for message in messages(told, datetime.now(UTC)))
            )

    async def _put(self, message: "Message") -> None:
        await self.bus.publish(
            message.subject, message.payload, stream=message.stream, msg_id=message.msg_id
        )

    async def _publish(self) -> None:
        while True:
            about = await self._queue.get()
            self._waiting.discard(about)
            await self._try(about)

    async def _relay(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                old = await self.pool.fetch(_OLD, _LIMIT)
            except (asyncpg.PostgresError, *LOST) as e:
                _log.warning("outbox_waits", error=repr(e))
                continue
            self.tell([row["about"] for row in old])

    async def _try(self, about: str) -> None:
        try:
            await self.announce(about)
        except (UchatError, asyncpg.PostgresError, *LOST) as e:
            # The rows stay: the relay comes by for them.
            _log.warning("outbox_waits", about=about, error=repr(e))
        except Exception:  # noqa: BLE001 - one that cannot be told must not silence the others
            _log.exception("outbox_stuck", about=about)


def _told(row: Any) -> Told:
    fields = {**dict(row), "body": row["body"].encode(), "shared": bool(row["shared"])}
    return Told(**fields)
