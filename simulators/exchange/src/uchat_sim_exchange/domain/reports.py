"""What the user stream tells: orders, balances, deposits.

Source: https://developers.binance.com/docs/binance-spot-api-docs/user-data-stream
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from uchat_sim_exchange.domain.accounts import Account
from uchat_sim_exchange.domain.instruments import QUOTE
from uchat_sim_exchange.domain.orders import Order, Trade

_DECIMALS: Final = Decimal("0.00000001")
_NOTHING: Final = "0.00000000"
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Report:
    """An event of an account, as it goes over the wire."""

    account: str
    body: dict[str, Any]


def text(value: Decimal) -> str:
    """Return an amount as Binance writes it: eight decimals."""
    return format(value.quantize(_DECIMALS), "f")


def order_report(order: Order, kind: str, at_ms: int, cancel_id: str = "") -> Report:
    """Return an executionReport without a fill: NEW, CANCELED or EXPIRED.

    A cancelled order is told under the id of the cancel in `c`; its own is `C` then.
    """
    names = {"c": order.client_order_id, "C": ""}
    if cancel_id:
        names = {"c": cancel_id, "C": order.client_order_id}
    body = _body(order, kind, at_ms, (order.executed, order.executed_quote), order.status)
    return Report(order.account, {**body, **names})


def trade_reports(order: Order, trades: Sequence[Trade], at_ms: int) -> list[Report]:
    """Return an executionReport for each of an order's latest fills, with its running sums."""
    executed = order.executed - sum((trade.quantity for trade in trades), _ZERO)
    quote = order.executed_quote - sum((trade.quote for trade in trades), _ZERO)
    found: list[Report] = []
    for trade in trades:
        executed, quote = executed + trade.quantity, quote + trade.quote
        status = "FILLED" if executed == order.quantity else "PARTIALLY_FILLED"
        if not order.is_open and order.status not in ("FILLED", "EXPIRED"):
            status = order.status
        body = _body(order, "TRADE", at_ms, (executed, quote), status) | {
            "l": text(trade.quantity),
            "L": text(trade.price),
            "n": text(trade.commission),
            "N": QUOTE,
            "t": trade.trade_id,
            "m": trade.maker,
            "Y": text(trade.quote),
            "T": trade.at_ms,
        }
        found.append(Report(order.account, body))
    return found


def position_report(account: Account, assets: Iterable[str], at_ms: int) -> Report:
    """Return an outboundAccountPosition: what there is of some assets now."""
    held = [
        {
            "a": asset,
            "f": text(account.balance(asset).free),
            "l": text(account.balance(asset).locked),
        }
        for asset in assets
    ]
    body = {"e": "outboundAccountPosition", "E": at_ms, "u": at_ms, "B": held}
    return Report(account.api_key, body)


def movement_report(account: str, asset: str, delta: Decimal, at_ms: int) -> Report:
    """Return a balanceUpdate: what a deposit or a withdrawal has changed."""
    body = {"e": "balanceUpdate", "E": at_ms, "a": asset, "d": text(delta), "T": at_ms}
    return Report(account, body)


def _body(
    order: Order, kind: str, at_ms: int, filled: tuple[Decimal, Decimal], status: str
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "e": "executionReport",
        "E": at_ms,
        "s": order.pair,
        "c": order.client_order_id,
        "S": order.side,
        "o": order.type,
        "f": order.time_in_force,
        "q": text(order.quantity),
        "p": text(order.price),
        "P": text(order.stop_price),
        "F": _NOTHING,
        "g": -1,
        "C": "",
        "x": kind,
        "X": status,
        "r": "NONE",
        "i": order.order_id,
        "l": _NOTHING,
        "z": text(filled[0]),
        "L": _NOTHING,
        "n": "0",
        "N": None,
        "T": order.updated_ms,
        "t": -1,
        "w": order.is_open and order.works,
        "m": False,
        "M": False,
        "O": order.placed_ms,
        "Z": text(filled[1]),
        "Y": _NOTHING,
        "Q": text(order.quote_quantity),
        "V": "NONE",
    }
    return body | ({"W": order.working_ms} if order.works else {})
