"""Throwing a stop switch: one piece of SQL for the service and for the command line.

It imports nothing, so that the command line is as fast as it can be, and needs nothing but the
database, so that it works while half of the product is down.

Claims hold a gate (an advisory lock) besides the rows: Postgres lets a share lock pass whoever
waits to change a row, so that under load a switch could wait for long; at a gate they queue.
"""

from typing import Any, Final

EVERYBODY: Final = "everybody"
ORGANISATION: Final = "org:"
# Widest first, which is also their order by name: whoever takes several gates takes them in it.
_SCOPES: Final = """
SELECT scope FROM unnest(ARRAY['everybody', (SELECT 'org:' || organisation
    FROM organisation_member WHERE person = $1), $1]) AS s (scope) WHERE scope IS NOT NULL
"""
COLUMNS: Final = "k.scope, k.is_on, k.rev, k.changed_at, k.changed_via, k.effective_at"
SEEN: Final = f"SELECT {COLUMNS} FROM kill_switch k JOIN ({_SCOPES}) AS s USING (scope) ORDER BY 1"  # noqa: S608 - our own
HELD: Final = f"""
WITH gates AS MATERIALIZED (
    SELECT scope, pg_advisory_xact_lock_shared(hashtextextended('kill_switch:' || scope, 0))
    FROM ({_SCOPES}) AS s
)
SELECT {COLUMNS} FROM kill_switch k JOIN gates USING (scope) ORDER BY 1 FOR SHARE OF k
"""  # noqa: S608 - our own
_GATE: Final = "SELECT pg_advisory_xact_lock(hashtextextended('kill_switch:' || $1, 0))"
_KNOWN: Final = """
SELECT $1 = 'everybody' OR EXISTS (SELECT FROM kill_switch WHERE scope = $1)
    OR EXISTS (SELECT FROM account WHERE person = $1)
"""
_THROW: Final = """
INSERT INTO kill_switch AS k (scope, is_on, rev, changed_at, changed_via)
VALUES ($1, $2, 1, clock_timestamp(), $3)
ON CONFLICT (scope) DO UPDATE SET is_on = $2, rev = k.rev + 1, changed_at = clock_timestamp(),
    changed_via = $3, effective_at = NULL
"""
_OF_SCOPE: Final = """
(SELECT a.account FROM account a LEFT JOIN organisation_member m USING (person)
    WHERE $1 IN ('everybody', a.person, 'org:' || m.organisation))
"""
_LEGS: Final = f"""
SELECT decision_id, leg, client_order_id, symbol, deadline FROM orders
WHERE state = 'submitting' AND deadline > clock_timestamp() AND account IN {_OF_SCOPE}
"""  # noqa: S608 - our own
# What people see of it is made when it is published, of all switches that concern each of them.
_SETTLE: Final = f"""
WITH legs AS ({_LEGS}), settled AS (
    UPDATE kill_switch k SET effective_at = CASE WHEN is_on
        THEN greatest(clock_timestamp(), (SELECT max(deadline) FROM legs)) END
    WHERE scope = $1 RETURNING {COLUMNS}
), told AS (
    INSERT INTO outbox (about, rev, what, person, body)
    SELECT 'kill_switch:' || scope, rev, 'kill_switch', '', to_jsonb(settled) FROM settled
), event AS (
    INSERT INTO safety_event (about, rev, person, body)
    SELECT 'kill_switch:' || scope, rev, $2, to_jsonb(settled) FROM settled
)
SELECT * FROM settled
"""  # noqa: S608 - our own


class UnknownScopeError(Exception):
    """There is no such person or organisation."""


async def throw(connection: Any, scope: str, *, on: bool, via: str, by: str) -> tuple[Any, Any]:
    """Throw or release a switch within a transaction; returns its row and the legs in flight.

    Claims that hold it are waited for. Once the transaction has committed nothing is claimed, and
    after `effective_at` nothing is sent. `by`: the person who did it, empty for an operator.

    Raises:
        UnknownScopeError: there is no such person or organisation.
    """
    if not await connection.fetchval(_KNOWN, scope):
        raise UnknownScopeError(scope)
    await connection.execute(_GATE, scope)
    await connection.execute(_THROW, scope, on, via)
    legs: Any = await connection.fetch(f"{_LEGS} ORDER BY deadline", scope) if on else []
    return await connection.fetchrow(_SETTLE, scope, by), legs


async def legs_in_flight(connection: Any, scope: str) -> Any:
    """Return rows of what was claimed and may still reach the venue."""
    return await connection.fetch(f"{_LEGS} ORDER BY deadline", scope)


async def switched_on(connection: Any) -> Any:
    """Return the rows of all switches that are on, widest first."""
    return await connection.fetch(
        f"SELECT {COLUMNS} FROM kill_switch k WHERE is_on ORDER BY scope"  # noqa: S608 - our own
    )
