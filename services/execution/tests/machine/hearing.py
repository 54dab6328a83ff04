"""What an internal subscriber hears of decisions and orders, by the bus."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import nats

from uchat_execution.app import App
from uchat_platform.db import LOST
from uchat_platform.testing import Servers, eventually

_WAITING = "SELECT DISTINCT about FROM execution.outbox"
_EVENTS = """
SELECT order_id AS about, rev FROM execution.order_event
UNION ALL SELECT decision_id, rev FROM execution.decision_event WHERE state <> 'proposed'
"""


@dataclass
class Heard:
    """Events by what they are about, and which one of it."""

    events: set[tuple[str, int]] = field(default_factory=set)

    async def all_of(self, owner: Any) -> None:
        """Wait until everything that happened was heard, and nothing waits to be told.

        Raises:
            AssertionError: something was not.
        """
        happened = {(row["about"], row["rev"]) for row in await owner.fetch(_EVENTS)}
        try:
            await eventually(lambda: happened <= self.events)
        except AssertionError:
            unheard = sorted(happened - self.events)
            raise AssertionError(f"Never told of {unheard}") from None
        assert not await owner.fetch(_WAITING)


async def announce(app: App) -> None:
    """Publish all that waits, as the relay does; what it cannot do now, it leaves."""
    with suppress(asyncpg.PostgresError, *LOST):
        for row in await app.announcer.pool.fetch(_WAITING):
            await app.announcer.announce(row["about"])


@asynccontextmanager
async def hearing(servers: Servers) -> AsyncIterator[Heard]:
    """Listen while the block runs."""
    heard = Heard()
    connection = await nats.connect(
        servers.nats_url,
        nkeys_seed=str(servers.seeds["subscriber"]),
        inbox_prefix=b"_INBOX_subscriber",
    )

    async def take(message: Any) -> None:
        event = json.loads(message.data)
        if "rev" in event:
            heard.events.add((event.get("order_id") or event["decision_id"], event["rev"]))

    for subject in ("uchat.order.v1.>", "uchat.decision.v1.>"):
        await connection.subscribe(subject, cb=take)
    await connection.flush()
    try:
        yield heard
    finally:
        await connection.close()
