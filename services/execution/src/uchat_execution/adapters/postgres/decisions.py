"""Decisions and their events in Postgres."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from uchat_contracts.trading import Card
from uchat_execution.adapters.postgres.rows import traceparent
from uchat_execution.domain.orders import ImpossibleTransitionError
from uchat_execution.ports.decisions import Decision

# A change, its event and its announcement are one statement: one way to the server and back.
_INSERT: Final = """
WITH made AS (
    INSERT INTO decision (decision_id, person, account, state, rev, version, plan_hash, expires_at,
        card, proposed_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
    RETURNING decision_id
), event AS (
    INSERT INTO decision_event (decision_id, rev, state, card)
    SELECT decision_id, $5, $4, $9 FROM made
)
INSERT INTO outbox (about, rev, what, person, session_id, body, trace)
SELECT 'decision:' || decision_id, $5, 'decision', $2, $12, $9, $13 FROM made
"""
_SAVE: Final = """
WITH changed AS (
    UPDATE decision SET state = $2, rev = $3, version = $4, plan_hash = $5, expires_at = $6,
        card = $7, updated_at = $8, op_id = coalesce($9, op_id)
    WHERE decision_id = $1 AND rev < $3 RETURNING decision_id
), event AS (
    INSERT INTO decision_event (decision_id, rev, state, card)
    SELECT decision_id, $3, $2, $7 FROM changed
)
INSERT INTO outbox (about, rev, what, person, session_id, body, trace)
SELECT 'decision:' || decision_id, $3, 'decision', $10, $11, $7, $12 FROM changed
"""
_DECISION: Final = """
SELECT d.card, d.person, d.account, d.op_id, clock_timestamp() AS now FROM decision d
"""
_PAGE: Final = """
SELECT card FROM decision WHERE person = $1 AND ($2::text[] = '{}' OR state = ANY($2))
    AND ($3::timestamptz IS NULL OR (proposed_at, decision_id) < ($3, $4))
ORDER BY proposed_at DESC, decision_id DESC LIMIT $5
"""
_EXPIRED: Final = f"""
{_DECISION} WHERE d.state = 'awaiting_approval' AND d.expires_at <= clock_timestamp()
ORDER BY d.expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_UNANSWERED: Final = f"""
{_DECISION} WHERE d.person = $1 AND d.state IN ('awaiting_approval', 'approved')
ORDER BY d.decision_id FOR UPDATE
"""
_SIMILAR: Final = """
SELECT card FROM decision WHERE account = $1 AND proposed_at > $2 AND decision_id <> $3
    AND state IN ('awaiting_approval', 'approved', 'executing', 'executed', 'partially_executed')
ORDER BY proposed_at DESC LIMIT 20
"""
_FOLLOWERS: Final = """
SELECT card FROM decision WHERE card->>'follows' = $1 ORDER BY proposed_at DESC LIMIT 20
"""
_FOR_APPROVAL: Final = """
SELECT d.card FROM organisation_member own
    JOIN organisation_member other USING (organisation)
    JOIN decision d ON d.person = other.person
WHERE own.person = $1 AND own.approves AND other.person <> $1 AND d.state = 'awaiting_approval'
    AND (d.card->>'approvals_needed')::integer > 1 AND d.expires_at > clock_timestamp()
    AND NOT d.card->'approvals' @> jsonb_build_array(jsonb_build_object('by', $1::text))
    AND ($2::timestamptz IS NULL OR (d.proposed_at, d.decision_id) < ($2, $3))
ORDER BY d.proposed_at DESC, d.decision_id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class PostgresDecisions:
    """`Decisions` within one transaction."""

    connection: Any
    told: list[str]

    async def insert(self, card: Card, account: str | None) -> bool:
        """Store a new decision with its first event."""
        done = await self.connection.execute(
            _INSERT,
            card.decision_id,
            card.user_id,
            account,
            card.state,
            card.rev,
            card.version,
            card.plan_hash,
            card.expires_at,
            card.json_bytes().decode(),
            card.proposed_at,
            card.updated_at,
            card.session_id,
            traceparent(),
        )
        if done != "INSERT 0 1":
            return False
        self.told.append(f"decision:{card.decision_id}")
        return True

    async def get(self, decision_id: str, *, lock: bool = False) -> Decision | None:
        """Return a decision."""
        row = await self.connection.fetchrow(
            f"{_DECISION} WHERE d.decision_id = $1" + (" FOR UPDATE" if lock else ""), decision_id
        )
        return _decision(row) if row else None

    async def save(self, card: Card, *, op_id: str | None = None) -> None:
        """Store a decision's next event."""
        done = await self.connection.execute(
            _SAVE,
            card.decision_id,
            card.state,
            card.rev,
            card.version,
            card.plan_hash,
            card.expires_at,
            card.json_bytes().decode(),
            card.updated_at,
            op_id,
            card.user_id,
            card.session_id,
            traceparent(),
        )
        if done != "INSERT 0 1":
            raise ImpossibleTransitionError(
                f"decision {card.decision_id} has gone on beyond event {card.rev}"
            )
        self.told.append(f"decision:{card.decision_id}")

    async def page(
        self, person: str, states: Sequence[str], before: tuple[datetime, str] | None, limit: int
    ) -> list[Card]:
        """Return decisions, latest first."""
        at, decision_id = before or (None, None)
        rows = await self.connection.fetch(_PAGE, person, list(states), at, decision_id, limit)
        return [Card.model_validate_json(row["card"]) for row in rows]

    async def expired(self, limit: int) -> list[Decision]:
        """Return decisions whose time is over, locked."""
        return [_decision(row) for row in await self.connection.fetch(_EXPIRED, limit)]

    async def unanswered_of(self, person: str) -> list[Decision]:
        """Return the person's decisions that nothing was sent for yet, locked."""
        return [_decision(row) for row in await self.connection.fetch(_UNANSWERED, person)]

    async def hand_over(self, person: str, to: str) -> None:
        """Make another person the owner of all decisions."""
        await self.connection.execute(
            "UPDATE decision SET person = $2,"
            " card = jsonb_set(card, '{user_id}', to_jsonb($2::text)) WHERE person = $1",
            person,
            to,
        )

    async def similar(self, account: str, since: datetime, besides: str) -> list[Card]:
        """Return the account's other decisions since a time."""
        rows = await self.connection.fetch(_SIMILAR, account, since, besides)
        return [Card.model_validate_json(row["card"]) for row in rows]

    async def followers(self, decision_id: str) -> list[Card]:
        """Return the decisions that quote this one again, or are its remedy."""
        rows = await self.connection.fetch(_FOLLOWERS, decision_id)
        return [Card.model_validate_json(row["card"]) for row in rows]

    async def for_approval(
        self, person: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[Card]:
        """Return others' decisions that wait for this person as well."""
        at, decision_id = before or (None, None)
        rows = await self.connection.fetch(_FOR_APPROVAL, person, at, decision_id, limit)
        return [Card.model_validate_json(row["card"]) for row in rows]

    async def remember(self, decision_id: str, op_id: str, what: str, body_hash: str) -> None:
        """Remember an operation on a decision."""
        await self.connection.execute(
            "INSERT INTO decision_op (decision_id, op_id, what, body_hash) VALUES ($1, $2, $3, $4)",
            decision_id,
            op_id,
            what,
            body_hash,
        )

    async def remembered(self, decision_id: str, op_id: str) -> str | None:
        """Return the hash of what an operation asked for, if there was one."""
        return await self.connection.fetchval(
            "SELECT body_hash FROM decision_op WHERE decision_id = $1 AND op_id = $2",
            decision_id,
            op_id,
        )


def _decision(row: Any) -> Decision:
    return Decision(
        card=Card.model_validate_json(row["card"]),
        person=row["person"],
        account=row["account"],
        op_id=row["op_id"],
        now=row["now"],
    )
