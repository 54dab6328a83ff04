"""The life of a decision: which state may follow which, and the card as its next event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from uchat_contracts.trading import Card, OrderResult, Reason, Result
from uchat_execution.domain import remedies
from uchat_execution.domain.orders import SETTLED, ImpossibleTransitionError, Order

_RUNNING: Final = frozenset({"executing", "executed", "partially_executed", "failed"})
_NEXT: Final[dict[str, frozenset[str]]] = {
    "new": frozenset({"proposed", "awaiting_approval", "denied"}),
    "proposed": frozenset({"awaiting_approval", "denied", "approved"}),
    # To itself: another version of its plan, or the first of two approvals.
    "awaiting_approval": frozenset(
        {"awaiting_approval", "approved", "rejected", "expired", "superseded", "cancelled"}
        | {"denied"}
    ),
    "approved": frozenset(
        {"awaiting_approval", "denied", "approved", "expired", "superseded", "cancelled"}
    )
    | _RUNNING
    | {"needs_human"},
    "executing": frozenset({"awaiting_approval", "denied", "approved", "expired", "cancelled"})
    | _RUNNING
    | {"needs_human"},
    "needs_human": _RUNNING | {"cancelled"},
    # A venue may tell of a trade after everything seemed to be over.
    "failed": frozenset({"partially_executed", "executed"}),
    "cancelled": frozenset({"partially_executed", "executed"}),
    "partially_executed": frozenset({"partially_executed", "executed"}),
}
FINAL: Final = frozenset(
    {"denied", "rejected", "expired", "superseded", "cancelled"}
    | {"executed", "partially_executed", "failed"}
)
"""States in which nothing more happens by itself."""

KINDS: Final = {
    **dict.fromkeys(("proposed", "awaiting_approval", "denied"), "decision"),
    **dict.fromkeys(
        ("approved", "rejected", "expired", "superseded", "cancelled"), "decision.resolved"
    ),
    **dict.fromkeys(
        ("executing", "executed", "partially_executed", "failed", "needs_human"), "execution"
    ),
}
"""The kind of a log's entry for each state."""


def entering(card: Card, state: str, at: datetime, **changes: Any) -> Card:
    """Return the card in a state, as the decision's next event.

    Raises:
        ImpossibleTransitionError: that state cannot follow.
    """
    if state not in _NEXT.get(card.state, frozenset()):
        raise ImpossibleTransitionError(f"decision {card.decision_id}: {card.state} to {state}")
    update = {"state": state, "rev": card.rev + 1, "updated_at": at, **changes}
    return card.model_copy(update=update)


def noted(card: Card, at: datetime, **changes: Any) -> Card:
    """Return the card in the state that it is in, as the decision's next event."""
    return card.model_copy(update={"rev": card.rev + 1, "updated_at": at, **changes})


def outcome(card: Card, orders: Sequence[Order], at: datetime) -> Card:
    """Return the card in the state that its orders make, with what became of each.

    A plan that was carried out in part says what is done, what is not and why, and has a remedy:
    a wish that needs an approval of its own.

    Raises:
        ImpossibleTransitionError: that state cannot follow.
    """
    state, reason = standing(orders)
    remedy = None
    if state == "partially_executed" and reason is not None and card.plan is not None:
        remedy = remedies.remedy(card.plan, orders)
        reason = remedies.told(orders, reason)
    return entering(card, state, at, reason=reason, result=result(orders, at), remedy=remedy)


def order_result(order: Order) -> OrderResult:
    """Return what a card says of one of its orders."""
    return OrderResult(
        leg=order.leg,
        order_id=order.order_id,
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=order.side,
        status=order.state,
        quantity=order.quantity,
        filled=order.filled,
        average_price=order.average_price,
        fee=order.fee,
        fee_asset=order.fee_asset,
        at=order.updated_at,
    )


def standing(orders: Sequence[Order]) -> tuple[str, Reason | None]:
    """Return the decision's state that its orders make, and why if it is not what was wished."""
    reason = next((order.reason for order in orders if order.reason is not None), None)
    if any(order.state not in SETTLED for order in orders):
        return "executing", None
    if all(order.state == "filled" for order in orders):
        return "executed", None
    if any(order.filled for order in orders):
        return "partially_executed", reason or Reason(
            code="not_all_filled", text="Not everything could be bought or sold."
        )
    if all(order.state in ("cancelled", "not_placed") and order.reason is None for order in orders):
        return "cancelled", Reason(code="orders_cancelled", text="The order was cancelled.")
    return "failed", reason or Reason(code="nothing_filled", text="Nothing was bought or sold.")


def result(orders: Sequence[Order], at: datetime) -> Result:
    """Return what became of all legs so far."""
    ordered = sorted(orders, key=lambda order: order.leg)
    return Result(orders=[order_result(order) for order in ordered], at=at)
