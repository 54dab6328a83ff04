"""The journal: what was accepted is on disk before it is matched and before anybody is told of it.

SQLite with a write-ahead log and `synchronous=FULL`, so that a commit is an fsync. Changes are
recorded at once and written by one writer, many in one commit; `settled` waits for them, and what
the user stream tells goes out after them. After a kill everything that was ever answered is there.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from uchat_sim_exchange import account_rows, rows, schema
from uchat_sim_exchange.domain.accounts import Account, Key
from uchat_sim_exchange.domain.orders import Order
from uchat_sim_exchange.domain.reports import Report
from uchat_sim_exchange.rows import Statement

_FILE: Final = "journal.sqlite3"


@dataclass(slots=True)
class Restored:
    """What the journal held at the start: accounts, keys, open orders, the last numbers given."""

    accounts: dict[str, Account]
    keys: dict[str, Key]
    open_orders: list[Order]
    last_order: int
    last_trade: int
    last_movement: int
    last_rejection: int


def _tell_nobody(_reports: Sequence[Report]) -> None:
    pass


@dataclass(slots=True)
class Journal:
    """Everything for good, from one event loop. `publish` gets reports once they are on disk."""

    writer: sqlite3.Connection
    reader: sqlite3.Connection
    publish: Callable[[Sequence[Report]], None] = _tell_nobody
    _pending: list[Statement] = field(default_factory=list[Statement])
    _reports: list[Report] = field(default_factory=list[Report])
    _waiting: list[asyncio.Future[None]] = field(default_factory=list[asyncio.Future[None]])
    _writing: bool = False
    _finished: bool = False
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Open or make the journal in a directory that is made if it is not there."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = directory / _FILE
        path.touch(mode=0o600)
        writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA synchronous=FULL")
        schema.prepare(writer)
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("PRAGMA query_only=ON")
        return cls(writer, reader)

    def restore(self) -> Restored:
        """Return where the exchange stood when it stopped, however it stopped."""
        numbers = self.reader.execute(schema.LAST_IDS).fetchone()
        return Restored(
            account_rows.accounts(self.reader),
            account_rows.keys(self.reader),
            rows.open_orders(self.reader),
            *numbers,
        )

    def source(self) -> str | None:
        """Return where prices came from when it was last open; None: it is new, or older."""
        row = self.reader.execute("SELECT name FROM market_source").fetchone()
        return row[0] if row else None

    def note_source(self, name: str) -> None:
        """Note where prices come from, at once: before anything is traded at them."""
        self.writer.execute(
            "INSERT INTO market_source VALUES (1, ?)"
            " ON CONFLICT DO UPDATE SET name = excluded.name",
            (name,),
        )

    def record(self, statements: Sequence[Statement], reports: Sequence[Report] = ()) -> None:
        """Take down a change, and what is told of it afterwards."""
        self._pending += statements
        self._reports += reports
        self._wake.set()

    async def settled(self) -> None:
        """Wait until all that is recorded is on disk."""
        if self._pending or self._writing:
            future = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future

    async def run(self) -> None:
        """Write until `finish`.

        Raises:
            sqlite3.Error: the disk refuses. Memory is ahead of it then: the process must end.
        """
        while not self._finished:
            await self._wake.wait()
            self._wake.clear()
            await self._write_all()

    def finish(self) -> None:
        """Let `run` return after it has written what is recorded by now."""
        self._finished = True
        self._wake.set()

    def close(self) -> None:
        """Close the files."""
        self.reader.close()
        self.writer.close()

    async def _write_all(self) -> None:
        while self._pending:
            batch, self._pending = self._pending, []
            reports, self._reports = self._reports, []
            waiting, self._waiting = self._waiting, []
            self._writing = True
            try:
                await asyncio.to_thread(self._commit, batch)
            finally:
                self._writing = False
            self.publish(reports)
            self._release(waiting)
        self._release(self._waiting)
        self._waiting = []

    def _commit(self, batch: list[Statement]) -> None:
        with closing(self.writer.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            for sql, values in batch:
                cursor.execute(sql, values)
            cursor.execute("COMMIT")

    @staticmethod
    def _release(waiting: list[asyncio.Future[None]]) -> None:
        for future in waiting:
            if not future.done():
                future.set_result(None)
