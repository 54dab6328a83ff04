"""Reads what is asked for from the parameters of a signed request."""

from typing import Final

from uchat_sim_exchange.access import Signed, number
from uchat_sim_exchange.domain.instruments import BY_PAIR
from uchat_sim_exchange.errors import missing, unknown_symbol

_MAX_PAGE: Final = 1000
_DEFAULT_PAGE: Final = 500


def pair_of(signed: Signed) -> str:
    """Return the symbol.

    Raises:
        ExchangeError: -1102 or -1121.
    """
    pair = signed.params.get("symbol", "")
    if not pair:
        raise missing("symbol")
    if pair not in BY_PAIR:
        raise unknown_symbol()
    return pair


def names(signed: Signed, client_name: str) -> tuple[int | None, str | None]:
    """Return an order's number and the client's id, at least one of them.

    Raises:
        ExchangeError: -1102.
    """
    order_id = optional(signed, "orderId")
    client_order_id = signed.params.get(client_name) or None
    if order_id is None and client_order_id is None:
        raise missing("orderId")
    return order_id, client_order_id


def optional(signed: Signed, name: str) -> int | None:
    """Return a whole number, or None without one."""
    return number(signed.params, name) if signed.params.get(name) else None


def limit_of(signed: Signed, default: int = _DEFAULT_PAGE) -> int:
    """Return how many are asked for."""
    return max(1, min(number(signed.params, "limit", default), _MAX_PAGE))
