"""The matching engine: orders and what becomes of them. Nothing here waits.

An order is accepted first and matched by a second call, so that it can be on disk in between. Each
call changes memory and records the change in one go; whoever answers waits for the journal first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from uchat_sim_exchange import account_rows, rows
from uchat_sim_exchange.domain import filters, money, triggers
from uchat_sim_exchange.domain.accounts import Account
from uchat_sim_exchange.domain.book import Fill, fills_of, goes_through
from uchat_sim_exchange.domain.instruments import BY_PAIR, QUOTE, Instrument
from uchat_sim_exchange.domain.open_orders import OpenOrders
from uchat_sim_exchange.domain.orders import Order, Ticket, Trade
from uchat_sim_exchange.domain.reports import (
    Report,
    order_report,
    position_report,
    trade_reports,
)
from uchat_sim_exchange.errors import (
    ExchangeError,
    closed,
    filter_failure,
    rejected,
    unknown_symbol,
)
from uchat_sim_exchange.journal import Journal
from uchat_sim_exchange.ledger import Ledger
from uchat_sim_exchange.market import Market
from uchat_sim_exchange.past import Past
from uchat_sim_exchange.rules import Rules

_ZERO = Decimal(0)


@dataclass(slots=True)
class Exchange:
    """Everything that trades."""

    market: Market
    journal: Journal
    ledger: Ledger
    rules: Rules
    past: Past
    last_order_id: int = 0
    last_trade_id: int = 0
    open: OpenOrders = field(default_factory=OpenOrders)

    @classmethod
    def restored(cls, market: Market, journal: Journal, rules: Rules | None = None) -> Self:
        """Return the exchange as the journal left it; what was accepted only is matched now."""
        was, past = journal.restore(), Past()
        ledger = Ledger.restored(journal, past, was)
        exchange = cls(
            market, journal, ledger, rules or Rules(), past, was.last_order, was.last_trade
        )
        exchange.open.put_all(was.open_orders)
        for order in list(exchange.open):
            exchange.execute(order)
        return exchange

    def check(self, account: Account, ticket: Ticket) -> Instrument:
        """Check all that can be checked without matching: `order/test` ends here.

        Raises:
            ExchangeError: -1121, -1013, or -2010 for an id that an open order has and for a stop
                that would trigger at once.
        """
        instrument = BY_PAIR.get(ticket.pair)
        if instrument is None or not self.market.knows(instrument):
            raise unknown_symbol()
        if not self.market.is_open(instrument):
            raise closed()
        price = self.market.price(instrument)
        filters.check(instrument, ticket, price)
        if self.open.named(account.api_key, ticket.client_order_id) is not None:
            raise rejected("Duplicate order sent.")
        if ticket.stop_price is not None and triggers.is_reached(ticket, price):
            raise rejected("Order would trigger immediately.")
        return instrument

    def accept(self, account: Account, ticket: Ticket) -> Order:
        """Take an order and set aside what it needs; it is not matched yet.

        Raises:
            ExchangeError: as `check`, or -2010 for too little money or a maker that would take.
        """
        instrument = self.check(account, ticket)
        order = Order.of(ticket, self.last_order_id + 1, account.api_key, self.market.now_ms())
        fills: list[Fill] = []
        if not order.stop_price:
            fills = fills_of(self.market.book(instrument), instrument, order)
        if fills and order.type == "LIMIT_MAKER":
            raise rejected("Order would immediately match and take.")
        if order.quote_quantity and not fills:
            raise filter_failure("NOTIONAL")
        needed = money.needed(order, fills, self.rules.fees)
        money.set_aside(account, order, instrument, needed)
        self.last_order_id = order.order_id
        self.open.put(order)
        self._record(account, order, [order_report(order, "NEW", self.market.now_ms())])
        return order

    def execute(self, order: Order) -> list[Trade]:
        """Match an accepted order for the first time; what may rest of it stays in the book.

        Does nothing for one that is over, waits for its price or was matched before.
        """
        if order.works or order.waits_for_price or not order.is_open:
            return []
        order.working_ms = self.market.now_ms()
        if order.type == "LIMIT_MAKER":
            self._record(self.ledger.accounts[order.account], order, [])
            return []
        return self._take(order, [])

    def cancel(self, account: Account, order: Order, cancel_id: str = "") -> Order:
        """Take an open order out of the book.

        Raises:
            ExchangeError: -2011, it is not open.
        """
        if not self.open.holds(order) or order.account != account.api_key:
            raise ExchangeError(-2011, "Unknown order sent.")
        order.status = "CANCELED"
        order.updated_ms = self.market.now_ms()
        self._rest(account, order, BY_PAIR[order.pair])
        report = order_report(order, "CANCELED", order.updated_ms, cancel_id or "cancel")
        self._record(account, order, [report])
        return order

    def match_resting(self) -> None:
        """Trigger the stops whose price has come, and fill the orders that the market reaches."""
        for order in list(self.open):
            if not self.market.is_open(BY_PAIR[order.pair]):
                continue
            if order.waits_for_price:
                if triggers.is_reached(order, self.market.price(BY_PAIR[order.pair])):
                    self._trigger(order)
            elif order.works:
                self._make(order)

    def fill_late(self, order: Order, share: Decimal) -> None:
        """Fill a part of what was cancelled: a trade that was under way when the cancel came."""
        instrument, account = BY_PAIR[order.pair], self.ledger.accounts[order.account]
        quantity = instrument.whole_steps(order.remaining * share)
        price = order.price or self.market.price(instrument)
        if order.status != "CANCELED" or not order.works or quantity <= 0:
            return
        fills = money.cover(account, order, instrument, [Fill(price, quantity)], self.rules.fees)
        trades = [self._trade(order, fill, maker=False) for fill in fills]
        money.settle(account, order, instrument, trades)
        if not order.remaining:
            order.status = "FILLED"
        money.release(account, order, instrument, _ZERO)
        self._record(account, order, trade_reports(order, trades, self.market.now_ms()), trades)

    # A triggered order is told as NEW once more: it is on the book from then on.
    def _trigger(self, order: Order) -> None:
        order.working_ms = order.updated_ms = self.market.now_ms()
        self._take(order, [order_report(order, "NEW", order.working_ms)])

    def _take(self, order: Order, reports: list[Report]) -> list[Trade]:
        instrument, account = BY_PAIR[order.pair], self.ledger.accounts[order.account]
        book = self.market.book(instrument)
        fills = fills_of(book, instrument, order)
        if order.time_in_force == "FOK" and money.quantity_of(fills) < order.remaining:
            fills = []
        fills = money.cover(account, order, instrument, fills, self.rules.fees)
        if order.quote_quantity:
            order.quantity = money.quantity_of(fills)
        emptied = book.take(order.side, fills)
        trades = [self._trade(order, fill, maker=False) for fill in fills]
        money.settle(account, order, instrument, trades)
        if order.quote_quantity and emptied:
            order.status = "EXPIRED"
        if order.is_open and not order.rests:
            order.status = "EXPIRED"
        self._rest(account, order, instrument)
        now = self.market.now_ms()
        told = [*reports, *trade_reports(order, trades, now)]
        if order.status == "EXPIRED":
            told.append(order_report(order, "EXPIRED", now))
        self._record(account, order, told, trades)
        return trades

    # Who rests gets the own price, once the market goes through it; at a touch it is luck.
    def _make(self, order: Order) -> None:
        instrument, account = BY_PAIR[order.pair], self.ledger.accounts[order.account]
        book = self.market.book(instrument)
        taken = fills_of(book, instrument, order)
        second = self.market.now_ms() // 1000
        through = goes_through(book, order)
        if not taken or not (through or self.rules.touches(order.order_id, second)):
            return
        book.take(order.side, taken)
        fill = Fill(order.price, money.quantity_of(taken))
        trades = [self._trade(order, fill, maker=True)]
        money.settle(account, order, instrument, trades)
        self._rest(account, order, instrument)
        self._record(account, order, trade_reports(order, trades, self.market.now_ms()), trades)

    # What is set aside shrinks to what the rest of the order can cost; nothing when it is over.
    def _rest(self, account: Account, order: Order, instrument: Instrument) -> None:
        keep = _ZERO
        if order.is_open:
            keep = money.reserve(order, self.rules.fees)
        else:
            self.open.remove(order)
        money.release(account, order, instrument, keep)

    def _record(
        self,
        account: Account,
        order: Order,
        reports: Sequence[Report],
        trades: Sequence[Trade] = (),
    ) -> None:
        now, assets = self.market.now_ms(), (QUOTE, BY_PAIR[order.pair].symbol)
        self.past.note(now, account, order, trades)
        statements = [
            rows.save_order(order),
            *(rows.save_trade(trade) for trade in trades),
            *account_rows.save_balances(account, assets),
        ]
        told = [*reports, position_report(account, assets, now)] if reports else []
        self.journal.record(statements, told)

    def _trade(self, order: Order, fill: Fill, *, maker: bool) -> Trade:
        self.last_trade_id += 1
        commission = self.rules.fees.of(fill.price * fill.quantity, maker=maker)
        return Trade(
            self.last_trade_id,
            order.order_id,
            order.account,
            order.pair,
            order.side,
            fill.price,
            fill.quantity,
            commission,
            maker,
            self.market.now_ms(),
        )
