"""Orders and fills in the words of this service, whatever the venue calls them."""

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from uchat_contracts.trading import OrderType, Reason
from uchat_execution.domain.money import ratio

Side = Literal["buy", "sell"]
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


OrderState = Literal[
    "ready", "submitting", "unknown", "open", "partially_filled", "filled", "cancelled",
    "rejected", "not_placed",
]  # fmt: skip
SETTLED: Final = frozenset({"filled", "cancelled", "rejected", "not_placed"})
"""Nothing more will come of it by itself."""
AT_VENUE: Final = frozenset({"submitting", "unknown", "open", "partially_filled"})
"""The venue has it, or may have it."""
_NEXT: Final[dict[str, frozenset[str]]] = {
    "ready": frozenset({"submitting", "not_placed", "cancelled"}),
    "submitting": frozenset(
        {"unknown", "open", "partially_filled", "filled", "cancelled", "rejected"}
        | {"not_placed", "ready"}
    ),
    "unknown": frozenset(
        {"open", "partially_filled", "filled", "cancelled", "rejected", "not_placed", "ready"}
    ),
    "open": frozenset({"partially_filled", "filled", "cancelled", "rejected"}),
    "partially_filled": frozenset({"filled", "cancelled"}),
    # Late fills are real: a venue may tell of a trade after it told of the cancellation.
    "cancelled": frozenset({"partially_filled", "filled"}),
    "filled": frozenset(),
    "rejected": frozenset(),
    "not_placed": frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One leg of an approved plan, from its durable intent to its end.

    `reserved` is what is set aside for it: quote currency for a buy, units for a sale. `epoch`
    counts the claims: whoever holds an older one may not write. `price` is the plan's.
    """

    order_id: str
    decision_id: str
    version: int
    leg: int
    attempt: int
    rev: int
    account: str
    venue: str
    symbol: str
    quote_currency: str
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal
    limit_price: Decimal | None
    client_order_id: str
    state: OrderState
    fee_asset: str
    created_at: datetime
    updated_at: datetime
    reason: Reason | None = None
    venue_order_id: str | None = None
    filled: Decimal = Decimal(0)
    quote_filled: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    epoch: int = 0
    owner: str | None = None
    claimed_at: datetime | None = None
    sign_ts: datetime | None = None
    deadline: datetime | None = None
    unknown_since: datetime | None = None
    next_at: datetime
    absent: int = 0

    @property
    def reserved_asset(self) -> str:
        """Return what is set aside for it: the quote currency of a buy, the asset of a sale."""
        return self.quote_currency if self.side == "buy" else self.symbol

    @property
    def average_price(self) -> Decimal | None:
        """Return the mean price of what was filled, in quote currency."""
        return ratio(self.quote_filled, self.filled) if self.filled else None

    @property
    def ref(self) -> OrderRef:
        """Return what the venue knows it by."""
        return OrderRef(
            account=self.account,
            symbol=self.symbol,
            quote_currency=self.quote_currency,
            client_order_id=self.client_order_id,
            since=self.sign_ts or self.created_at,
        )

    def but(self, **changes: Any) -> "Order":
        """Return it with other values; the state is changed by `entering` alone."""
        return replace(self, **changes)

    def entering(self, state: OrderState, at: datetime, **changes: Any) -> "Order":
        """Return it in a state, as its next event.

        Raises:
            ImpossibleTransitionError: that state cannot follow.
        """
        if state != self.state and state not in _NEXT[self.state]:
            raise ImpossibleTransitionError(f"order {self.order_id}: {self.state} to {state}")
        return replace(self, state=state, rev=self.rev + 1, updated_at=at, **changes)


class ImpossibleTransitionError(Exception):
    """A state cannot follow another one: whoever asks works on something outdated."""


def client_order_id(decision_id: str, plan_hash: str, leg: int, attempt: int) -> str:
    """Return our id of an order at the venue: the same one however often a worker makes it.

    128 bits of SHA-256 in base32: 26 characters of a to z and 2 to 7, which every venue takes.
    """
    key = f"uc1|{decision_id}|{plan_hash}|{leg}|{attempt}".encode()
    return base64.b32encode(hashlib.sha256(key).digest()[:16]).decode().rstrip("=").lower()
