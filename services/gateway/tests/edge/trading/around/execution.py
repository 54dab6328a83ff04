"""What the loopback execution service holds and was asked."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from uchat_contracts.ids import new_conversation_id
from uchat_contracts.trading import Card, KillSwitch, LegRequest, Mandate, PlanRequest
from uchat_platform import rpc
from uchat_platform.errors import NotFoundError, UchatError

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
HASH = "ab" * 32
ONE = Decimal("1.50")


def page(items: list[Any], cursor: str, limit: int) -> tuple[list[Any], str]:
    start = int(cursor) if cursor.isdigit() else 0
    more = start + limit < len(items)
    return items[start : start + limit], str(start + limit) if more else ""


@dataclass(repr=False)
class Execution:
    """A small execution service. `calls` holds (method, actor, request), in order."""

    calls: list[tuple[str, Any, Any]] = field(default_factory=list)
    cards: dict[str, Card] = field(default_factory=dict)
    mandates: dict[str, Mandate] = field(default_factory=dict)
    switches: dict[str, KillSwitch] = field(default_factory=dict)
    refuses: dict[str, UchatError] = field(default_factory=dict)

    def put(self, person: str, **fields: Any) -> Card:
        card = Card(
            **{
                "decision_id": str(uuid.uuid4()),
                "rev": 2,
                "version": 1,
                "state": "awaiting_approval",
                "session_id": new_conversation_id(),
                "user_id": person,
                "interface": "telegram",
                "proposed_at": AT,
                "updated_at": AT,
                "request": PlanRequest(legs=[LegRequest(symbol="BTC", side="buy", amount=ONE)]),
                "plan_hash": HASH,
                **fields,
            }
        )
        self.cards[card.decision_id] = card
        return card

    def called(self, method: str, request: Any) -> Any:
        actor = rpc.current_actor().actor
        self.calls.append((method, actor, request))
        if method in self.refuses:
            raise self.refuses[method]
        return actor

    def of(self, method: str) -> list[tuple[Any, Any]]:
        return [(actor, request) for name, actor, request in self.calls if name == method]

    def owned(self, person: str, decision_id: str) -> Card:
        card = self.cards.get(decision_id)
        if card is None or card.user_id != person:
            raise NotFoundError("There is no such decision")
        return card
