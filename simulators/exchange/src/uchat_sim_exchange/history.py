"""Questions about the past. They are answered from the journal, after all is on disk."""

from dataclasses import dataclass
from typing import Final

from uchat_sim_exchange import account_rows, rows
from uchat_sim_exchange.domain.accounts import Movement, Rejection
from uchat_sim_exchange.domain.orders import Order, Trade
from uchat_sim_exchange.journal import Journal

_SAME_NAME: Final = 20


@dataclass(frozen=True, slots=True)
class History:
    """Orders and trades as they are on disk. Times are Unix milliseconds."""

    journal: Journal

    async def named(
        self, account: str, pair: str, order_id: int | None, client_order_id: str | None
    ) -> list[Order]:
        """Return an order by its number, or all of a client's id, oldest first."""
        await self.journal.settled()
        where, values = _conditions(
            account, pair, ("order_id = ?", order_id), ("client_order_id = ?", client_order_id)
        )
        return rows.select_orders(self.journal.reader, where, values, _SAME_NAME, latest=True)

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

    async def rejected(self, after: int, limit: int) -> list[Rejection]:
        """Return every account's refused orders after a number, in the order of refusal."""
        await self.journal.settled()
        return account_rows.rejections(self.journal.reader, after, limit)

    async def movements(
        self,
        account: str,
        *,
        deposits: bool,
        asset: str | None,
        since_ms: int,
        until_ms: int,
        limit: int,
        offset: int,
    ) -> list[Movement]:
        """Return deposits, or withdrawals, newest first."""
        await self.journal.settled()
        where = "account = ? AND deposit = ? AND at_ms BETWEEN ? AND ?"
        values: list[object] = [account, int(deposits), since_ms, until_ms]
        if asset is not None:
            where, values = f"{where} AND asset = ?", [*values, asset]
        return account_rows.movements(self.journal.reader, where, values, limit, offset)


def _conditions(
    account: str, pair: str, *optional: tuple[str, int | str | None]
) -> tuple[str, list[object]]:
    given = [(condition, value) for condition, value in optional if value is not None]
    where = " AND ".join(["account = ?", "pair = ?", *(condition for condition, _ in given)])
    return where, [account, pair, *(value for _, value in given)]
