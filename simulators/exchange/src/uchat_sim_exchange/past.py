"""What was, for questions that are answered late: a replica that lags behind, as exchanges have.

The past begins when the first lag is planned; nothing is kept while none is.
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TypeVar

from uchat_sim_exchange.domain.accounts import Account, Balance
from uchat_sim_exchange.domain.orders import Order, Trade

_Balances = dict[str, Balance]
_T = TypeVar("_T")


@dataclass(slots=True)
class Past:
    """Versions of orders and balances by the time from which they were true, Unix milliseconds."""

    keeps: bool = False
    _orders: dict[int, list[tuple[int, Order]]] = field(
        default_factory=dict[int, list[tuple[int, Order]]]
    )
    _balances: dict[str, list[tuple[int, _Balances]]] = field(
        default_factory=dict[str, list[tuple[int, _Balances]]]
    )
    _trades: dict[int, int] = field(default_factory=dict[int, int])

    def begin(self, accounts: Iterable[Account], orders: Iterable[Order]) -> None:
        """Remember everything as it is: older than any question."""
        if self.keeps:
            return
        self.keeps = True
        for account in accounts:
            self._balances[account.api_key] = [(0, deepcopy(account.balances))]
        for order in orders:
            self._orders[order.order_id] = [(0, replace(order))]

    def end(self) -> None:
        """Forget it."""
        self.keeps = False
        self._orders.clear()
        self._balances.clear()
        self._trades.clear()

    def note(
        self, at_ms: int, account: Account, order: Order | None, trades: Sequence[Trade]
    ) -> None:
        """Remember a change, if anybody may ask for what was before."""
        if not self.keeps:
            return
        self._balances.setdefault(account.api_key, [(0, {})]).append(
            (at_ms, deepcopy(account.balances))
        )
        if order is not None:
            self._orders.setdefault(order.order_id, []).append((at_ms, replace(order)))
        for trade in trades:
            self._trades[trade.trade_id] = at_ms

    def order(self, order: Order, at_ms: int) -> Order | None:
        """Return an order as it was; None before it was known."""
        versions = self._orders.get(order.order_id)
        if versions is None:
            return order
        return _latest(versions, at_ms)

    def open_orders(self, account: str, pair: str | None, at_ms: int) -> list[Order]:
        """Return an account's orders that were open, oldest first."""
        found = [_latest(versions, at_ms) for _, versions in sorted(self._orders.items())]
        return [
            order
            for order in found
            if order is not None
            and order.is_open
            and order.account == account
            and pair in (None, order.pair)
        ]

    def knew(self, trade: Trade, at_ms: int) -> bool:
        """Tell whether a trade had been made."""
        return self._trades.get(trade.trade_id, 0) <= at_ms

    def balances(self, account: Account, at_ms: int) -> _Balances:
        """Return what an account had."""
        versions = self._balances.get(account.api_key)
        return (_latest(versions, at_ms) or {}) if versions else account.balances


def _latest(versions: list[tuple[int, _T]], at_ms: int) -> _T | None:
    found = [version for since, version in versions if since <= at_ms]
    return found[-1] if found else None
