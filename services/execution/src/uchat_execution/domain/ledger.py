"""Double entry: every movement of units as entries that sum up to zero for each asset.

Books: `free:<account>`, `reserved:<account>`, `venue:<venue>` (the other side of trades),
`fees:<venue>` and `equity:opening` (where paper money comes from). Average cost is weighted and
includes fees; a sale realises its proceeds, net of fees, less the average cost of what was sold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.money import ZERO, exact, ratio
from uchat_execution.domain.orders import Order, VenueFill


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


def filled(order: Order, fill: VenueFill, balances: Mapping[str, Balance]) -> tuple[Posting, Order]:
    """Return the posting of a fill, and the order with what is still reserved for it.

    `balances`: as they are before the fill.
    """
    notional = exact(fill.price * fill.quantity)
    buys = order.side == "buy"
    base, quote = order.symbol, order.quote_currency
    fee_in_base, fee_in_quote = fill.fee_asset == base, fill.fee_asset == quote
    free, reserved = f"free:{order.account}", f"reserved:{order.account}"
    given = notional if buys else fill.quantity
    if (fee_in_quote and buys) or (fee_in_base and not buys):
        given += fill.fee
    got = fill.quantity if buys else notional
    if (fee_in_base and buys) or (fee_in_quote and not buys):
        got -= fill.fee
    from_reserved = min(order.reserved, given)
    paid, received = (quote, base) if buys else (base, quote)
    entries = [
        Entry(reserved, paid, -from_reserved),
        Entry(free, paid, from_reserved - given),
        Entry(free, received, got),
        Entry(f"venue:{order.venue}", quote, notional if buys else -notional),
        Entry(f"venue:{order.venue}", base, -fill.quantity if buys else fill.quantity),
        Entry(f"fees:{order.venue}", fill.fee_asset, fill.fee),
    ]
    third = not (fee_in_base or fee_in_quote)
    if third:
        entries.append(Entry(free, fill.fee_asset, -fill.fee))
    profits = _profits(order, fill, balances, notional)
    key = f"fill:{order.venue}:{order.account}:{order.symbol}:{fill.trade_id}"
    left = replace_reserved(order, order.reserved - from_reserved)
    return _posting("fill", key, order.account, entries, profits), left


def replace_reserved(order: Order, amount: Decimal) -> Order:
    """Return the order with another amount set aside for it."""
    return order.but(reserved=amount)


def _profits(
    order: Order, fill: VenueFill, balances: Mapping[str, Balance], notional: Decimal
) -> dict[str, Profit]:
    base = balances.get(order.symbol, Balance(order.symbol))
    quote_fee = fill.fee if fill.fee_asset == order.quote_currency else ZERO
    profits: dict[str, Profit] = {}
    extra = ZERO
    if fill.fee_asset not in (order.symbol, order.quote_currency):
        # Paid in a third asset: what that cost once is now part of this trade.
        extra = _cost_of(balances.get(fill.fee_asset, Balance(fill.fee_asset)), fill.fee)
        profits[fill.fee_asset] = Profit(cost=-extra, realised=ZERO)
    if order.side == "buy":
        profits[order.symbol] = Profit(cost=exact(notional + quote_fee + extra), realised=ZERO)
        return profits
    gone = fill.quantity + (fill.fee if fill.fee_asset == order.symbol else ZERO)
    cost = _cost_of(base, gone)
    realised = exact(notional - quote_fee - extra - cost)
    profits[order.symbol] = Profit(cost=-cost, realised=realised)
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
