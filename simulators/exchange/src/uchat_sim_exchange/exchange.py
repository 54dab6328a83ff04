"""The matching engine: accounts, orders and what becomes of them. Nothing here waits.

Each call changes memory and records the change in one go; whoever answers a client waits for the
journal first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from uchat_sim_exchange.domain import filters
from uchat_sim_exchange.domain.book import Fill, walk
from uchat_sim_exchange.domain.instruments import BY_PAIR, QUOTE, Instrument
from uchat_sim_exchange.domain.orders import (
    FEE,
    Account,
    Balance,
    Order,
    Ticket,
    Trade,
    fee_of,
)
from uchat_sim_exchange.errors import (
    ExchangeError,
    filter_failure,
    insufficient_balance,
    rejected,
    unknown_symbol,
)
from uchat_sim_exchange.journal import Journal
from uchat_sim_exchange.market import Market

_ZERO = Decimal(0)


@dataclass(slots=True)
class Exchange:
    """Everything that trades. `resting`: open orders by number."""

    market: Market
    journal: Journal
    accounts: dict[str, Account]
    last_order_id: int = 0
    last_trade_id: int = 0
    resting: dict[int, Order] = field(default_factory=dict[int, Order])

    @classmethod
    def restored(cls, market: Market, journal: Journal) -> Self:
        """Return the exchange as the journal left it."""
        was = journal.restore()
        resting = {order.order_id: order for order in was.open_orders}
        return cls(market, journal, was.accounts, was.last_order_id, was.last_trade_id, resting)

    def open_account(
        self, api_key: str, secret: str, balances: Mapping[str, Decimal]
    ) -> tuple[Account, bool]:
        """Return the account and whether it is new; the balances of a known one stay.

        Raises:
            ExchangeError: -2015, the key has another secret.
        """
        known = self.accounts.get(api_key)
        if known is not None:
            if known.secret != secret:
                raise ExchangeError(-2015, "The API-key exists with another secret.", 409)
            return known, False
        account = Account(api_key, secret, {a: Balance(free) for a, free in balances.items()})
        self.accounts[api_key] = account
        self.journal.record(account)
        return account, True

    def check(self, account: Account, ticket: Ticket) -> Instrument:
        """Check all that can be checked without matching: `order/test` ends here.

        Raises:
            ExchangeError: -1121, -1013, or -2010 for an id that an open order has.
        """
        instrument = BY_PAIR.get(ticket.pair)
        if instrument is None:
            raise unknown_symbol()
        filters.check(instrument, ticket, self.market.price(instrument))
        if self._open_by_client_id(account.api_key, ticket.client_order_id) is not None:
            raise rejected("Duplicate order sent.")
        return instrument

    def place(self, account: Account, ticket: Ticket) -> tuple[Order, list[Trade]]:
        """Match an order at once; what rests of it stays in the book.

        Raises:
            ExchangeError: as `check`, or -2010 for too little money.
        """
        instrument = self.check(account, ticket)
        fills = self._fills(instrument, ticket)
        order = self._order(account, ticket, fills)
        self._lock(account, order, instrument, fills)
        if order.time_in_force == "FOK" and _quantity(fills) < order.quantity:
            fills = []
        self.last_order_id = order.order_id
        self.market.book(instrument).take(order.side, fills)
        trades = [self._trade(order, fill, maker=False) for fill in fills]
        self._settle(account, order, instrument, trades)
        if order.is_open and (order.type == "MARKET" or order.time_in_force != "GTC"):
            order.status = "EXPIRED"
        self._rest(account, order, instrument)
        self.journal.record(account, order, trades)
        return order, trades

    def cancel(self, account: Account, order: Order) -> Order:
        """Take an open order out of the book.

        Raises:
            ExchangeError: -2011, it is not open.
        """
        if self.resting.get(order.order_id) is not order or order.account != account.api_key:
            raise ExchangeError(-2011, "Unknown order sent.")
        order.status = "CANCELED"
        order.updated_ms = self.market.now_ms()
        self._rest(account, order, BY_PAIR[order.pair])
        self.journal.record(account, order)
        return order

    def open_orders(self, account: Account, pair: str | None = None) -> list[Order]:
        """Return an account's open orders, oldest first."""
        return [
            order
            for order in self.resting.values()
            if order.account == account.api_key and pair in (None, order.pair)
        ]

    def find_open(
        self, account: Account, pair: str, order_id: int | None, client_order_id: str | None
    ) -> Order | None:
        """Return an open order by its number or by the client's id."""
        for order in self.open_orders(account, pair):
            if order_id in (None, order.order_id) and client_order_id in (
                None,
                order.client_order_id,
            ):
                return order
        return None

    def match_resting(self) -> None:
        """Fill the resting orders whose price the market has reached; they get their own price."""
        for order in list(self.resting.values()):
            instrument = BY_PAIR[order.pair]
            book = self.market.book(instrument)
            taken = self._take_limit(instrument, order.side, order.price, order.remaining)
            if not taken:
                continue
            book.take(order.side, taken)
            account = self.accounts[order.account]
            fill = Fill(order.price, _quantity(taken))
            trades = [self._trade(order, fill, maker=True)]
            self._settle(account, order, instrument, trades)
            self._rest(account, order, instrument)
            self.journal.record(account, order, trades)

    def _fills(self, instrument: Instrument, ticket: Ticket) -> list[Fill]:
        if ticket.price is None:
            return walk(
                self.market.book(instrument).against(ticket.side),
                lambda _price: True,
                step=instrument.step,
                quantity=ticket.quantity,
                quote=ticket.quote_quantity,
            )
        quantity = ticket.quantity or _ZERO
        fills = self._take_limit(instrument, ticket.side, ticket.price, quantity)
        if fills and ticket.type == "LIMIT_MAKER":
            raise rejected("Order would immediately match and take.")
        return fills

    def _take_limit(
        self, instrument: Instrument, side: str, limit: Decimal, quantity: Decimal
    ) -> list[Fill]:
        buys = side == "BUY"
        return walk(
            self.market.book(instrument).against("BUY" if buys else "SELL"),
            lambda price: price <= limit if buys else price >= limit,
            step=instrument.step,
            quantity=quantity,
        )

    def _order(self, account: Account, ticket: Ticket, fills: list[Fill]) -> Order:
        now = self.market.now_ms()
        return Order(
            order_id=self.last_order_id + 1,
            account=account.api_key,
            client_order_id=ticket.client_order_id,
            pair=ticket.pair,
            side=ticket.side,
            type=ticket.type,
            time_in_force=ticket.time_in_force,
            quantity=_quantity(fills) if ticket.quantity is None else ticket.quantity,
            quote_quantity=ticket.quote_quantity or _ZERO,
            price=ticket.price or _ZERO,
            placed_ms=now,
            updated_ms=now,
        )

    # What the whole order can cost at most is set aside before anything of it is filled.
    def _lock(
        self, account: Account, order: Order, instrument: Instrument, fills: list[Fill]
    ) -> None:
        if order.side == "SELL":
            asset, needed = instrument.symbol, order.quantity
        elif order.type == "MARKET":
            asset, needed = QUOTE, _cost(fills)
        else:
            asset, needed = QUOTE, _reserve(order)
        balance = account.balance(asset)
        if needed > balance.free or not order.quantity:
            raise insufficient_balance() if order.quantity else filter_failure("NOTIONAL")
        balance.free -= needed
        balance.locked += needed
        order.locked = needed

    def _settle(
        self, account: Account, order: Order, instrument: Instrument, trades: list[Trade]
    ) -> None:
        cash, base = account.balance(QUOTE), account.balance(instrument.symbol)
        for trade in trades:
            if order.side == "BUY":
                paid = trade.quote + trade.commission
                cash.locked -= paid
                base.free += trade.quantity
            else:
                paid = trade.quantity
                base.locked -= paid
                cash.free += trade.quote - trade.commission
            order.locked -= paid
            order.executed += trade.quantity
            order.executed_quote += trade.quote
            order.updated_ms = trade.at_ms
        if order.executed:
            order.status = "FILLED" if not order.remaining else "PARTIALLY_FILLED"

    # What is set aside shrinks to what the rest of the order can cost; nothing when it is over.
    def _rest(self, account: Account, order: Order, instrument: Instrument) -> None:
        keep = _ZERO
        if order.is_open:
            keep = order.remaining if order.side == "SELL" else _reserve(order)
            self.resting[order.order_id] = order
        else:
            self.resting.pop(order.order_id, None)
        balance = account.balance(instrument.symbol if order.side == "SELL" else QUOTE)
        balance.locked -= order.locked - keep
        balance.free += order.locked - keep
        order.locked = keep

    def _trade(self, order: Order, fill: Fill, *, maker: bool) -> Trade:
        self.last_trade_id += 1
        return Trade(
            self.last_trade_id,
            order.order_id,
            order.account,
            order.pair,
            order.side,
            fill.price,
            fill.quantity,
            fee_of(fill.price * fill.quantity),
            maker,
            self.market.now_ms(),
        )

    def _open_by_client_id(self, api_key: str, client_order_id: str) -> Order | None:
        for order in self.resting.values():
            if order.account == api_key and order.client_order_id == client_order_id:
                return order
        return None


def _quantity(fills: Iterable[Fill]) -> Decimal:
    return sum((fill.quantity for fill in fills), _ZERO)


def _cost(fills: Iterable[Fill]) -> Decimal:
    notionals = [fill.price * fill.quantity for fill in fills]
    return sum((notional + fee_of(notional) for notional in notionals), _ZERO)


def _reserve(order: Order) -> Decimal:
    return order.remaining * order.price * (1 + FEE)
