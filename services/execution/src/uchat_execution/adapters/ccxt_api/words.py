"""Reads ccxt's structures into the words of this service. Numbers come as text (`number: str`)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from uchat_execution.domain.orders import (
    NewOrder,
    OrderRef,
    SeenOrder,
    Side,
    VenueFill,
    VenueOrder,
    VenueStatus,
)
from uchat_execution.domain.statements import ToldOrder, ToldTrade, ToldTransfer

UNREADABLE: Final = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, IndexError)
"""What reading raises if an answer is not what ccxt's manual says."""
_STATUS: Final[Mapping[str, VenueStatus]] = {
    "open": "open",
    "canceling": "open",
    # Accepted, and not yet in the book (https://developers.binance.com, enumerations).
    "PENDING_NEW": "open",
    "closed": "filled",
    "canceled": "cancelled",
    "expired": "cancelled",
    "rejected": "rejected",
}
_SIDES: Final[Mapping[str, Side]] = {"buy": "buy", "sell": "sell"}
_DONE: Final = "ok"
_ZERO: Final = Decimal(0)


def pair(symbol: str, quote_currency: str) -> str:
    """Return ccxt's name of a spot market: BTC/USDT."""
    return f"{symbol}/{quote_currency}"


def parameters(order: NewOrder) -> dict[str, Any]:
    """Return what ccxt needs of an order besides its type, side, amount and price."""
    extra: dict[str, Any] = {
        "clientOrderId": order.ref.client_order_id,
        "timestamp": int(order.signed_at.timestamp() * 1000),
        "recvWindow": order.window_ms,
        "newOrderRespType": "FULL",
    }
    if order.trigger_price is not None:
        name = "takeProfitPrice" if order.type == "take_profit" else "stopLossPrice"
        extra[name] = text(order.trigger_price)
    if order.post_only:
        extra["postOnly"] = True
    elif order.limit_price is not None:
        extra["timeInForce"] = order.time_in_force.upper()
    return extra


def placed_order(ref: OrderRef, told: Any) -> VenueOrder:
    """Return the answer to a placement, with its fills.

    Raises:
        one of UNREADABLE: it cannot be read, or its fills are not what it says is filled.
    """
    at = told["timestamp"] or told["lastUpdateTimestamp"]
    fills = [_fill({**each, "timestamp": at}) for each in told["trades"]]
    return past_order(ref, told, fills)


def past_order(ref: OrderRef, told: Any, fills: Sequence[VenueFill]) -> VenueOrder:
    """Return an order that was asked for, with the fills that belong to it.

    Raises:
        one of UNREADABLE: it cannot be read, or its fills are not what it says is filled.
    """
    filled = Decimal(told["filled"])
    if sum((fill.quantity for fill in fills), _ZERO) != filled:
        raise ValueError("The fills do not sum up to what is filled")
    status = _STATUS[told["status"]]
    if status == "open" and filled:
        status = "partially_filled"
    return VenueOrder(
        ref=ref,
        venue_order_id=str(told["id"]),
        status=status,
        quantity=Decimal(told["amount"]),
        filled=filled,
        fills=tuple(fills),
        at=_time(told["lastUpdateTimestamp"] or told["timestamp"]),
    )


def seen_order(order: VenueOrder, told: Any) -> SeenOrder:
    """Return an order that was asked for by the venue's number, with whose it is."""
    return SeenOrder(order, _SIDES[told["side"]], str(told["clientOrderId"] or ""))


def past_fill(told: Any) -> VenueFill:
    """Return one of the account's trades."""
    return _fill(told)


def told_trade(symbol: str, told: Any) -> ToldTrade:
    """Return a trade, whoever ordered it."""
    return ToldTrade(str(told["order"]), symbol, _SIDES[told["side"]], _fill(told))


def told_orders(told: Sequence[Any], quote_currency: str) -> list[ToldOrder]:
    """Return the resting orders that are quoted in a currency."""
    split = [(each, each["symbol"].partition("/")) for each in told]
    return [
        ToldOrder(str(each["id"]), base, str(each["clientOrderId"] or ""))
        for each, (base, _, quote) in split
        if quote == quote_currency
    ]


def balances(told: Any) -> dict[str, tuple[Decimal, Decimal]]:
    """Return free and reserved units by asset; assets of which there is none are missing."""
    held = {
        asset: (Decimal(free or 0), Decimal(told["used"].get(asset) or 0))
        for asset, free in told["free"].items()
    }
    return {asset: units for asset, units in held.items() if any(units)}


def told_transfers(came: Sequence[Any], went: Sequence[Any]) -> list[ToldTransfer]:
    """Return deposits and withdrawals that are completed, oldest first."""
    told = [
        *(_transfer("deposit", each) for each in came if each["status"] == _DONE),
        *(_transfer("withdrawal", each) for each in went if each["status"] == _DONE),
    ]
    return sorted(told, key=lambda each: (each.at, each.transfer_id))


def text(value: Decimal) -> str:
    """Return a number as every exchange reads it: no exponent, no zeros at the end."""
    return format(value.normalize(), "f")


def _transfer(kind: Any, told: Any) -> ToldTransfer:
    fee = (told.get("fee") or {}).get("cost")
    return ToldTransfer(
        transfer_id=str(told["id"]),
        kind=kind,
        asset=told["currency"],
        amount=Decimal(told["amount"]),
        fee=Decimal(fee or 0) if kind == "withdrawal" else _ZERO,
        at=_time(told["timestamp"]),
    )


def _fill(told: Any) -> VenueFill:
    return VenueFill(
        trade_id=str(told["id"]),
        price=Decimal(told["price"]),
        quantity=Decimal(told["amount"]),
        fee=Decimal(told["fee"]["cost"]),
        fee_asset=told["fee"]["currency"],
        maker=told.get("takerOrMaker") == "maker",
        at=_time(told["timestamp"]),
    )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
