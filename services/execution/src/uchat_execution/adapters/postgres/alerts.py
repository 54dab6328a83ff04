"""Alerts and digests in Postgres, within one transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from uchat_contracts.trading import PAPER, Alert
from uchat_execution.adapters.postgres.rows import plain
from uchat_execution.domain.money import exact
from uchat_execution.ports.alerts import DigestPlan, Held, Kept
from uchat_platform.logging import get_logger

KEPT: Final = 1000
"""Of what was told of one alert that repeats."""
_Held: Final = TypeAdapter(tuple[Held, ...])
_log = get_logger(__name__)
# Two alerts at once must not pass the limit together: they queue at the person's own gate, and the
# count is a statement of its own, so that it sees what the other one committed.
_GATE: Final = "SELECT pg_advisory_xact_lock(hashtextextended('alerts:' || $1, 0))"
_COUNT: Final = "SELECT count(*) FROM alert WHERE person = $1 AND state <> 'done'"
_ADD: Final = """
INSERT INTO alert (alert_id, person, op_id, kind, symbol, way, level, state, beyond,
    snoozed_until, mark, created_at, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_GET: Final = "SELECT body, mark, held FROM alert WHERE alert_id = $1"
_SAVE: Final = """
UPDATE alert SET state = $2, beyond = $3, snoozed_until = $4, mark = greatest(mark, $5), body = $6,
    held = $7
WHERE alert_id = $1
"""
_FIRED: Final = """
INSERT INTO alert_event (alert_id, n, key, person, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING n
"""
# What was told of an alert is there to be told once: it goes with the alert.
_DELETE: Final = """
WITH told AS (DELETE FROM alert_event WHERE alert_id = $1) DELETE FROM alert WHERE alert_id = $1
"""
_FORGET: Final = """
WITH gone AS (
    DELETE FROM alert WHERE alert_id IN (SELECT alert_id FROM alert WHERE person = $1
        AND state = 'done' ORDER BY created_at DESC, alert_id DESC OFFSET $2) RETURNING alert_id
) DELETE FROM alert_event WHERE alert_id IN (SELECT alert_id FROM gone)
"""
_THIN: Final = "DELETE FROM alert_event WHERE alert_id = $1 AND n <= $2"
_PAGE: Final = """
SELECT body FROM alert WHERE person = $1 AND (NOT $2 OR state <> 'done')
    AND ($3::timestamptz IS NULL OR (created_at, alert_id) < ($3, $4))
ORDER BY created_at DESC, alert_id DESC LIMIT $5
"""
_ON_FILLS: Final = """
SELECT alert_id, body, mark, held FROM alert WHERE person = $1 AND kind = 'fill'
    AND state <> 'done'
    AND coalesce(symbol, $2) = $2 ORDER BY alert_id FOR UPDATE
"""
# What was the highest of the other account's is none of this one's: its own of now is.
_HAND_OVER: Final = f"""
UPDATE alert SET person = $2, op_id = NULL,
    body = jsonb_set(body, '{{user_id}}', to_jsonb($2::text)),
    mark = CASE WHEN mark IS NOT NULL THEN coalesce((
        SELECT e.total - coalesce(e.deposited, a.opening)
        FROM account a JOIN equity e USING (account)
        WHERE a.person = $2 AND a.venue = '{PAPER}' AND a.state = 'active'
        ORDER BY e.at DESC LIMIT 1), 0) END
WHERE person = $1
"""  # noqa: S608 - our own word
_HAND_OVER_DIGEST: Final = """
UPDATE digest SET person = $2
WHERE person = $1 AND NOT EXISTS (SELECT FROM digest WHERE person = $2)
"""
_DIGEST: Final = (
    "person, is_on AS on, local_time AS at, zone, next_at, told, told_at, total, deposited"
)
_DUE: Final = f"""
SELECT {_DIGEST} FROM digest WHERE next_at <= clock_timestamp()
ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - our own column names
_SAVE_DIGEST: Final = """
INSERT INTO digest (person, is_on, local_time, zone, next_at, told, told_at, total, deposited)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (person) DO UPDATE SET is_on = $2, local_time = $3, zone = $4, next_at = $5,
    told = $6, told_at = $7, total = $8, deposited = $9
"""


@dataclass(frozen=True, slots=True)
class PostgresAlerts:
    """`Alerts` within one transaction."""

    connection: Any

    async def of_person(self, person: str) -> int:
        """Return how many alerts of a person are not over."""
        await self.connection.execute(_GATE, person)
        return await self.connection.fetchval(_COUNT, person)

    async def add(self, kept: Kept, op_id: str | None) -> None:
        """Store a new alert."""
        alert = kept.alert
        await self.connection.execute(
            _ADD,
            alert.alert_id,
            alert.user_id,
            op_id,
            alert.kind,
            alert.symbol,
            alert.way,
            alert.level,
            alert.state,
            alert.beyond,
            alert.snoozed_until,
            kept.mark,
            alert.created_at,
            alert.json_bytes().decode(),
        )

    async def by_op(self, person: str, op_id: str) -> Alert | None:
        """Return the alert that was set by an operation."""
        body = await self.connection.fetchval(
            "SELECT body FROM alert WHERE person = $1 AND op_id = $2", person, op_id
        )
        return Alert.model_validate_json(body) if body else None

    async def get(self, alert_id: str, *, lock: bool = False) -> Kept | None:
        """Return an alert."""
        row = await self.connection.fetchrow(_GET + (" FOR UPDATE" if lock else ""), alert_id)
        return _kept(row) if row else None

    async def save(self, kept: Kept) -> None:
        """Store an alert as it stands."""
        alert = kept.alert
        await self.connection.execute(
            _SAVE,
            alert.alert_id,
            alert.state,
            alert.beyond,
            alert.snoozed_until,
            kept.mark,
            alert.json_bytes().decode(),
            _Held.dump_json(kept.held).decode(),
        )

    async def note_fired(self, alert: Alert, key: str) -> bool:
        """Store what was told of an alert."""
        if alert.fired is None:
            raise ValueError("Expected an alert that fired")
        body = alert.fired.json_bytes().decode()
        made = await self.connection.fetchval(
            _FIRED, alert.alert_id, alert.fired.n, key, alert.user_id, body
        )
        await self.connection.execute(_THIN, alert.alert_id, alert.fired.n - KEPT)
        return made is not None

    async def delete(self, alert_id: str) -> None:
        """Forget an alert."""
        await self.connection.execute(_DELETE, alert_id)

    async def forget_done(self, person: str, keep: int) -> None:
        """Forget alerts that are over, except the latest ones."""
        await self.connection.execute(_FORGET, person, keep)

    async def page(
        self, person: str, *, active_only: bool, before: tuple[datetime, str] | None, limit: int
    ) -> list[Alert]:
        """Return alerts, latest first."""
        at, alert_id = before or (None, None)
        rows = await self.connection.fetch(_PAGE, person, active_only, at, alert_id, limit)
        return [Alert.model_validate_json(row["body"]) for row in rows]

    async def on_fills(self, person: str, symbol: str) -> list[Kept]:
        """Return the person's alerts on fills of a symbol, locked."""
        rows = await self.connection.fetch(_ON_FILLS, person, symbol)
        return [kept for _, kept in readable(rows)]

    async def hand_over(self, gone: str, into: str) -> None:
        """Give a person's alerts and digest to another one."""
        await self.connection.execute(_HAND_OVER, gone, into)
        await self.connection.execute(_HAND_OVER_DIGEST, gone, into)

    async def digest(self, person: str, *, lock: bool = False) -> DigestPlan | None:
        """Return when a person is told the digest."""
        row = await self.connection.fetchrow(
            f"SELECT {_DIGEST} FROM digest WHERE person = $1"  # noqa: S608 - our own
            + (" FOR UPDATE" if lock else ""),
            person,
        )
        return DigestPlan(**plain(row)) if row else None

    async def due_digest(self) -> DigestPlan | None:
        """Return a digest that is due and that nobody else holds, locked."""
        row = await self.connection.fetchrow(_DUE)
        return DigestPlan(**plain(row)) if row else None

    async def save_digest(self, plan: DigestPlan) -> None:
        """Store when a person is told the digest."""
        await self.connection.execute(_SAVE_DIGEST, *astuple(plan))


def readable(rows: Iterable[Any]) -> Iterator[tuple[Any, Kept]]:
    """Yield the rows whose alert can be read, with it.

    The others are of a version that this one is not: they must hold up nobody's alert, nor a fill.
    """
    for row in rows:
        try:
            kept = _kept(row)
        except ValidationError:
            _log.error("alert_unreadable", alert=row["alert_id"])
        else:
            yield row, kept


def _kept(row: Any) -> Kept:
    mark, held = row["mark"], row.get("held")
    return Kept(
        Alert.model_validate_json(row["body"]),
        None if mark is None else exact(mark),
        _Held.validate_json(held) if held else (),
    )
