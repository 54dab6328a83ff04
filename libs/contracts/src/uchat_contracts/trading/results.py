"""How a person's account did: profit and loss, the curve of its value, its books.

Money is in `currency`, which is the account's quote currency unless it was asked for the person's
own and a market quotes that: `conversion` says by which rate. Times are UTC; days, weeks and months
begin where the person lives (`time_zone`, an IANA name).
"""

from typing import Literal

from pydantic import AwareDatetime

from uchat_contracts.model import Model
from uchat_contracts.money import Amount
from uchat_contracts.trading.plan import Symbol

CostMethod = Literal["average", "fifo"]
"""What a sale takes from the cost: the average of what is held, or that of the oldest first."""


class Conversion(Model):
    """One unit of the account's quote currency in another one, as a market quotes it.

    All figures are converted by this one rate, those of the past too.
    """

    currency: Symbol
    rate: Amount
    source: str
    simulated: bool
    as_of: AwareDatetime


class Preferences(Model):
    """What a person wants figures to be told in. `currency_note`: why it cannot be that currency.

    Without a `conversion` figures are in the account's quote currency.
    """

    time_zone: str
    currency: Symbol
    conversion: Conversion | None = None
    currency_note: str | None = None


class Worth(Model):
    """What a portfolio was worth at a time."""

    at: AwareDatetime
    total: Amount


class AssetResult(Model):
    """What trading one asset brought in a period. `slippage`: see `Order`; below zero: a gain.

    `unrealised` is of what is held now, whenever it was bought; absent: a price is missing.
    """

    symbol: Symbol
    trades: int
    bought: Amount
    sold: Amount
    fees: Amount
    realised: Amount
    unrealised: Amount | None = None
    slippage: Amount
    slippage_approved: Amount


class PeriodResult(Model):
    """One day, week or month; the last one still runs.

    `change` is what was gained, realised or not, without what was paid in or out (`deposited`).
    Totals are those of the latest note until then: hourly ones, and one at each fill.
    """

    start: AwareDatetime
    end: AwareDatetime
    trades: int
    fees: Amount
    realised: Amount
    slippage: Amount
    deposited: Amount | None = None
    total_start: Amount | None = None
    total_end: Amount | None = None
    change: Amount | None = None
    change_pct: Amount | None = None


class Pnl(Model):
    """Profit and loss from `since` on, net of fees; `points` is the portfolio's value over time.

    `realised` and `unrealised` are by the `method`. `assets`: by what was traded or is held;
    `results`: the last days, weeks or months, latest first.
    """

    since: AwareDatetime
    realised: Amount
    unrealised: Amount | None = None
    fees: Amount
    total_now: Amount | None = None
    total_then: Amount | None = None
    change_pct: Amount | None = None
    points: list[Worth] = []
    method: CostMethod = "average"
    trades: int = 0
    slippage: Amount | None = None
    slippage_approved: Amount | None = None
    time_zone: str = "UTC"
    currency: Symbol | None = None
    conversion: Conversion | None = None
    currency_note: str | None = None
    simulated: bool | None = None
    assets: list[AssetResult] = []
    results: list[PeriodResult] = []


class EquityPoint(Model):
    """What an account was worth, what had been paid in by then, and how far below its best it was.

    `drawdown_pct` is by time-weighted growth, so that a withdrawal is no loss.
    """

    at: AwareDatetime
    total: Amount
    deposited: Amount
    drawdown_pct: Amount


class Equity(Model):
    """The value of an account over a span that ends now, thinned out, oldest first.

    `return_pct` is time-weighted: what was paid in or out is neither gain nor loss. `drawdown_pct`
    is that of now, `max_drawdown_pct` the deepest, at `max_drawdown_at`. `change` is in money.
    """

    since: AwareDatetime
    points: list[EquityPoint]
    change: Amount | None = None
    return_pct: Amount | None = None
    drawdown_pct: Amount | None = None
    max_drawdown_pct: Amount | None = None
    max_drawdown_at: AwareDatetime | None = None
    currency: Symbol
    conversion: Conversion | None = None
    currency_note: str | None = None
    time_zone: str
    simulated: bool


class LedgerEntry(Model):
    """Units that a book gained (below zero: lost) by a transaction; each sums up to zero by asset.

    Books: free, reserved (the person's own), and the other sides: venue:<venue>, fees:<venue>,
    equity:<what>. `reference` is unique for each transaction.
    """

    transaction: str
    n: int
    kind: str
    reference: str
    book: str
    asset: Symbol
    amount: Amount
    at: AwareDatetime
