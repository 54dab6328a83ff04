"""Modes, trading states and limits in Postgres."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from pydantic import TypeAdapter

from uchat_contracts.trading import OperationMode, RiskLimits
from uchat_execution.adapters.postgres.rows import plain
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.modes import Demand, Standing
from uchat_execution.domain.money import exact
from uchat_execution.ports.states import Bounds, ScopedLimits, Watched

_MODE: Final = "SELECT mode, rev, changed_at, changed_via FROM trading_mode WHERE person = $1"
_DEMANDS: Final = "(SELECT jsonb_agg(s) FROM trading_state s WHERE account = $2) AS demands"
_HOW: Final = f"SELECT m.*, {_DEMANDS} FROM (VALUES (1)) AS one LEFT JOIN ({_MODE}) AS m ON true"  # noqa: S608 - our own
_BOUNDS: Final = f"""
SELECT m.*, r.*, {_DEMANDS},
    (SELECT limits::text FROM risk_limits WHERE scope = 'everybody') AS everybody,
    ARRAY(SELECT limits::text FROM risk_limits WHERE limits IS NOT NULL AND scope IN ($1,
        (SELECT 'org:' || organisation FROM organisation_member WHERE person = $1))) AS narrower,
    (SELECT p.profit + a.deposited FROM equity_peak p JOIN account a USING (account)
        WHERE p.account = $2) AS peak,
    (SELECT max(updated_at) FROM orders WHERE account = $2 AND type = 'stop' AND side = 'sell'
        AND state IN ('filled', 'partially_filled')) AS stopped_out_at
FROM (
    SELECT count(*) FILTER (WHERE refused) AS rejected_in_row,
        max(updated_at) FILTER (WHERE refused) AS rejected_at
    FROM (
        SELECT updated_at, bool_and(state = 'rejected')
            OVER (ORDER BY claimed_at DESC, order_id) AS refused
        FROM (
            SELECT order_id, state, claimed_at, updated_at FROM orders
            WHERE account = $2 AND claimed_at IS NOT NULL
                AND state NOT IN ('ready', 'submitting', 'unknown', 'not_placed')
            ORDER BY claimed_at DESC LIMIT 20
        ) AS sent
    ) AS seen
) AS r LEFT JOIN ({_MODE}) AS m ON true
"""  # noqa: S608 - our own
_CHANGED: Final = """
INSERT INTO trading_mode AS m (person, mode, rev, changed_at, changed_via)
VALUES ($1, coalesce($2, 'assisted'), 1, clock_timestamp(), $3)
ON CONFLICT (person) DO UPDATE SET mode = coalesce($2, m.mode), rev = m.rev + 1,
    changed_at = clock_timestamp(), changed_via = $3
"""
_DEMAND: Final = """
INSERT INTO trading_state (account, source, state, reason) VALUES ($1, $2, $3, $4)
ON CONFLICT (account, source) DO UPDATE SET state = $3, reason = $4, since = clock_timestamp()
"""
_LIMITS: Final = "scope, limits, rev, changed_by, changed_via, changed_at"
_SET_LIMITS: Final = f"""
WITH changed AS (
    INSERT INTO risk_limits AS l (scope, limits, changed_by, changed_via) VALUES ($1, $2, $3, $4)
    ON CONFLICT (scope) DO UPDATE SET limits = $2, rev = l.rev + 1, changed_by = $3,
        changed_via = $4, changed_at = clock_timestamp()
    RETURNING {_LIMITS}
), event AS (
    INSERT INTO safety_event (about, rev, person, body)
    SELECT 'limits:' || scope, rev, changed_by, to_jsonb(changed) FROM changed
)
SELECT {_LIMITS} FROM changed
"""  # noqa: S608 - our own
_BEGIN_MARK: Final = """
UPDATE equity_peak p SET profit = e.total - coalesce(e.deposited, a.opening)
FROM account a, (SELECT total, deposited FROM equity WHERE account = $1 ORDER BY at DESC LIMIT 1) e
WHERE p.account = $1 AND a.account = $1
"""
_PEAK_SINCE: Final = """
SELECT max(e.total - coalesce(e.deposited, a.opening)) + max(a.deposited)
FROM equity e JOIN account a USING (account) WHERE e.account = $1 AND e.at >= coalesce(
    (SELECT max(at) FROM equity WHERE account = $1 AND at <= $2), $2)
"""
_WATCHED: Final = """
SELECT a.account, a.person, a.venue, a.quote_currency,
    (SELECT jsonb_object_agg(asset, (free + reserved)::text) FROM balance b
        WHERE b.account = a.account) AS units,
    (SELECT p.profit + a.deposited FROM equity_peak p WHERE p.account = a.account) AS peak,
    (SELECT min((limits->>'drawdown_share')::numeric) FROM risk_limits WHERE scope IN ('everybody',
        a.person, (SELECT 'org:' || organisation FROM organisation_member o
            WHERE o.person = a.person))) AS most,
    EXISTS (SELECT FROM risk_limits WHERE scope = 'everybody' AND limits IS NOT NULL)
        AS everybody_is_set,
    EXISTS (SELECT FROM trading_state s WHERE s.account = a.account AND source = 'drawdown')
        AS reduced,
    m.mandate_id, m.drawdown_stop,
    CASE WHEN m.mandate_id IS NOT NULL THEN (
        SELECT max(e.total - coalesce(e.deposited, a.opening)) + a.deposited FROM equity e
        WHERE e.account = a.account AND e.at >= coalesce((SELECT max(at) FROM equity
            WHERE account = a.account AND at <= m.granted_at), m.granted_at)) END AS mandate_peak
