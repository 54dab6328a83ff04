"""The open orders of everybody, found by number and by the client's id."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from uchat_sim_exchange.domain.orders import Order


@dataclass(slots=True)
class OpenOrders:
    """A client's id names one open order of its account at most."""

    _by_id: dict[int, Order] = field(default_factory=dict[int, Order])
    _by_client_id: dict[tuple[str, str], Order] = field(
        default_factory=dict[tuple[str, str], Order]
    )
    _by_account: dict[str, dict[int, Order]] = field(default_factory=dict[str, dict[int, Order]])

    def put_all(self, orders: Iterable[Order]) -> None:
        """Add orders."""
        for order in orders:
            self.put(order)

    def put(self, order: Order) -> None:
        """Add an order that is open."""
        self._by_id[order.order_id] = order
        self._by_client_id[order.account, order.client_order_id] = order
        self._by_account.setdefault(order.account, {})[order.order_id] = order

    def remove(self, order: Order) -> None:
        """Take an order out that is over."""
        if self._by_id.pop(order.order_id, None) is not None:
            del self._by_client_id[order.account, order.client_order_id]
            del self._by_account[order.account][order.order_id]

    def holds(self, order: Order) -> bool:
        """Tell whether this very order is open."""
        return self._by_id.get(order.order_id) is order

    def named(self, account: str, client_order_id: str) -> Order | None:
        """Return the open order of a client's id."""
        return self._by_client_id.get((account, client_order_id))

    def of(self, account: str, pair: str | None = None) -> list[Order]:
        """Return an account's open orders, oldest first."""
        own = self._by_account.get(account, {})
        return sorted(
            (order for order in own.values() if pair in (None, order.pair)),
            key=lambda order: order.order_id,
        )

    def find(
        self, account: str, pair: str, order_id: int | None, client_order_id: str | None
    ) -> Order | None:
        """Return an open order by its number, or by the client's id, or by both."""
        if order_id is not None:
            order = self._by_account.get(account, {}).get(order_id)
        else:
            order = self.named(account, client_order_id or "")
        if order is None or order.pair != pair:
            return None
        return order if client_order_id in (None, order.client_order_id) else None

    def __iter__(self) -> Iterator[Order]:
        return iter(sorted(self._by_id.values(), key=lambda order: order.order_id))

    def __len__(self) -> int:
        return len(self._by_id)
