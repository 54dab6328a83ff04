"""Reads an order from a request's parameters."""

import re
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, cast

from uchat_sim_exchange.domain.orders import ORDER_TYPES, OrderType, Side, Ticket, TimeInForce
from uchat_sim_exchange.errors import ExchangeError, illegal, missing

_CLIENT_ID: Final = r"^[a-zA-Z0-9-_]{1,36}$"
_DECIMAL: Final = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_REFUSED: Final = {
    "side": (-1117, "Invalid side."),
    "type": (-1116, "Invalid orderType."),
    "timeInForce": (-1115, "Invalid timeInForce."),
}


def read_ticket(params: Mapping[str, str]) -> Ticket:
    """Return the order that the parameters describe.

    Raises:
        ExchangeError: -1102 something is missing, -1106 something is too much, -1100 something is
            not written as it should be, -1115 to -1117 an unknown word.
    """
    client_order_id = params.get("newClientOrderId") or secrets.token_hex(11)
    if not re.fullmatch(_CLIENT_ID, client_order_id):
        raise illegal("newClientOrderId", _CLIENT_ID)
    pair = params.get("symbol", "")
    if not pair:
        raise missing("symbol")
    side = cast("Side", _word(params, "side", ("BUY", "SELL")))
    kind = cast("OrderType", _word(params, "type", ORDER_TYPES))
    if kind == "MARKET":
        return _market(params, client_order_id, pair, side)
    in_force, price = _terms(params, kind)
    _refuse(params, "quoteOrderQty")
    stop_price = None
    if kind.startswith(("STOP_LOSS", "TAKE_PROFIT")):
        stop_price = _needed(_decimal(params, "stopPrice"), "stopPrice")
    else:
        _refuse(params, "stopPrice")
    quantity = _needed(_decimal(params, "quantity"), "quantity")
    return Ticket(
        client_order_id, pair, side, kind, in_force, quantity, price=price, stop_price=stop_price
    )


def _terms(params: Mapping[str, str], kind: OrderType) -> tuple[TimeInForce, Decimal | None]:
    if kind in ("STOP_LOSS", "TAKE_PROFIT"):
        for name in ("price", "timeInForce"):
            _refuse(params, name)
        return "GTC", None
    in_force: TimeInForce = "GTC"
    if kind == "LIMIT_MAKER":
        _refuse(params, "timeInForce")
    else:
        in_force = cast("TimeInForce", _word(params, "timeInForce", ("GTC", "IOC", "FOK")))
    return in_force, _needed(_decimal(params, "price"), "price")


def _market(params: Mapping[str, str], client_order_id: str, pair: str, side: Side) -> Ticket:
    for name in ("price", "timeInForce", "stopPrice"):
        _refuse(params, name)
    quantity, quote = _decimal(params, "quantity"), _decimal(params, "quoteOrderQty")
    if (quantity is None) == (quote is None):
        raise missing("quantity") if quantity is None else _too_much("quoteOrderQty")
    return Ticket(client_order_id, pair, side, "MARKET", quantity=quantity, quote_quantity=quote)


def _word(params: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    value = params.get(name, "")
    if not value:
        raise missing(name)
    if value not in known:
        raise ExchangeError(*_REFUSED[name])
    return value


def _decimal(params: Mapping[str, str], name: str) -> Decimal | None:
    value = params.get(name, "")
    if not value:
        return None
    if not re.fullmatch(_DECIMAL, value):
        raise illegal(name, _DECIMAL)
    return Decimal(value)


def _needed(value: Decimal | None, name: str) -> Decimal:
    if value is None:
        raise missing(name)
    return value


def _refuse(params: Mapping[str, str], name: str) -> None:
    if params.get(name):
        raise _too_much(name)


def _too_much(name: str) -> ExchangeError:
    return ExchangeError(-1106, f"Parameter '{name}' sent when not required.")
