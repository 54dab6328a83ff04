"""First in, first out: what each purchase has left, folded over the ledger.

The average cost is kept with the balances. Both methods give the same sum of realised profit less
the cost of what is held (and of what was withdrawn): only when a profit counts differs.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from uchat_execution.domain.money import ZERO, exact, ratio
from uchat_execution.domain.orders import Side

QUARTER: Final = timedelta(minutes=15)
"""Results are summed up by it: the day of every time zone begins with one."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Units that came by one ledger transaction, and what is left of their cost."""

    tx_id: int
    units: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class BookedTrade:
    """A fill, with the prices that it is compared with: of the plan, and at its arrival."""

    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    realised: Decimal
    approved: Decimal | None
    arrival: Decimal | None

    def worse_than(self, price: Decimal | None) -> Decimal:
        """Return what it cost more, in quote currency, than at another price (none: nothing)."""
        if price is None:
            return ZERO
        more = self.price - price if self.side == "buy" else price - self.price
        return exact(more * self.quantity)


@dataclass(frozen=True, slots=True)
class Booked:
    """One ledger transaction as it changed an account's units, by asset.

    `value`: in quote currency, of what came from outside by it. `at` is when it was traded.
    """

    tx_id: int
    at: datetime
    gains: Mapping[str, Decimal]
    value: Decimal | None = None
    trade: BookedTrade | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Trades in one asset, summed up, in quote currency.

    `slippage` is what they cost more than at the middle of the market when the orders were claimed,
    `slippage_approved` than at the prices of the plan; below zero: less.
    """

    trades: int = 0
    bought: Decimal = ZERO
    sold: Decimal = ZERO
    fees: Decimal = ZERO
    realised: Decimal = ZERO
    realised_fifo: Decimal = ZERO
    slippage: Decimal = ZERO
    slippage_approved: Decimal = ZERO

    def __add__(self, other: "Result") -> "Result":
        """Return the sum of both."""
        return Result(
            self.trades + other.trades,
            self.bought + other.bought,
            self.sold + other.sold,
            self.fees + other.fees,
            self.realised + other.realised,
            self.realised_fifo + other.realised_fifo,
            self.slippage + other.slippage,
            self.slippage_approved + other.slippage_approved,
        )


@dataclass(slots=True)
class Lots:
    """The open lots of an account, oldest first; `fold` takes one transaction after another.

    `touched`: the lots that changed, by asset and transaction; None: nothing is left of one.
    """

    quote_currency: str
    open: dict[str, deque[Lot]] = field(default_factory=dict[str, deque[Lot]])
    touched: dict[tuple[str, int], Lot | None] = field(
        default_factory=dict[tuple[str, int], "Lot | None"]
    )

    def put(self, asset: str, lots: Iterable[Lot]) -> None:
        """Take over lots that are known, oldest first."""
        self.open.setdefault(asset, deque()).extend(lots)

    def cost(self, asset: str) -> Decimal:
        """Return what the open lots of an asset cost, in quote currency."""
        return sum((lot.cost for lot in self.open.get(asset, ())), ZERO)

    def fold(self, booked: Booked) -> Result | None:
        """Take in the next transaction; returns the result of a trade, None of anything else."""
        if booked.trade is None:
            for asset, units in booked.gains.items():
                if units > 0:
                    self._add(asset, Lot(booked.tx_id, units, booked.value or ZERO))
                else:
                    self._take(asset, -units)
            return None
        return self._traded(booked, booked.trade)

    def _traded(self, booked: Booked, trade: BookedTrade) -> Result:
        cash = booked.gains.get(self.quote_currency, ZERO)
        units = booked.gains.get(trade.symbol, ZERO)
        # A fee in a third asset: what that cost once is part of this trade.
        own = (trade.symbol, self.quote_currency)
        others = [(asset, lost) for asset, lost in booked.gains.items() if asset not in own]
        extra = sum((self._take(asset, -lost) for asset, lost in others), ZERO)
        realised = ZERO
        if trade.side == "buy":
            self._add(trade.symbol, Lot(booked.tx_id, units, exact(extra - cash)))
        else:
            realised = exact(cash - extra - self._take(trade.symbol, -units))
        notional = exact(trade.price * trade.quantity)
        return Result(
            trades=1,
            bought=notional if trade.side == "buy" else ZERO,
            sold=notional if trade.side == "sell" else ZERO,
            fees=self._fee(trade, extra),
            realised=trade.realised,
            realised_fifo=realised,
            slippage=trade.worse_than(trade.arrival),
            slippage_approved=trade.worse_than(trade.approved),
        )

    def _fee(self, trade: BookedTrade, extra: Decimal) -> Decimal:
        if trade.fee_asset == self.quote_currency:
            return trade.fee
        return exact(trade.fee * trade.price) if trade.fee_asset == trade.symbol else extra

    def _add(self, asset: str, lot: Lot) -> None:
        if asset == self.quote_currency or lot.units <= 0:
            return
        self.open.setdefault(asset, deque()).append(lot)
        self.touched[asset, lot.tx_id] = lot

    def _take(self, asset: str, units: Decimal) -> Decimal:
        """What these units cost; of what is in no lot: nothing."""
        lots, cost = self.open.get(asset, deque[Lot]()), ZERO
        while units > 0 and lots:
            oldest = lots.popleft()
            if oldest.units <= units:
                units -= oldest.units
                cost += oldest.cost
                self.touched[asset, oldest.tx_id] = None
                continue
            share = exact(oldest.cost * ratio(units, oldest.units))
            left = replace(oldest, units=oldest.units - units, cost=oldest.cost - share)
            lots.appendleft(left)
            self.touched[asset, oldest.tx_id] = left
            return cost + share
        return cost
