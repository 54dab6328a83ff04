"""Double entry: every movement of units as entries that sum up to zero for each asset.

Books: `free:<account>`, `reserved:<account>`, `venue:<venue>` (the other side of trades),
`fees:<venue>`, `equity:opening` (where paper money comes from), `equity:external` (the other side
of deposits and withdrawals) and `equity:recon` (of adjustments). Average cost is weighted and
includes fees; a sale realises its proceeds, net of fees, less the average cost of what was sold.
What comes by a deposit costs the market price of that moment; what leaves by a withdrawal takes
its share of the cost along and realises nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.money import ZERO, exact, ratio
from uchat_execution.domain.orders import Order, Side, VenueFill
from uchat_execution.domain.statements import ToldTrade, ToldTransfer


@dataclass(frozen=True, slots=True)
class Entry:
    """Units of an asset that a book gains (or loses, below zero)."""

    book: str
    asset: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Profit:
    """How cost and realised profit of an asset that is held change, in quote currency."""

    cost: Decimal
    realised: Decimal


@dataclass(frozen=True, slots=True)
class Posting:
    """One ledger transaction; `source_key` makes it unique for good."""

    kind: str
    source_key: str
    account: str
    entries: tuple[Entry, ...]
    profits: Mapping[str, Profit] = field(default_factory=dict[str, Profit])

    @property
    def realised(self) -> Decimal:
        """Return the realised profit of all assets, in quote currency."""
        return sum((profit.realised for profit in self.profits.values()), ZERO)

    def moved(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Return by how much free and reserved units of each asset change."""
        moved: dict[str, tuple[Decimal, Decimal]] = {}
        for entry in self.entries:
            free, reserved = moved.get(entry.asset, (ZERO, ZERO))
            if entry.book == f"free:{self.account}":
                moved[entry.asset] = (free + entry.amount, reserved)
            elif entry.book == f"reserved:{self.account}":
                moved[entry.asset] = (free, reserved + entry.amount)
        return moved


def opening(account: Account) -> Posting:
    """Return the posting of a paper account's first money."""
    return _posting(
        "deposit",
        f"opening:{account.account}",
        account.account,
        [
            Entry(f"free:{account.account}", account.quote_currency, account.opening),
            Entry("equity:opening", account.quote_currency, -account.opening),
        ],
    )


def reservation(order: Order, amount: Decimal) -> Posting:
    """Return the posting that sets units aside for an order (below zero: gives them back)."""
    asset = order.reserved_asset
    return _posting(
        "reserve" if amount > 0 else "release",
        f"{'reserve' if amount > 0 else 'release'}:{order.order_id}:{order.rev}",
        order.account,
        [
            Entry(f"free:{order.account}", asset, -amount),
            Entry(f"reserved:{order.account}", asset, amount),
        ],
    )


@dataclass(frozen=True, slots=True)
class _Terms:
    """Whose trade it is, and what was set aside for it."""

    account: str
    venue: str
    symbol: str
    quote_currency: str
    side: Side
    reserved: Decimal


@dataclass(frozen=True, slots=True)
class _Gain:
    """Units that come from outside (below zero: leave), and the book on the other side."""

    kind: str
    key: str
    book: str
    asset: str
    units: Decimal


def filled(order: Order, fill: VenueFill, balances: Mapping[str, Balance]) -> tuple[Posting, Order]:
    """Return the posting of a fill, and the order with what is still reserved for it.

    `balances`: as they are before the fill.
    """
    terms = _Terms(
        order.account,
        order.venue,
        order.symbol,
        order.quote_currency,
        order.side,
        order.reserved,
    )
    posting, from_reserved = _trade("fill", terms, fill, balances)
    return posting, order.but(reserved=order.reserved - from_reserved)


def external(
    account: Account, trade: ToldTrade, fill: VenueFill, balances: Mapping[str, Balance]
) -> Posting:
    """Return the posting of a trade of the person's own hand, `fill` under its name in the books.

    Its key is that of a fill: whoever books a trade first, it is booked once.
    """
    terms = _Terms(
        account.account, account.venue, trade.symbol, account.quote_currency, trade.side, ZERO
    )
    return _trade("external", terms, fill, balances)[0]


def transfer(
    account: Account,
    told: ToldTransfer,
    balances: Mapping[str, Balance],
    price: Decimal | None,
) -> tuple[Posting, Decimal]:
    """Return the posting of a deposit or withdrawal, and what came from outside by it.

    `price`: of a unit now, in quote currency; without one what comes is worth and costs nothing.
    """
    units = told.amount if told.kind == "deposit" else -(told.amount + told.fee)
    key = f"{told.kind}:{account.venue}:{account.account}:{account.named(told.transfer_id)}"
    return _outside(
        account, _Gain(told.kind, key, "equity:external", told.asset, units), balances, price
    )


