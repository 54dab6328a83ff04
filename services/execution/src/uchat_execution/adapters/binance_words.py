"""Reads Binance's answers about orders into the words of this service."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from uchat_execution.domain.orders import OrderRef, VenueFill, VenueOrder, VenueStatus

UNREADABLE: Final = (KeyError, TypeError, ValueError, ArithmeticError)
"""What reading raises if an answer is not what Binance's documentation says."""
_STATUS: Final[Mapping[str, VenueStatus]] = {
    "NEW": "open",
    "PENDING_NEW": "open",
    "PARTIALLY_FILLED": "partially_filled",
    "PENDING_CANCEL": "open",
    "FILLED": "filled",
    "CANCELED": "cancelled",
    "EXPIRED": "cancelled",
    "EXPIRED_IN_MATCH": "cancelled",
    "REJECTED": "rejected",
}


def placed_order(ref: OrderRef, body: Any) -> VenueOrder:
    """Return the answer to a placement, with its fills.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: it cannot be read, or contradicts itself.
    """
    at_ms = body["transactTime"]
    fills = [
        VenueFill(
            trade_id=str(fill["tradeId"]),
            price=Decimal(fill["price"]),
            quantity=Decimal(fill["qty"]),
            fee=Decimal(fill["commission"]),
            fee_asset=fill["commissionAsset"],
            maker=False,
            at=_time(at_ms),
        )
        for fill in body["fills"]
    ]
    order = _order(ref, body, fills, at_ms)
    if sum((fill.quantity for fill in fills), Decimal(0)) != order.filled:
        raise ValueError("The fills do not sum up to what is executed")
    return order


def past_fill(trade: Any) -> VenueFill:
    """Return an entry of myTrades.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: it cannot be read.
    """
    return VenueFill(
        trade_id=str(trade["id"]),
        price=Decimal(trade["price"]),
        quantity=Decimal(trade["qty"]),
        fee=Decimal(trade["commission"]),
        fee_asset=trade["commissionAsset"],
        maker=trade["isMaker"],
        at=_time(trade["time"]),
    )


def past_order(ref: OrderRef, body: Any, fills: list[VenueFill]) -> VenueOrder:
    """Return an answer of GET order, with the fills that belong to it.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: it cannot be read.
    """
    return _order(ref, body, fills, body["updateTime"])


def _order(ref: OrderRef, body: Any, fills: list[VenueFill], at_ms: int) -> VenueOrder:
    return VenueOrder(
        ref=ref,
        venue_order_id=str(body["orderId"]),
        status=_STATUS[body["status"]],
        quantity=Decimal(body["origQty"]),
        filled=Decimal(body["executedQty"]),
        fills=tuple(fills),
        at=_time(at_ms),
    )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
