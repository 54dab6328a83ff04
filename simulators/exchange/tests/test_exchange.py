"""Whatever is ordered, cancelled and priced: no money appears and none is lost."""

import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from uchat_platform.testing import FixedClock
from uchat_sim_exchange import rows
from uchat_sim_exchange.domain.instruments import BY_PAIR
from uchat_sim_exchange.domain.orders import Ticket
from uchat_sim_exchange.errors import ExchangeError
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.journal import Journal
from uchat_sim_exchange.market import Market
from uchat_sim_exchange.prices.synthetic import Synthetic

SOL = BY_PAIR["SOLUSDT"]
OPENING = {"USDT": Decimal(50_000), "SOL": Decimal(200)}

sides = st.sampled_from(["BUY", "SELL"])
quantities = st.integers(1, 400_000).map(lambda steps: steps * SOL.step)
prices = st.integers(9_000, 11_000).map(lambda ticks: ticks * SOL.tick)
steps = st.one_of(
    st.tuples(st.just("market"), sides, quantities),
    st.tuples(st.just("quote"), sides, st.integers(5, 60_000).map(Decimal)),
    st.tuples(st.just("limit"), sides, quantities, prices, st.sampled_from(["GTC", "IOC", "FOK"])),
    st.tuples(st.just("stop"), sides, quantities, prices, st.sampled_from(["GTC", "IOC", "FOK"])),
    st.tuples(st.just("stop_market"), sides, quantities, prices),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("late"), st.integers(0, 9), st.sampled_from(["0.3", "1"]).map(Decimal)),
    st.tuples(st.just("price"), prices),
    st.tuples(st.just("wait"), st.integers(1, 3)),
)


def do(exchange, account, step, number, clock):
    what, *rest = step
    if what == "price":
        exchange.market.pin(SOL, rest[0])
        exchange.match_resting()
    elif what == "wait":
        clock.advance(timedelta(seconds=rest[0]))
        exchange.match_resting()
    elif what == "cancel":
        resting = exchange.open.of(account.api_key)
        if resting:
            exchange.cancel(account, resting[rest[0] % len(resting)])
    elif what == "late":
        resting = exchange.open.of(account.api_key)
        if resting:
            order = exchange.cancel(account, resting[rest[0] % len(resting)])
            exchange.fill_late(order, rest[1])
    else:
        exchange.execute(exchange.accept(account, ticket(what, rest, number)))


def ticket(what, rest, number):
    client_order_id = f"order-{number}"
    if what == "market":
        return Ticket(client_order_id, SOL.pair, rest[0], "MARKET", quantity=rest[1])
    if what == "quote":
        return Ticket(client_order_id, SOL.pair, rest[0], "MARKET", quote_quantity=rest[1])
    if what == "stop_market":
        side, quantity, stop = rest
        kind = "STOP_LOSS" if number % 2 else "TAKE_PROFIT"
        return Ticket(client_order_id, SOL.pair, side, kind, quantity=quantity, stop_price=stop)
    side, quantity, price, in_force = rest
    if what == "stop":
        kind = "STOP_LOSS_LIMIT" if number % 2 else "TAKE_PROFIT_LIMIT"
        stop = price + (number % 3 - 1) * SOL.tick
        return Ticket(
            client_order_id, SOL.pair, side, kind, in_force, quantity, price=price, stop_price=stop
        )
    return Ticket(client_order_id, SOL.pair, side, "LIMIT", in_force, quantity, price=price)


def state(exchange):
    return (
        exchange.last_order_id,
        exchange.last_trade_id,
        exchange.ledger.accounts,
        list(exchange.open),
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(steps, max_size=25))
def test_money_is_conserved_and_a_restart_changes_nothing(sequence):
    with tempfile.TemporaryDirectory() as directory:
        journal = Journal.open(Path(directory))
        clock = FixedClock()
        exchange = Exchange.restored(Market("uchat", clock, Synthetic("uchat")), journal)
        account, _ = exchange.ledger.open_account("somebody", "a secret of 16+", OPENING)
        exchange.market.pin(SOL, Decimal("100.00"))
        for number, step in enumerate(sequence):
            before = state_of_money(account)
            try:
                do(exchange, account, step, number, clock)
            except ExchangeError:
                assert state_of_money(account) == before, "a refused order changes nothing"
            check_locks(exchange, account)
        journal._commit(journal._pending)
        check_trades(journal, account)
        restored = Exchange.restored(Market("uchat", clock, Synthetic("uchat")), journal)
        assert state(restored) == state(exchange)
        journal.close()


def state_of_money(account):
    return {
        asset: (balance.free, balance.locked)
        for asset, balance in account.balances.items()
        if balance.free or balance.locked
    }


def check_locks(exchange, account):
    resting = exchange.open.of(account.api_key)
    for asset, side in (("USDT", "BUY"), ("SOL", "SELL")):
        balance = account.balance(asset)
        assert balance.free >= 0
        assert balance.locked == sum(order.locked for order in resting if order.side == side)
    for order in resting:
        assert 0 <= order.executed < order.quantity


def check_trades(journal, account):
    trades = rows.select_trades(journal.reader, "account = ?", (account.api_key,), 10_000)
    cash, held = OPENING["USDT"], OPENING["SOL"]
    for trade in trades:
        sign = 1 if trade.side == "BUY" else -1
        cash -= sign * trade.quote + trade.commission
        held += sign * trade.quantity
    dollars, coins = account.balance("USDT"), account.balance("SOL")
    assert dollars.free + dollars.locked == cash
    assert coins.free + coins.locked == held
    for order in rows.select_orders(journal.reader, "1 = 1", (), 10_000):
        own = [trade for trade in trades if trade.order_id == order.order_id]
        assert sum(trade.quantity for trade in own) == order.executed
        assert sum(trade.quote for trade in own) == order.executed_quote
        if order.type == "LIMIT":
            better = min if order.side == "SELL" else max
            assert all(better(trade.price, order.price) == order.price for trade in own)
        if order.quote_quantity:
            assert order.executed_quote <= order.quote_quantity
