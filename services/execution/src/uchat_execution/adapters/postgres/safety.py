"""Stop switches, mandates and merges in Postgres."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from uchat_contracts.trading import LegInFlight, Reason
from uchat_execution.adapters.postgres import switching
from uchat_execution.adapters.postgres.rows import plain
from uchat_execution.domain.mandates import SignedLimit
from uchat_execution.domain.switches import Switch, Thrown
from uchat_execution.ports.store import Merge
from uchat_platform.errors import NotFoundError

_CONCERNED: Final = """
SELECT DISTINCT person FROM account a
WHERE state = 'active' AND person > $2 AND ($1 IN ('everybody', person)
    OR EXISTS (SELECT FROM organisation_member m WHERE m.person = a.person
               AND 'org:' || m.organisation = $1))
ORDER BY person LIMIT $3
"""
_MANDATE: Final = (
    "mandate_id, person, per_day, quote_currency, symbols, rev, granted_at, granted_via,"
    " expires_at, ended, ended_at, revoked_via, used_day, used, per_order, drawdown_stop, key_id,"
    " signature, suspended"
)
# The whole guard of the daily amount: one statement, on the row that every racer must lock.
_USE: Final = f"""
UPDATE mandate SET used = CASE WHEN used_day = $3 THEN used ELSE 0 END + $2, used_day = $3,
    rev = rev + 1
WHERE mandate_id = $1 AND ended IS NULL AND suspended IS NULL AND expires_at > clock_timestamp()
    AND CASE WHEN used_day = $3 THEN used ELSE 0 END + $2 <= per_day
RETURNING {_MANDATE}
"""  # noqa: S608 - our own column names
_GIVE_BACK: Final = f"""
UPDATE mandate SET used = greatest(used - $2, 0), rev = rev + 1
WHERE mandate_id = $1 AND used_day = $3 RETURNING {_MANDATE}
"""  # noqa: S608 - our own column names
_SUSPEND: Final = f"""
UPDATE mandate SET suspended = $2, rev = rev + 1
WHERE mandate_id = $1 AND ended IS NULL AND suspended IS NULL RETURNING {_MANDATE}
"""  # noqa: S608 - our own column names
_GRANT: Final = """
INSERT INTO mandate (mandate_id, person, op_id, per_day, quote_currency, symbols, granted_at,
    granted_via, expires_at, per_order, drawdown_stop, key_id, signature)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_END: Final = f"""
UPDATE mandate SET ended = $2, ended_at = clock_timestamp(), revoked_via = $3, rev = rev + 1
WHERE mandate_id = $1 RETURNING {_MANDATE}
"""  # noqa: S608 - our own column names
_MANDATES: Final = f"""
SELECT {_MANDATE} FROM mandate WHERE person = $1
    AND (NOT $2 OR (ended IS NULL AND expires_at > clock_timestamp()))
    AND ($3::timestamptz IS NULL OR (granted_at, mandate_id) < ($3, $4))
ORDER BY granted_at DESC, mandate_id DESC LIMIT $5
"""  # noqa: S608 - our own column names
_MERGE: Final = (
    "SELECT link_id, gone, into_person, state, superseded, begun_at FROM merge WHERE link_id = $1"
)
_SAVE_MERGE: Final = """
INSERT INTO merge (link_id, gone, into_person, state, superseded) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (link_id) DO UPDATE SET state = $4, superseded = $5,
    begun_at = CASE WHEN $4 = 'begun' THEN now() ELSE merge.begun_at END,
    finished_at = CASE WHEN $4 = 'finished' THEN now() END
"""
# A merge that nobody finishes lapses by itself.
_MERGING: Final = """
SELECT EXISTS (SELECT FROM merge WHERE gone = $1 AND (state = 'finished'
    OR (state = 'begun' AND begun_at > clock_timestamp() - interval '10 minutes')))
"""


