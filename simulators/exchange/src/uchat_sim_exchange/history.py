"""Questions about the past. They are answered from the journal, after all is on disk."""

from dataclasses import dataclass

from uchat_sim_exchange import rows
from uchat_sim_exchange.domain.orders import Order, Trade
from uchat_sim_exchange.journal import Journal


@dataclass(frozen=True, slots=True)
class History:
    """Orders and trades as they are on disk. Times are Unix milliseconds."""

    journal: Journal

    async def order(
        self, account: str, pair: str, order_id: int | None, client_order_id: str | None
    ) -> Order | None:
        """Return an order by its number, or the newest one of a client's id."""
        await self.journal.settled()
        if order_id is None:
            return rows.latest_order(self.journal.reader, account, pair, client_order_id or "")
        where, values = "account = ? AND pair = ? AND order_id = ?", (account, pair, order_id)
        found = rows.select_orders(self.journal.reader, where, values, 1)
        return found[0] if found else None

    async def orders(
        self,
        account: str,
        pair: str,
        *,
        from_id: int | None,
        since_ms: int | None,
        until_ms: int | None,
        limit: int,
    ) -> list[Order]:
        """Return orders of an account, oldest first; without a beginning, the latest ones."""
        await self.journal.settled()
        where, values = _conditions(
            account, pair, ("order_id >= ?", from_id),
            ("placed_ms >= ?", since_ms), ("placed_ms <= ?", until_ms),
        )  # fmt: skip
        latest = from_id is None and since_ms is None
        return rows.select_orders(self.journal.reader, where, values, limit, latest=latest)

    async def trades(
        self,
        account: str,
        pair: str,
        *,
        order_id: int | None,
        from_id: int | None,
        since_ms: int | None,
        until_ms: int | None,
        limit: int,
    ) -> list[Trade]:
        """Return trades of an account, oldest first; without a beginning, the latest ones."""
        await self.journal.settled()
        where, values = _conditions(
            account, pair, ("order_id = ?", order_id), ("trade_id >= ?", from_id),
            ("at_ms >= ?", since_ms), ("at_ms <= ?", until_ms),
        )  # fmt: skip
        latest = from_id is None and since_ms is None and order_id is None
        return rows.select_trades(self.journal.reader, where, values, limit, latest=latest)

    async def accepted(self, after: int, limit: int) -> list[Order]:
        """Return every account's orders after an order number, in the order of acceptance."""
        await self.journal.settled()
        return rows.select_orders(self.journal.reader, "order_id > ?", (after,), limit)


def _conditions(
    account: str, pair: str, *optional: tuple[str, int | None]
) -> tuple[str, list[object]]:
    given = [(condition, value) for condition, value in optional if value is not None]
    where = " AND ".join(["account = ?", "pair = ?", *(condition for condition, _ in given)])
    return where, [account, pair, *(value for _, value in given)]
