"""Orders and fills in the words of this service, whatever the venue calls them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

Side = Literal["buy", "sell"]
OrderType = Literal["market", "limit"]
VenueStatus = Literal["open", "partially_filled", "filled", "cancelled", "rejected"]
"""Of an order that the venue has. `cancelled` includes expired ones; it may be partly filled."""


@dataclass(frozen=True, slots=True)
class SymbolRules:
    """What a venue demands of orders in one symbol; a zero limit does not limit.

    Quantities in units of the base asset, prices and notionals in quote currency, fees in basis
    points of the notional.
    """

    symbol: str
    quote_currency: str
    quantity_step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    price_tick: Decimal
    min_notional: Decimal
    taker_fee_bps: Decimal
    maker_fee_bps: Decimal


@dataclass(frozen=True, slots=True)
class OrderRef:
    """Names one order for good: the account, the symbol and our own id of it.

    `since`: nothing of this id can be older (the time that it was signed with).
    """

    account: str
    symbol: str
    quote_currency: str
    client_order_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to send once. The venue refuses it after `signed_at` + `window_ms` by itself.

    `signed_at` was stored at the claim and is never renewed: it fences a stalled worker. No
    `limit_price`: a market order.
    """

    ref: OrderRef
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None
    signed_at: datetime
    window_ms: int


@dataclass(frozen=True, slots=True)
class VenueFill:
    """One trade of an order; `trade_id` is unique in its symbol. `fee` in units of `fee_asset`."""

    trade_id: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as the venue has it, with all its fills: their quantities sum up to `filled`."""

    ref: OrderRef
    venue_order_id: str
    status: VenueStatus
    quantity: Decimal
    filled: Decimal
    fills: tuple[VenueFill, ...]
    at: datetime
