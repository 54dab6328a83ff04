"""What models took of whom, in Postgres: the budgets of a day, and what there is to look up."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from uchat_ai_core.ports import Spent
from uchat_platform import logging
from uchat_platform.clock import Clock

if TYPE_CHECKING:
    from datetime import date

_SAVE_EVERY_S: Final = 1.0
_FRESH_S: Final = 30.0
_KEPT_DAYS: Final = 90
_MOST_KNOWN: Final = 20_000
_AWAY: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)
_ALL: Final = ""
_SAVE: Final = """
INSERT INTO model_usage AS u
    (day, person, model, answers, requests, input_tokens, output_tokens, cost)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (day, person, model) DO UPDATE SET
    answers = u.answers + excluded.answers,
    requests = u.requests + excluded.requests,
    input_tokens = u.input_tokens + excluded.input_tokens,
    output_tokens = u.output_tokens + excluded.output_tokens,
    cost = u.cost + excluded.cost
"""
_READ: Final = """
SELECT person, sum(input_tokens + output_tokens)::bigint, sum(cost)
FROM model_usage WHERE day = $1 AND person = ANY($2::text[]) GROUP BY person
UNION ALL
SELECT '', sum(input_tokens + output_tokens)::bigint, sum(cost)
FROM model_usage WHERE day = $1 AND '' = ANY($2::text[]) HAVING count(*) > 0
"""
_SHOW: Final = """
SELECT day, model, CASE WHEN $4 THEN person ELSE '(all)' END AS who, sum(answers)::bigint,
       sum(requests)::bigint, sum(input_tokens)::bigint, sum(output_tokens)::bigint,
       round(sum(cost), 6)
FROM model_usage
WHERE day > $1::date - $2::int AND ($3 = '' OR person = $3)
GROUP BY 1, 2, 3 ORDER BY 1 DESC, 8 DESC, 7 DESC, 2, 3 LIMIT 1000
"""
_FORGET: Final = "DELETE FROM model_usage WHERE day < $1::date - $2::int"
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Most tokens and US dollars of a day (UTC); 0: any number."""

    person_tokens: int = 0
    person_cost: Decimal = Decimal(0)
    all_cost: Decimal = Decimal(0)


@dataclass(slots=True)
class _Taken:
    """What was taken today by a person, or by all; read at `at` (seconds of the loop's clock)."""

    at: float
    tokens: int
    cost: Decimal


class PostgresBudget:
    """Counts in memory, saves once a second, and reads again what other replicas may have added.

    Only the first answer of a person waits for the database, and all who wait are read together.
    Several replicas may overdraw an allowance by what they give in half a minute. While the
    database is away, what is known in memory counts. `run` must be running.
    """

    def __init__(
        self, dsn: str, allowance: Allowance, clock: Clock, *, fresh_s: float = _FRESH_S
    ) -> None:
        self._dsn = dsn
        self._allowance = allowance
        self._clock = clock
        self._fresh_s = fresh_s
        self._today = clock.now().date()
        self._taken: dict[str, _Taken] = {}
        self._wanted: set[str] = set()
        self._unsaved: dict[tuple[date, str, str], list[Any]] = {}
        self._connection: asyncpg.Connection[Any] | None = None
        self._lock = asyncio.Lock()

    async def allows(self, person: str) -> bool:
        """Tell whether something is left of all allowances that count for a person."""
        most = self._allowance
        if most.person_tokens or most.person_cost:
            taken = await self._of(person)
            if 0 < most.person_tokens <= taken.tokens or 0 < most.person_cost <= taken.cost:
                return False
        return not most.all_cost or (await self._of(_ALL)).cost < most.all_cost

    def note(self, spent: Spent) -> None:
        """Count what was taken; it is saved within a second."""
        tokens = spent.input_tokens + spent.output_tokens
        for who in (spent.person, _ALL):
            taken = self._taken.get(who)
            if taken is not None:
                taken.tokens += tokens
                taken.cost += spent.cost
        row = self._unsaved.setdefault(
            (self._clock.now().date(), spent.person, spent.model), [0, 0, 0, 0, Decimal(0)]
        )
        added = (1, spent.requests, spent.input_tokens, spent.output_tokens, spent.cost)
        row[:] = [old + new for old, new in zip(row, added, strict=True)]

    async def run(self) -> None:
        """Save what is counted, until cancelled; then the rest."""
        try:
            while True:
                await asyncio.sleep(_SAVE_EVERY_S)
                await self._with(self._save)
                if self._wanted:
                    await self._with(self._read)
        finally:
            await self._with(self._save)
            if self._connection is not None:
                self._connection.terminate()

    async def _of(self, who: str) -> _Taken:
        now, today = asyncio.get_running_loop().time(), self._clock.now().date()
        if today != self._today or len(self._taken) > _MOST_KNOWN:
            self._today = today
            self._taken.clear()
        taken = self._taken.get(who)
        if taken is None:
            self._wanted.add(who)
            await self._with(self._read)
            return self._taken.setdefault(who, _Taken(now, 0, Decimal(0)))
        if now - taken.at > self._fresh_s:
            self._wanted.add(who)
        return taken

    async def _read(self, connection: "asyncpg.Connection[Any]") -> None:
        wanted, self._wanted = self._wanted, set()
        if not wanted:
            return  # somebody who waited before has read it
        today = self._clock.now().date()
        rows = await connection.fetch(_READ, today, sorted(wanted), timeout=3)
        now, taken = asyncio.get_running_loop().time(), self._taken
        taken |= {who: _Taken(now, 0, Decimal(0)) for who in wanted}
        taken |= {who: _Taken(now, tokens, cost) for who, tokens, cost in rows}
        for (day, person, _), (_, _, given, read, cost) in self._unsaved.items():
            for who in {person, _ALL} & wanted if day == today else ():
                taken[who].tokens += given + read
                taken[who].cost += cost

    async def _save(self, connection: "asyncpg.Connection[Any]") -> None:
        rows, self._unsaved = self._unsaved, {}
        if not rows:
            return
        try:
            # In one order, so that two replicas cannot block each other.
            args = [(*key, *values) for key, values in sorted(rows.items(), key=lambda row: row[0])]
            await connection.executemany(_SAVE, args, timeout=5)
        except _AWAY:
            for key, values in rows.items():
                held = self._unsaved.setdefault(key, [0, 0, 0, 0, Decimal(0)])
                held[:] = [one + other for one, other in zip(held, values, strict=True)]
            raise
        # Apart: what was saved must not be counted again because this failed.
        await connection.execute(_FORGET, self._clock.now().date(), _KEPT_DAYS, timeout=5)

    async def _with(self, work: Callable[["asyncpg.Connection[Any]"], Any]) -> None:
        async with self._lock:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = await asyncpg.connect(
                        self._dsn,
                        timeout=3,
                        server_settings={"application_name": "uchat-usage"},
                    )
                await work(self._connection)
            except _AWAY as e:
                _log.warning("usage_away", error=repr(e))
                if self._connection is not None:
                    self._connection.terminate()
                    self._connection = None


async def read_usage(
    connection: "asyncpg.Connection[Any]", today: "date", *, days: int, person: str, by_person: bool
) -> list[tuple[Any, ...]]:
    """Return (day, model, person, answers, requests, input, output, cost), newest, dearest first.

    `person` empty: of all; without `by_person` they are added up. 1000 rows at most.
    """
    rows = await connection.fetch(_SHOW, today, days, person, by_person)
    return [tuple(row.values()) for row in rows]
