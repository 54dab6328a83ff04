"""Reads Binance's answers about orders into the words of this service."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from uchat_execution.domain.orders import (
    Feature,
    NewOrder,
    OrderRef,
    SeenOrder,
    Side,
    VenueEvent,
    VenueFill,
    VenueOrder,
    VenueStatus,
)

UNKNOWN_KEYS: Final = frozenset({-2014, -2015})
"""The exchange does not know the key, or refuses it."""
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

_TRIGGERED: Final = {"stop": "STOP_LOSS", "take_profit": "TAKE_PROFIT"}
FEATURES: Final[Mapping[str, tuple[Feature, ...]]] = {
    "MARKET": ("market",),
    "LIMIT": ("limit", "ioc", "fok"),
    "LIMIT_MAKER": ("post_only",),
    "STOP_LOSS": ("stop",),
    "STOP_LOSS_LIMIT": ("stop_limit",),
    "TAKE_PROFIT": ("take_profit",),
    "TAKE_PROFIT_LIMIT": ("take_profit_limit",),
}
"""What an entry of `orderTypes` in exchangeInfo means."""


def type_of(order: NewOrder) -> str:
    """Return Binance's type of an order, which also says whether it has a price."""
    if order.type in _TRIGGERED:
        return _TRIGGERED[order.type] + ("_LIMIT" if order.limit_price is not None else "")
    if order.type == "market":
        return "MARKET"
    return "LIMIT_MAKER" if order.post_only else "LIMIT"


def told_event(report: Any, quote_currency: str) -> VenueEvent:
    """Return an executionReport of the user data stream.

    `C` is our id of an order that a cancellation, which has an id of its own, was about.
    Source: https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: it cannot be read.
    """
    traded = report["x"] == "TRADE"
    fill = VenueFill(
        trade_id=str(report["t"]),
        price=Decimal(report["L"]),
        quantity=Decimal(report["l"]),
        fee=Decimal(report["n"]),
        fee_asset=report["N"] or quote_currency,
        maker=report["m"],
        at=_time(report["T"]),
    )
    return VenueEvent(
        client_order_id=report["C"] or report["c"],
        symbol=report["s"].removesuffix(quote_currency),
        venue_order_id=str(report["i"]),
        status=_STATUS[report["X"]],
        quantity=Decimal(report["q"]),
        filled=Decimal(report["z"]),
        fill=fill if traded else None,
        at=_time(report["T"]),
    )


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
        for fill in body.get("fills", ())
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


def seen_order(order: VenueOrder, body: Any) -> SeenOrder:
    """Return an answer of GET order with whose order it is.

    Raises:
        KeyError, TypeError, ValueError: it cannot be read.
    """
    sides: dict[str, Side] = {"BUY": "buy", "SELL": "sell"}
    return SeenOrder(order, sides[body["side"]], str(body["clientOrderId"]))