FROM account a LEFT JOIN mandate m ON m.person = a.person AND a.simulated AND m.ended IS NULL
    AND m.suspended IS NULL AND m.drawdown_stop IS NOT NULL
WHERE a.state = 'active' AND a.account > $1 AND (
    EXISTS (SELECT FROM balance b WHERE b.account = a.account AND b.asset <> a.quote_currency
        AND b.free + b.reserved <> 0)
    OR EXISTS (SELECT FROM trading_state s WHERE s.account = a.account AND source = 'drawdown'))
ORDER BY a.account LIMIT $2
"""
_BUYING: Final = """
SELECT DISTINCT account FROM orders JOIN account USING (account) JOIN trading_mode USING (person)
WHERE mode = 'emergency' AND side = 'buy' AND cancel_at IS NULL AND orders.state IN
    ('waiting', 'ready', 'submitting', 'unknown', 'open', 'partially_filled')
LIMIT $1
"""
_Demands: Final = TypeAdapter(tuple[Demand, ...])
_Units: Final = TypeAdapter(dict[str, Decimal])


@dataclass(frozen=True, slots=True)
class PostgresStates:
    """`States` within one transaction."""

    connection: Any

    async def standing(self, person: str, account: str | None) -> Standing:
        """Return how a person trades."""
        return _standing(await self.connection.fetchrow(_HOW, person, account))

    async def bounds(self, account: Account) -> Bounds:
        """Return what bounds an account."""
        row = await self.connection.fetchrow(_BOUNDS, account.person, account.account)
        return Bounds(
            standing=_standing(row),
            everybody=_limits_of(row["everybody"]),
            narrower=tuple(RiskLimits.model_validate_json(text) for text in row["narrower"]),
            peak=None if row["peak"] is None else exact(row["peak"]),
            rejected_in_row=row["rejected_in_row"],
            rejected_at=row["rejected_at"],
            stopped_out_at=row["stopped_out_at"],
        )

    async def set_mode(self, person: str, mode: OperationMode, via: str) -> None:
        """Set a person's mode."""
        await self.connection.execute(_CHANGED, person, mode, via)

    async def count_change(self, person: str, via: str) -> None:
        """Count a change of the account's state."""
        await self.connection.execute(_CHANGED, person, None, via)

    async def demand(self, account: str, demand: Demand) -> None:
        """Store what a source demands."""
        await self.connection.execute(
            _DEMAND, account, demand.source, demand.state, demand.reason.json_bytes().decode()
        )

    async def withdraw(self, account: str, source: str) -> None:
        """Forget what a source demanded."""
        await self.connection.execute(
            "DELETE FROM trading_state WHERE account = $1 AND source = $2", account, source
        )

    async def begin_mark(self, account: str) -> None:
        """Let the high-water mark begin anew."""
        await self.connection.execute(_BEGIN_MARK, account)

    async def limits(self, scope: str, *, lock: bool = False) -> ScopedLimits | None:
        """Return what was set for a scope."""
        row = await self.connection.fetchrow(
            f"SELECT {_LIMITS} FROM risk_limits WHERE scope = $1"  # noqa: S608 - our own
            + (" FOR UPDATE" if lock else ""),
            scope,
        )
        return _limits(row) if row else None

    async def all_limits(self) -> list[ScopedLimits]:
        """Return what was set."""
        rows = await self.connection.fetch(
            f"SELECT {_LIMITS} FROM risk_limits WHERE limits IS NOT NULL ORDER BY scope"  # noqa: S608 - our own
        )
        return [_limits(row) for row in rows]

    async def set_limits(
        self, scope: str, limits: RiskLimits | None, by: str, via: str
    ) -> ScopedLimits:
        """Set a scope's limits."""
        body = None if limits is None else limits.json_bytes().decode()
        return _limits(await self.connection.fetchrow(_SET_LIMITS, scope, body, by, via))

    async def peak_since(self, account: str, since: datetime) -> Decimal | None:
        """Return the highest that an account was worth since a time."""
        peak = await self.connection.fetchval(_PEAK_SINCE, account, since)
        return None if peak is None else exact(peak)

    async def watched(self, after: str, limit: int) -> list[Watched]:
        """Return accounts that hold more than cash, or were reduced."""
        found: list[Watched] = []
        for row in await self.connection.fetch(_WATCHED, after, limit):
            values = plain(row)
            units = _Units.validate_json(values.pop("units") or "{}")
            held = {asset: Balance(asset, exact(amount)) for asset, amount in units.items()}
            found.append(Watched(**values, balances=held))
        return found

    async def buying_in_emergency(self, limit: int) -> list[str]:
        """Return accounts with open purchases of people in emergency mode."""
        rows = await self.connection.fetch(_BUYING, limit)
        return [row["account"] for row in rows]


def _standing(row: Any) -> Standing:
    demands = () if row["demands"] is None else _Demands.validate_json(row["demands"])
    if row["mode"] is None:
        return Standing(demands=demands)
    return Standing(
        mode=row["mode"],
        rev=row["rev"],
        changed_at=row["changed_at"],
        changed_via=row["changed_via"],
        demands=demands,
    )


def _limits(row: Any) -> ScopedLimits:
    values = dict(row)
    limits = _limits_of(values.pop("limits"))
    return ScopedLimits(**values, limits=limits)


def _limits_of(text: str | None) -> RiskLimits | None:
    return None if text is None else RiskLimits.model_validate_json(text)