@dataclass(frozen=True, slots=True)
class PostgresSafety:
    """`Safety` within one transaction."""

    connection: Any
    told: list[str]

    async def switches(self, person: str, *, share: bool = False) -> list[Switch]:
        """Return the switches that concern a person, widest first."""
        rows = await self.connection.fetch(switching.HELD if share else switching.SEEN, person)
        return [Switch(**row) for row in rows]

    async def open_switch(self, person: str) -> None:
        """Give a person a stop switch, if there is none."""
        await self.connection.execute(
            "INSERT INTO kill_switch (scope) VALUES ($1) ON CONFLICT DO NOTHING", person
        )

    async def throw(self, scope: str, *, on: bool, via: str, by: str) -> Thrown:
        """Set a switch; waits for claims that hold it."""
        try:
            row, legs = await switching.throw(self.connection, scope, on=on, via=via, by=by)
        except switching.UnknownScopeError as e:
            raise NotFoundError(
                f"Expected a person, `org:<id>` or `everybody`, found {scope!r}",
                code="unknown_scope",
            ) from e
        self.told.append(f"kill_switch:{scope}")
        return Thrown(Switch(**row), tuple(_leg(leg) for leg in legs))

    async def concerned(self, scope: str, after: str, limit: int) -> list[str]:
        """Return people whom a switch concerns."""
        rows = await self.connection.fetch(_CONCERNED, scope, after, limit)
        return [row["person"] for row in rows]

    async def legs_in_flight(self, scope: str) -> list[LegInFlight]:
        """Return what was claimed and may still reach the venue."""
        rows = await switching.legs_in_flight(self.connection, scope)
        return [_leg(row) for row in rows]

    async def active_mandate(self, person: str, *, lock: bool = False) -> SignedLimit | None:
        """Return the person's mandate that has not ended."""
        row = await self.connection.fetchrow(
            f"SELECT {_MANDATE} FROM mandate WHERE person = $1 AND ended IS NULL"  # noqa: S608 - our own
            + (" FOR UPDATE" if lock else ""),
            person,
        )
        return _mandate(row) if row else None

    async def mandate(self, mandate_id: str, person: str, *, lock: bool = False) -> SignedLimit:
        """Return a person's mandate."""
        row = await self.connection.fetchrow(
            f"SELECT {_MANDATE} FROM mandate WHERE mandate_id = $1 AND person = $2"  # noqa: S608 - our own
            + (" FOR UPDATE" if lock else ""),
            mandate_id,
            person,
        )
        if row is None:
            raise NotFoundError(f"Expected a mandate, found none with id {mandate_id!r}")
        return _mandate(row)

    async def mandate_by_op(self, person: str, op_id: str) -> SignedLimit | None:
        """Return the mandate that was granted by an operation."""
        row = await self.connection.fetchrow(
            f"SELECT {_MANDATE} FROM mandate WHERE person = $1 AND op_id = $2",  # noqa: S608 - our own
            person,
            op_id,
        )
        return _mandate(row) if row else None

    async def grant(self, mandate: SignedLimit, op_id: str | None) -> None:
        """Store a mandate."""
        await self.connection.execute(
            _GRANT,
            mandate.mandate_id,
            mandate.person,
            op_id,
            mandate.per_day,
            mandate.quote_currency,
            list(mandate.symbols),
            mandate.granted_at,
            mandate.granted_via,
            mandate.expires_at,
            mandate.per_order,
            mandate.drawdown_stop,
            mandate.key_id,
            mandate.signature,
        )

    async def use_mandate(self, mandate_id: str, amount: Decimal, day: date) -> SignedLimit | None:
        """Use an amount of the day's rest."""
        row = await self.connection.fetchrow(_USE, mandate_id, amount, day)
        return _mandate(row) if row else None

    async def give_back(self, mandate_id: str, amount: Decimal, day: date) -> SignedLimit | None:
        """Give back what was used of that day."""
        row = await self.connection.fetchrow(_GIVE_BACK, mandate_id, amount, day)
        return _mandate(row) if row else None

    async def suspend(self, mandate_id: str, why: Reason) -> SignedLimit | None:
        """Suspend a mandate for good."""
        body = why.json_bytes().decode()
        row = await self.connection.fetchrow(_SUSPEND, mandate_id, body)
        return _mandate(row) if row else None

    async def end_mandate(self, mandate_id: str, how: str, via: str | None) -> SignedLimit:
        """End a mandate."""
        return _mandate(await self.connection.fetchrow(_END, mandate_id, how, via))

    async def overdue_mandates(self, limit: int) -> list[SignedLimit]:
        """Return mandates whose time is over, locked."""
        rows = await self.connection.fetch(
            f"SELECT {_MANDATE} FROM mandate WHERE ended IS NULL"  # noqa: S608 - our own
            " AND expires_at <= clock_timestamp() LIMIT $1 FOR UPDATE SKIP LOCKED",
            limit,
        )
        return [_mandate(row) for row in rows]

    async def mandates(
        self, person: str, *, active_only: bool, before: tuple[datetime, str] | None, limit: int
    ) -> list[SignedLimit]:
        """Return mandates, latest first."""
        at, mandate_id = before or (None, None)
        rows = await self.connection.fetch(_MANDATES, person, active_only, at, mandate_id, limit)
        return [_mandate(row) for row in rows]

    async def merge(self, link_id: str, *, lock: bool = False) -> Merge | None:
        """Return a merge."""
        row = await self.connection.fetchrow(_MERGE + (" FOR UPDATE" if lock else ""), link_id)
        if row is None:
            return None
        values = dict(row)
        into, superseded = values.pop("into_person"), tuple(values.pop("superseded"))
        return Merge(**values, into=into, superseded=superseded)

    async def merging(self, person: str) -> bool:
        """Tell whether the person is going, or gone, into another one."""
        return await self.connection.fetchval(_MERGING, person)

    async def save_merge(self, merge: Merge) -> None:
        """Store a merge."""
        await self.connection.execute(
            _SAVE_MERGE,
            merge.link_id,
            merge.gone,
            merge.into,
            merge.state,
            list(merge.superseded),
        )


def _mandate(row: Any) -> SignedLimit:
    values = dict(row)
    symbols: tuple[str, ...] = tuple(values.pop("symbols"))
    text = values.pop("suspended")
    suspended = None if text is None else Reason.model_validate_json(text)
    return SignedLimit(**plain(values), symbols=symbols, suspended=suspended)


def _leg(row: Any) -> LegInFlight:
    values = dict(row)
    return LegInFlight(until=values.pop("deadline"), **values)
