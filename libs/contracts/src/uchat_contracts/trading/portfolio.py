"""What a person owns and did. Money is in `quote_currency`, quantities in units of the asset."""

from typing import Literal

from pydantic import AwareDatetime, Field

from uchat_contracts.model import Model
from uchat_contracts.money import Amount
from uchat_contracts.trading.plan import OrderType, Side, Symbol, TimeInForce


class Holding(Model):
    """One asset: `free` and `reserved` units, valued at `price` (the mid of the market).

    Average cost includes fees. `share` is the part of the portfolio's value, 0 to 1. Without a
    price (`price` absent) value, share and profit are absent too: they are unknown, not zero.
    """

    symbol: Symbol
    name: str
    free: Amount
    reserved: Amount
    quantity: Amount
    average_cost: Amount | None = None
    price: Amount | None = None
    value: Amount | None = None
    share: Amount | None = None
    unrealised: Amount | None = None
    unrealised_pct: Amount | None = None
    realised: Amount
    change_24h_pct: Amount | None = None


class Portfolio(Model):
    """Everything that a person owns on one account, by value, and its profit.

    `total` is absent as long as a price is missing. `deposited` is what came from outside.
    `simulated`: it is paper money; `price_source` and `prices_simulated` are of the prices, which
    may be real all the same (absent: nothing is priced). `stale`: prices are not of now, or a live
    exchange could not be asked for a while; `as_of` says of when it is.
    """

    account: str
    venue: str
    simulated: bool
    quote_currency: Symbol
    cash: Amount
    cash_reserved: Amount
    total: Amount | None = None
    deposited: Amount
    realised: Amount
    unrealised: Amount | None = None
    change_today: Amount | None = None
    holdings: list[Holding]
    as_of: AwareDatetime
    stale: bool = False
    price_source: str | None = None
    prices_simulated: bool | None = None


Source = Literal["decision", "external"]
"""Whether it came from a decision here, or from the person's own hand at the venue."""


class Order(Model):
    """An order at the venue; `waiting`: kept here until the market reaches `trigger_price`.

    `cancelling`: the person cancelled it and the venue has not confirmed that yet.
    `arrival_price` is the middle of the market when it was claimed for sending, `approved_price`
    the plan's. `slippage` is what it cost more than at the former, in quote currency, and the
    two `_bps` compare with each, in basis points; below zero: less. Absent: nothing was filled, or
    the price is not known.
    """

    order_id: str
    decision_id: str | None = None
    client_order_id: str
    symbol: Symbol
    side: Side
    type: OrderType
    status: Literal[
        "waiting", "ready", "submitting", "unknown", "open", "partially_filled", "filled",
        "cancelled", "rejected", "not_placed",
    ]  # fmt: skip
    quantity: Amount
    filled: Amount
    limit_price: Amount | None = None
    trigger_price: Amount | None = None
    time_in_force: TimeInForce = "gtc"
    post_only: bool = False
    kept_here: bool = False
    cancelling: bool = False
    source: Source = "decision"
    average_price: Amount | None = None
    fee: Amount
    fee_asset: Symbol
    approved_price: Amount | None = None
    arrival_price: Amount | None = None
    slippage: Amount | None = None
    slippage_bps: Amount | None = None
    slippage_approved_bps: Amount | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Trade(Model):
    """One fill."""

    trade_id: str
    order_id: str
    decision_id: str | None = None
    symbol: Symbol
    side: Side
    quantity: Amount
    price: Amount
    fee: Amount
    fee_asset: Symbol
    realised: Amount | None = None
    source: Source = "decision"
    at: AwareDatetime


class Movement(Model):
    """What came or went otherwise than by a decision, in units of `asset`; signed.

    external: done at the venue by the person's own hand; adjustment: what the venue's books say and
    nothing explains, with `note`.
    """

    movement_id: str
    kind: Literal["opening", "deposit", "withdrawal", "external", "adjustment"]
    asset: Symbol
    amount: Amount
    source: Source
    note: str = ""
    at: AwareDatetime


class Worth(Model):
    """What a portfolio was worth at a time."""

    at: AwareDatetime
    total: Amount


class AllocationLine(Model):
    """One asset of a suggested allocation: `weight` 0 to 1 of the amount, and what it would buy."""

    symbol: Symbol
    name: str
    weight: Amount
    amount: Amount
    quantity: Amount
    price: Amount
    volatility_pct: Amount
    why: str


class Allocation(Model):
    """How an amount could be spread. A suggestion with its method; nothing is ordered by it."""

    amount: Amount
    quote_currency: Symbol
    profile: Literal["cautious", "balanced", "bold"]
    lines: list[AllocationLine]
    cash: Amount
    cash_weight: Amount = Field(ge=0, le=1)
    method: str
    as_of: AwareDatetime
    simulated: bool
