"""What the database holds after a run, read as a person reads it, and how cursors moved in it."""

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from tests.load.sender import Sender
from tests.support.ledger import Row

SAMPLE_S = 0.2
STORED = "SELECT log, array_agg(seq ORDER BY seq) FROM sessions.entry GROUP BY log"
CURSORS = "SELECT partition, stream, last FROM sessions.cursor"


def row(entry: dict[str, Any]) -> Row:
    """Return the part of a log entry that the checker judges."""
    data = entry["data"]
    if entry["type"] != "message":
        return Row(entry["seq"], entry["type"])
    return Row(
        seq=entry["seq"],
        kind="message",
        role=data["role"],
        message_id=data["message_id"],
        cid=data.get("client_msg_id") or "",
        answers=data.get("answers") or "",
        text="".join(part.get("text") or "" for part in data["parts"]),
    )


async def read_truth(senders: list[Sender], lanes: int = 4) -> dict[str, list[Row]]:
    """Return each sender's whole log through the history route, in the order of the pages."""
    gate = asyncio.Semaphore(lanes)

    async def read(sender: Sender) -> tuple[str, list[Row]]:
        async with gate:
            return sender.log, [row(entry) for entry in await sender.api.history(sender.log)]

    return dict(await asyncio.gather(*(read(sender) for sender in senders)))


async def read_stored(dsn: str) -> dict[str, list[int]]:
    """Return every seq of every log as the table of entries itself holds it."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(STORED)
    finally:
        await connection.close()
    return {log: list(numbers) for log, numbers in rows}


@dataclass(slots=True)
class CursorWatch:
    """Samples the cursors of all partitions while a run lasts."""

    dsn: str
    readings: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    async def run(self) -> None:
        """Sample until cancelled; a database that is away is asked again."""
        while True:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection = await asyncpg.connect(self.dsn)
                try:
                    await self._sample(connection)
                finally:
                    await connection.close(timeout=1)
            await asyncio.sleep(SAMPLE_S)

    async def _sample(self, connection: asyncpg.Connection) -> None:
        while True:
            for partition, stream, last in await connection.fetch(CURSORS):
                readings = self.readings[f"{partition} of {stream}"]
                if not readings or readings[-1] != last:
                    readings.append(last)
            await asyncio.sleep(SAMPLE_S)
