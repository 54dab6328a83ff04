"""First in, first out, beside the average cost: the same money, counted at different times."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from uchat_execution.domain import ledger
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.ledger import Posting
from uchat_execution.domain.lots import Booked, BookedTrade, Lot, Lots
from uchat_execution.domain.orders import VenueFill
from uchat_execution.domain.statements import ToldTrade, ToldTransfer

AT = datetime(2026, 11, 2, 9, 7, tzinfo=UTC)
ACCOUNT = Account("a", "p", "v", True, "USDT", Decimal(1000), Decimal(1000), True, 0, AT)


class Books:
    """The average cost by the ledger and the lots by the fold, of the same transactions."""

    def __init__(self):
        self.balances = {"USDT": Balance("USDT", Decimal(10**9))}
        self.lots = Lots("USDT")
        self.average, self.fifo, self.withdrawn = Decimal(0), Decimal(0), Decimal(0)
        self.cash, self.brought = Decimal(0), Decimal(0)
        self.n = 0

    def trade(self, symbol, side, quantity, price, *, paid=("USDT", Decimal(0)), **compared):
        self.n += 1
        fee_asset, fee = paid
        fill = VenueFill(str(self.n), price, quantity, fee, fee_asset, False, AT)
        told = ToldTrade("1", symbol, side, fill)
        posting = ledger.external(ACCOUNT, told, fill, self.balances)
        trade = BookedTrade(
            symbol, side, quantity, price, fee, fee_asset, posting.realised,
            compared.get("approved"), compared.get("arrival"),
        )  # fmt: skip
        before = self.balances["USDT"].quantity
        result = self._take(posting, trade=trade)
        self.cash += self.balances["USDT"].quantity - before
        self.average += result.realised
        self.fifo += result.realised_fifo
        return result

    def transfer(self, kind, asset, amount, price):
        self.n += 1
        told = ToldTransfer(str(self.n), kind, asset, amount, Decimal(0), AT)
        posting, value = ledger.transfer(ACCOUNT, told, self.balances, price)
        average, fifo = self.balances.get(asset, Balance(asset)).cost, self.lots.cost(asset)
        self._take(posting, value=value)
        if kind == "deposit":
            self.brought += value
            return
        # What leaves takes its cost along, by either method.
        self.average -= average - self.balances[asset].cost
        self.fifo -= fifo - self.lots.cost(asset)

    def _take(self, posting: Posting, **more):
        self.balances = ledger.after(self.balances, posting)
        gains = {asset: sum(moved, Decimal(0)) for asset, moved in posting.moved().items()}
        return self.lots.fold(Booked(self.n, AT + timedelta(seconds=self.n), gains, **more))


def test_a_sale_takes_the_oldest_units_first():
    books = Books()
    books.trade("BTC", "buy", Decimal(1), Decimal(100))
    books.trade("BTC", "buy", Decimal(1), Decimal(200))
    first = books.trade("BTC", "sell", Decimal(1), Decimal(300))
    assert (first.realised, first.realised_fifo) == (150, 200)
    second = books.trade("BTC", "sell", Decimal("0.5"), Decimal(300))
    assert (second.realised, second.realised_fifo) == (75, 50)
    assert list(books.lots.open["BTC"]) == [Lot(2, Decimal("0.5"), Decimal(100))]
    assert books.lots.touched == {
        ("BTC", 1): None,
        ("BTC", 2): Lot(2, Decimal("0.5"), Decimal(100)),
    }


def test_fees_count_whatever_they_are_paid_in():
    books = Books()
    books.transfer("deposit", "BNB", Decimal(1), Decimal(500))
    bought = books.trade("BTC", "buy", Decimal(1), Decimal(100), paid=("BTC", Decimal("0.01")))
    assert bought.fees == 1
    assert books.lots.open["BTC"][0] == Lot(2, Decimal("0.99"), Decimal(100))
    sold = books.trade("BTC", "sell", Decimal("0.99"), Decimal(200), paid=("BNB", Decimal("0.002")))
    assert (sold.fees, sold.realised_fifo) == (1, 97)
    assert books.lots.cost("BNB") == 499


def test_slippage_is_what_a_trade_cost_more_on_either_side():
    books = Books()
    bought = books.trade(
        "BTC", "buy", Decimal(2), Decimal(101), arrival=Decimal(100), approved=Decimal("101.5")
    )
    assert (bought.slippage, bought.slippage_approved) == (2, -1)
    sold = books.trade("BTC", "sell", Decimal(2), Decimal(99), arrival=Decimal(100), approved=None)
    assert (sold.slippage, sold.slippage_approved) == (2, 0)


UNITS = st.decimals("0.001", "5", places=3)
PRICES = st.decimals("1", "500", places=2)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["buy", "buy", "sell", "deposit", "withdrawal"]),
        st.sampled_from(["BTC", "ETH"]),
        UNITS,
        PRICES,
        st.sampled_from(["USDT", "base", "BNB"]),
        st.decimals("0", "0.0009", places=4),
    ),
    max_size=25,
)


@given(STEPS)
def test_both_methods_agree_in_total_with_each_other_and_with_the_cash(steps):
    books = Books()
    books.transfer("deposit", "BNB", Decimal(100), Decimal(600))
    for kind, symbol, units, price, paid_in, fee in steps:
        held = books.balances.get(symbol, Balance(symbol)).quantity
        if kind in ("sell", "withdrawal") and units > held - fee:
            continue
        if kind in ("buy", "sell"):
            fee_asset = symbol if paid_in == "base" else paid_in
            books.trade(symbol, kind, units, price, paid=(fee_asset, fee))
        else:
            books.transfer(kind, symbol, units, price)
    coins = [asset for asset in books.balances if asset != "USDT"]
    for asset in coins:
        units = sum((lot.units for lot in books.lots.open.get(asset, ())), Decimal(0))
        assert units == books.balances[asset].quantity
    average = sum((books.balances[asset].cost for asset in coins), Decimal(0))
    fifo = sum((books.lots.cost(asset) for asset in coins), Decimal(0))
    # To the digits that the database keeps: costs are shared out, which is a division.
    near = Decimal("1e-12")
    assert abs(books.average - average - (books.cash - books.brought)) < near
    assert abs(books.fifo - fifo - (books.cash - books.brought)) < near
