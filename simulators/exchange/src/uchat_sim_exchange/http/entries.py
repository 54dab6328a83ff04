"""How the journal is told to tests: accepted orders, refused ones, movements of money."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from uchat_sim_exchange.domain.accounts import Movement, Rejection
from uchat_sim_exchange.domain.orders import Order

HAND_PREFIX: Final = "web_"


def order_entry(order: Order) -> dict[str, Any]:
    """Return an accepted order; `by_hand` if it came by `POST /sim/trades`."""
    return {
        "client_order_id": order.client_order_id,
        "order_id": order.order_id,
        "account": order.account,
        "symbol": order.pair,
        "side": order.side,
        "type": order.type,
        "quantity": _plain(order.quantity),
        "executed": _plain(order.executed),
        "price": _plain(order.price),
        "stop_price": _plain(order.stop_price),
        "status": order.status,
        "placed_at": _time(order.placed_ms),
        "by_hand": order.client_order_id.startswith(HAND_PREFIX),
    }


def rejection_entry(rejection: Rejection) -> dict[str, Any]:
    """Return a refused order: Binance's code and words, and no order number."""
    return {
        "number": rejection.number,
        "client_order_id": rejection.client_order_id,
        "account": rejection.account,
        "symbol": rejection.pair,
        "side": rejection.side,
        "type": rejection.type,
        "quantity": rejection.quantity,
        "status": "REJECTED",
        "code": rejection.code,
        "message": rejection.message,
        "placed_at": _time(rejection.at_ms),
    }


def movement_entry(movement: Movement) -> dict[str, Any]:
    """Return a deposit or a withdrawal."""
    return {
        "number": movement.number,
        "account": movement.account,
        "kind": "deposit" if movement.deposit else "withdrawal",
        "asset": movement.asset,
        "amount": _plain(movement.amount),
        "fee": _plain(movement.fee),
        "at": _time(movement.at_ms),
    }


def _time(at_ms: int) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
