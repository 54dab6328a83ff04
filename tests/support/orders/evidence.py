"""What the books and the exchange say of every order: the evidence that the judge goes by."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from uchat_contracts.trading import Card, Plan

HAND = "hand-"
"""How ids of orders begin that a person placed at the exchange by hand."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as the exchange's journal has it. `account` is the API key that placed it."""

    order_id: int
    account: str
    client_order_id: str
    symbol: str
    side: str
    type: str
    quantity: Decimal
    executed: Decimal
    price: Decimal
    status: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Leg:
    """An order as the books have it; `deadline` is that of its latest claim."""

    order_id: str
    decision_id: str
    version: int
    leg: int
    attempt: int
    epoch: int
    account: str
    symbol: str
    client_order_id: str
    state: str
    quantity: Decimal
    filled: Decimal
    venue_order_id: str | None
    deadline: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Approved:
    """A version of a plan that was approved: by whom, and what exactly."""

    decision_id: str
    version: int
    person: str
    plan: Plan
    plan_hash: str

    @property
    def hash(self) -> str:
        """Return the hash of the plan itself, whatever is written beside it."""
        return self.plan.hash(self.decision_id, self.person, self.version)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it stands."""

    decision_id: str
    person: str
    state: str
    version: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Stop:
    """Trading of a person was stopped: nothing is placed from one time until the other."""

    person: str
    effective_at: datetime
    released_at: datetime | None = None


@dataclass(slots=True)
class Books:
    """Everything that execution has written down.

    `unbalanced` are assets whose entries do not sum to zero, `skewed` are balances (as
    `account asset`) that are not what the entries say, `torn` are orders or decisions whose events
    are not 1, 2, 3, …, `misfilled` are orders that say another quantity than their fills. `held` is
    free and reserved units by account and asset.
    """

    legs: list[Leg]
    approved: list[Approved]
    decided: list[Decided]
    accounts: dict[str, str]
    unbalanced: list[str] = field(default_factory=list)
    skewed: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    misfilled: list[str] = field(default_factory=list)
    held: dict[tuple[str, str], Decimal] = field(default_factory=dict)


_LEGS = """
SELECT order_id, decision_id, version, leg, attempt, epoch, account, symbol, client_order_id, state,
    quantity, filled, venue_order_id, deadline, reason FROM execution.orders
"""
_APPROVED = """
SELECT DISTINCT ON (decision_id, card ->> 'version') card FROM execution.decision_event
WHERE state = 'approved' ORDER BY decision_id, card ->> 'version', rev
"""
_DECIDED = "SELECT decision_id, person, state, version, card FROM execution.decision"
_UNBALANCED = """
SELECT asset FROM execution.ledger_entry GROUP BY asset HAVING sum(amount) <> 0
"""
_SKEWED = """
SELECT b.account || ' ' || b.asset FROM execution.balance b
LEFT JOIN (SELECT book, asset, sum(amount) AS amount FROM execution.ledger_entry GROUP BY 1, 2) f
    ON f.book = 'free:' || b.account AND f.asset = b.asset
LEFT JOIN (SELECT book, asset, sum(amount) AS amount FROM execution.ledger_entry GROUP BY 1, 2) r
    ON r.book = 'reserved:' || b.account AND r.asset = b.asset
WHERE b.free <> coalesce(f.amount, 0) OR b.reserved <> coalesce(r.amount, 0)
    OR b.free < 0 OR b.reserved < 0
"""
_TORN = """
SELECT order_id AS about FROM execution.order_event JOIN execution.orders o USING (order_id)
GROUP BY 1, o.rev HAVING count(*) <> o.rev OR max(order_event.rev) <> o.rev
UNION ALL
SELECT decision_id FROM execution.decision_event JOIN execution.decision d USING (decision_id)
GROUP BY 1, d.rev HAVING count(*) <> d.rev OR max(decision_event.rev) <> d.rev
"""
_MISFILLED = """
SELECT order_id FROM execution.orders o LEFT JOIN execution.fill f USING (order_id)
GROUP BY order_id, o.filled, o.quantity
HAVING coalesce(sum(f.quantity), 0) <> o.filled OR o.filled > o.quantity
"""
_HELD = "SELECT account, asset, free + reserved AS amount FROM execution.balance"


async def read_books(connection: Any) -> Books:
    """Read everything, as it stands at one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        legs = [_leg(row) for row in await connection.fetch(_LEGS)]
        approved = [_approved(row["card"]) for row in await connection.fetch(_APPROVED)]
        decided = [_decided(row) for row in await connection.fetch(_DECIDED)]
        accounts = dict(await connection.fetch("SELECT account, person FROM execution.account"))
        held = {
            (row["account"], row["asset"]): row["amount"] for row in await connection.fetch(_HELD)
        }
        checks = [
            [row[0] for row in await connection.fetch(query)]
            for query in (_UNBALANCED, _SKEWED, _TORN, _MISFILLED)
        ]
    return Books(legs, approved, decided, accounts, *checks, held=held)


def _leg(row: Any) -> Leg:
    values = dict(row)
    reason = values.pop("reason")
    return Leg(**values, reason=json.loads(reason)["code"] if reason else None)


def _approved(card: str) -> Approved:
    read = Card.model_validate_json(card)
    if read.plan is None:
        raise ValueError(f"Expected a plan in what was approved, found none: {read.decision_id}")
    return Approved(read.decision_id, read.version, read.user_id, read.plan, read.plan_hash or "")


def _decided(row: Any) -> Decided:
    reason = json.loads(row["card"]).get("reason")
    return Decided(
        row["decision_id"],
        row["person"],
        row["state"],
        row["version"],
        reason["code"] if reason else None,
    )


def placed(entries: Sequence[dict[str, Any]]) -> list[Placed]:
    """Return the entries of the exchange's journal; what it refused was never placed."""
    return [
        Placed(
            order_id=entry["order_id"],
            account=entry["account"],
            client_order_id=entry["client_order_id"],
            symbol=entry["symbol"],
            side=entry["side"],
            type=entry["type"],
            quantity=Decimal(entry["quantity"]),
            executed=Decimal(entry["executed"]),
            price=Decimal(entry["price"]),
            status=entry["status"],
            placed_at=datetime.fromisoformat(entry["placed_at"]),
        )
        for entry in entries
        if entry["status"] != "REJECTED"
    ]


def at_venue(body: dict[str, Any]) -> dict[str, Decimal]:
    """Return units by asset of an account as the exchange answers them."""
    return {
        each["asset"]: Decimal(each["free"]) + Decimal(each["locked"]) for each in body["balances"]
    }
