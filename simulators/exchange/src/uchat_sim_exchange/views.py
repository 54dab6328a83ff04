"""Answers about orders, trades and balances: as they are, or as they were some time ago."""

from dataclasses import dataclass
from typing import Any

from uchat_sim_exchange.domain.accounts import Account, Balance
from uchat_sim_exchange.domain.orders import Order, Trade
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.faults import Faults
from uchat_sim_exchange.history import History


@dataclass(frozen=True, slots=True)
class Views:
    """What an account sees. Each question may be answered by a replica that lags behind."""

    exchange: Exchange
    history: History
    faults: Faults

    async def order(
        self, account: str, pair: str, order_id: int | None, client_order_id: str | None
    ) -> Order | None:
        """Return an order by its number, or the newest one of a client's id."""
        seen = self._seen_ms(account)
        found = await self.history.named(account, pair, order_id, client_order_id)
        if seen is None:
            return found[-1] if found else None
        known = [self.exchange.past.order(order, seen) for order in found]
        return next((order for order in reversed(known) if order is not None), None)

    async def orders(self, account: str, pair: str, **page: Any) -> list[Order]:
        """Return orders of a symbol, oldest first; `page` as `History.orders` has it."""
        seen = self._seen_ms(account)
        found = await self.history.orders(account, pair, **page)
        if seen is None:
            return found
        known = [self.exchange.past.order(order, seen) for order in found]
        return [order for order in known if order is not None]

    async def trades(self, account: str, pair: str, **page: Any) -> list[Trade]:
        """Return trades of a symbol, oldest first; `page` as `History.trades` has it."""
        seen = self._seen_ms(account)
        found = await self.history.trades(account, pair, **page)
        if seen is None:
            return found
        return [trade for trade in found if self.exchange.past.knew(trade, seen)]

    def open_orders(self, account: str, pair: str | None) -> list[Order]:
        """Return what rests in the book, oldest first."""
        seen = self._seen_ms(account)
        if seen is None:
            return self.exchange.open.of(account, pair)
        return self.exchange.past.open_orders(account, pair, seen)

    def balances(self, account: Account) -> dict[str, Balance]:
        """Return what an account has."""
        seen = self._seen_ms(account.api_key)
        if seen is None:
            return account.balances
        return self.exchange.past.balances(account, seen)

    def _seen_ms(self, account: str) -> int | None:
        behind = self.faults.behind_ms(account)
        if behind:
            return self.exchange.market.now_ms() - behind
        if not self.faults.lags:
            self.exchange.past.end()
        return None