def adjustment(
    account: Account,
    key: str,
    missing: tuple[str, Decimal],
    balances: Mapping[str, Balance],
    price: Decimal | None,
) -> tuple[Posting, Decimal]:
    """Return the posting that makes the books agree with the venue, and what came by it.

    `missing`: an asset, and the units of it that the venue has more.
    """
    return _outside(account, _Gain("adjustment", key, "equity:recon", *missing), balances, price)


def after(balances: Mapping[str, Balance], posting: Posting) -> dict[str, Balance]:
    """Return the balances as they are after a posting."""
    moved = dict(balances)
    for asset, (free, reserved) in posting.moved().items():
        held = moved.get(asset, Balance(asset))
        profit = posting.profits.get(asset)
        moved[asset] = Balance(
            asset,
            held.free + free,
            held.reserved + reserved,
            held.cost + (profit.cost if profit else ZERO),
            held.realised + (profit.realised if profit else ZERO),
        )
    return moved


def _trade(
    kind: str, terms: _Terms, fill: VenueFill, balances: Mapping[str, Balance]
) -> tuple[Posting, Decimal]:
    """The posting, and what it takes from what was set aside."""
    notional = exact(fill.price * fill.quantity)
    buys = terms.side == "buy"
    base, quote = terms.symbol, terms.quote_currency
    fee_in_base, fee_in_quote = fill.fee_asset == base, fill.fee_asset == quote
    free, reserved = f"free:{terms.account}", f"reserved:{terms.account}"
    given = notional if buys else fill.quantity
    if (fee_in_quote and buys) or (fee_in_base and not buys):
        given += fill.fee
    got = fill.quantity if buys else notional
    if (fee_in_base and buys) or (fee_in_quote and not buys):
        got -= fill.fee
    from_reserved = min(terms.reserved, given)
    paid, received = (quote, base) if buys else (base, quote)
    entries = [
        Entry(reserved, paid, -from_reserved),
        Entry(free, paid, from_reserved - given),
        Entry(free, received, got),
        Entry(f"venue:{terms.venue}", quote, notional if buys else -notional),
        Entry(f"venue:{terms.venue}", base, -fill.quantity if buys else fill.quantity),
        Entry(f"fees:{terms.venue}", fill.fee_asset, fill.fee),
    ]
    if not (fee_in_base or fee_in_quote):
        entries.append(Entry(free, fill.fee_asset, -fill.fee))
    profits = _profits(terms, fill, balances, notional)
    key = f"fill:{terms.venue}:{terms.account}:{terms.symbol}:{fill.trade_id}"
    return _posting(kind, key, terms.account, entries, profits), from_reserved


def _outside(
    account: Account, gain: _Gain, balances: Mapping[str, Balance], price: Decimal | None
) -> tuple[Posting, Decimal]:
    profits: dict[str, Profit] = {}
    asset, units = gain.asset, gain.units
    value = units
    if asset != account.quote_currency:
        value = exact(units * (price or ZERO))
        held = balances.get(asset, Balance(asset))
        cost = value if units > 0 else -_cost_of(held, -units)
        profits[asset] = Profit(cost=cost, realised=ZERO)
    entries = [Entry(f"free:{account.account}", asset, units), Entry(gain.book, asset, -units)]
    return _posting(gain.kind, gain.key, account.account, entries, profits), value


def _profits(
    terms: _Terms, fill: VenueFill, balances: Mapping[str, Balance], notional: Decimal
) -> dict[str, Profit]:
    base = balances.get(terms.symbol, Balance(terms.symbol))
    quote_fee = fill.fee if fill.fee_asset == terms.quote_currency else ZERO
    profits: dict[str, Profit] = {}
    extra = ZERO
    if fill.fee_asset not in (terms.symbol, terms.quote_currency):
        # Paid in a third asset: what that cost once is now part of this trade.
        extra = _cost_of(balances.get(fill.fee_asset, Balance(fill.fee_asset)), fill.fee)
        profits[fill.fee_asset] = Profit(cost=-extra, realised=ZERO)
    if terms.side == "buy":
        profits[terms.symbol] = Profit(cost=exact(notional + quote_fee + extra), realised=ZERO)
        return profits
    gone = fill.quantity + (fill.fee if fill.fee_asset == terms.symbol else ZERO)
    cost = _cost_of(base, gone)
    realised = exact(notional - quote_fee - extra - cost)
    profits[terms.symbol] = Profit(cost=-cost, realised=realised)
    return profits


def _cost_of(held: Balance, units: Decimal) -> Decimal:
    if units >= held.quantity:
        return held.cost
    return exact(held.cost * ratio(units, held.quantity))


def _posting(
    kind: str,
    key: str,
    account: str,
    entries: list[Entry],
    profits: Mapping[str, Profit] | None = None,
) -> Posting:
    kept = tuple(entry for entry in entries if entry.amount)
    return Posting(kind, key, account, kept, profits or {})
