"""One venue made of several: each account's orders and statements go to its own exchange."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from uchat_execution.domain.accounts import Account
from uchat_execution.domain.orders import NewOrder, OrderRef, SeenOrder, SymbolRules, VenueOrder
from uchat_execution.domain.statements import ToldOrder, ToldTrade, ToldTransfer
from uchat_execution.ports import Venue
from uchat_execution.ports.reconciling import Statements


@dataclass(frozen=True, slots=True)
class RoutedVenue:
    """A `Venue` that is `paper` by name, and by what names no order; live ones are by name."""

    paper: Venue
    live: Mapping[str, Venue]

    @property
    def name(self) -> str:
        """Return the name of what is opened for everybody."""
        return self.paper.name

    @property
    def simulated(self) -> bool:
        """Tell whether no real money moves there."""
        return self.paper.simulated

    async def open_account(self, account: str, balances: Mapping[str, Decimal]) -> None:
        """Open a paper account."""
        await self.paper.open_account(account, balances)

    async def rules(self) -> Mapping[str, SymbolRules]:
        """Return the rules of paper accounts."""
        return await self.paper.rules()

    async def place(self, order: NewOrder) -> VenueOrder:
        """Send an order once, to the exchange of its account."""
        return await self._of(order.ref).place(order)

    async def find(self, ref: OrderRef) -> VenueOrder | None:
        """Return the order of our id."""
        return await self._of(ref).find(ref)

    async def by_number(self, ref: OrderRef, venue_order_id: str) -> SeenOrder | None:
        """Return the order of the venue's own number."""
        return await self._of(ref).by_number(ref, venue_order_id)

    async def cancel(self, ref: OrderRef) -> VenueOrder | None:
        """Cancel an order."""
        return await self._of(ref).cancel(ref)

    async def balances(self, account: str) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return the balances of a paper account."""
        return await self.paper.balances(account)

    def _of(self, ref: OrderRef) -> Venue:
        return self.paper if ref.venue == self.paper.name else self.live[ref.venue]


@dataclass(frozen=True, slots=True)
class RoutedStatements:
    """`Statements` of paper accounts and of live ones."""

    paper: Statements
    live: Statements

    async def balances(self, account: Account) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return free and reserved units by asset."""
        return await self._of(account).balances(account)

    async def open_orders(self, account: Account) -> Sequence[ToldOrder]:
        """Return every order that rests."""
        return await self._of(account).open_orders(account)

    async def trades(
        self, account: Account, symbol: str, after: str | None, since: datetime
    ) -> tuple[Sequence[ToldTrade], bool]:
        """Return a page of trades."""
        return await self._of(account).trades(account, symbol, after, since)

    async def client_ids(
        self, account: Account, symbol: str, venue_order_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """Return what whoever placed these orders called them."""
        return await self._of(account).client_ids(account, symbol, venue_order_ids)

    async def transfers(self, account: Account, since: datetime) -> Sequence[ToldTransfer]:
        """Return deposits and withdrawals."""
        return await self._of(account).transfers(account, since)

    def _of(self, account: Account) -> Statements:
        return self.paper if account.simulated else self.live
