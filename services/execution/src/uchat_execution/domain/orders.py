"""Orders and fills in the words of this service, whatever the venue calls them."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from uchat_contracts.trading import OrderType, Reason, TimeInForce
from uchat_execution.domain.money import BPS, exact, ratio

Side = Literal["buy", "sell"]
Feature = Literal[
    "market", "limit", "ioc", "fok", "post_only",
    "stop", "stop_limit", "take_profit", "take_profit_limit",
]  # fmt: skip
"""A kind of order that a venue may have. Of what it lacks, only triggers can be kept here."""
TRIGGERS: Final[frozenset[Feature]] = frozenset(
    {"stop", "stop_limit", "take_profit", "take_profit_limit"}
)
PLAIN: Final[frozenset[Feature]] = frozenset({"market", "limit", "ioc", "fok", "post_only"})
VenueStatus = Literal["open", "partially_filled", "filled", "cancelled", "rejected"]
"""Of an order that the venue has. `cancelled` includes expired ones; it may be partly filled."""


@dataclass(frozen=True, slots=True)
class SymbolRules:
    """What a venue demands of orders in one symbol; a zero limit does not limit.

    Quantities in units of the base asset, prices and notionals in quote currency, fees in basis
    points of the notional. A price may be at most `price_up` times the market's and at least
    `price_down` times, by side; a side that is missing has no such limit. `max_market_quantity`
    is of market orders.
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
    offers: frozenset[Feature] = PLAIN
    price_up: Mapping[Side, Decimal] = field(default_factory=dict[Side, Decimal])
    price_down: Mapping[Side, Decimal] = field(default_factory=dict[Side, Decimal])
    max_market_quantity: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OrderRef:
    """Names one order for good: the account, its venue, the symbol and our own id of it.

    `since`: nothing of this id can be older (the time that it was signed with).
    """

    account: str
    symbol: str
    quote_currency: str
    client_order_id: str
    since: datetime
    venue: str = "paper"


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to send once. The venue refuses it after `signed_at` + `window_ms` by itself.

    `signed_at` was stored at the claim and is never renewed: it fences a stalled worker. With a
    `trigger_price` it waits at the venue; without a `limit_price` it is a market order (then).
    """

    ref: OrderRef
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None
    signed_at: datetime
    window_ms: int
    trigger_price: Decimal | None = None
    time_in_force: TimeInForce = "gtc"
    post_only: bool = False


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


@dataclass(frozen=True, slots=True)
class SeenOrder:
    """An order that was asked for by the venue's own number, with whose it is.

    `client_order_id`: the id that it was sent with, as the venue has it; empty: it does not tell.
    """

    order: VenueOrder
    side: Side
    client_order_id: str


@dataclass(frozen=True, slots=True)
class VenueEvent:
    """What a venue told by itself of an order: how it stands, and the trade that made it so.

    `filled` counts all of its trades so far. Events may be missing, late, or come twice.
    """

    client_order_id: str
    symbol: str
    venue_order_id: str
    status: VenueStatus
    quantity: Decimal
    filled: Decimal
    fill: VenueFill | None
    at: datetime


OrderState = Literal[
    "waiting", "ready", "submitting", "unknown", "open", "partially_filled", "filled",
    "cancelled", "rejected", "not_placed",
]  # fmt: skip
SETTLED: Final = frozenset({"filled", "cancelled", "rejected", "not_placed"})
"""Nothing more will come of it by itself."""
AT_VENUE: Final = frozenset({"submitting", "unknown", "open", "partially_filled"})
"""The venue has it, or may have it."""
UNSENT: Final = frozenset({"waiting", "ready"})
"""The venue has never heard of it; `waiting`: kept here until the market reaches its trigger."""
RESTING: Final = frozenset({"open", "partially_filled"})
_NEXT: Final[dict[str, frozenset[str]]] = {
    "waiting": frozenset({"ready", "not_placed", "cancelled"}),
    # Unknown without a claim: the books were restored, and what was lost may have sent it.
    "ready": frozenset({"submitting", "not_placed", "cancelled", "waiting", "unknown"}),
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
    # Given up while the venue was silent, and traded all the same.
    "not_placed": frozenset({"partially_filled", "filled", "cancelled"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One leg of an approved plan, from its durable intent to its end.

    `reserved` is what is set aside for it: quote currency for a buy, units for a sale. `epoch`
    counts the claims: whoever holds an older one may not write. `price` is the plan's. Nothing of
    it is sent after `send_until`; it may rest at the venue, or wait here, for longer. Since
    `cancel_at` somebody wants it gone: the venue is asked until it confirms. `plan_hash` is of the
    plan that was approved, `arrival_price` the middle of the market when it was claimed first.
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
    trigger_price: Decimal | None = None
    time_in_force: TimeInForce = "gtc"
    post_only: bool = False
    kept_here: bool = False
    triggered_at: datetime | None = None
    send_until: datetime | None = None
    cancel_at: datetime | None = None
    plan_hash: str | None = None
    arrival_price: Decimal | None = None

    @property
    def placed_as(self) -> OrderType:
        """Return what the venue gets: a trigger that is kept here ends as a plain order."""
        if not self.kept_here:
            return self.type
        return "market" if self.limit_price is None else "limit"

    @property
    def reserved_asset(self) -> str:
        """Return what is set aside for it: the quote currency of a buy, the asset of a sale."""
        return self.quote_currency if self.side == "buy" else self.symbol

    @property
    def average_price(self) -> Decimal | None:
        """Return the mean price of what was filled, in quote currency."""
        return ratio(self.quote_filled, self.filled) if self.filled else None

    def worse_by(self, price: Decimal | None) -> tuple[Decimal, Decimal] | None:
        """Return what was filled at a worse price than another one: in quote currency, and bps.

        Below zero: at a better one. None: nothing was filled, or the price is not known.
        """
        if not self.filled or not price:
            return None
        there = exact(price * self.filled)
        worse = self.quote_filled - there if self.side == "buy" else there - self.quote_filled
        return worse, (worse / there * BPS).quantize(Decimal("0.01"))

    @property
    def ref(self) -> OrderRef:
        """Return what the venue knows it by."""
        return OrderRef(
            account=self.account,
            symbol=self.symbol,
            quote_currency=self.quote_currency,
            client_order_id=self.client_order_id,
            since=self.sign_ts or self.created_at,
            venue=self.venue,
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


def falls_to(kind: OrderType, side: Side) -> bool:
    """Tell whether a trigger is reached from above: a stop's sale, a take-profit's purchase."""
    return (kind == "stop") == (side == "sell")


def reaches(kind: OrderType, side: Side, trigger: Decimal, price: Decimal) -> bool:
    """Tell whether the market, at the price of its last trade, has reached a trigger."""
    return price <= trigger if falls_to(kind, side) else price >= trigger


def client_order_id(decision_id: str, plan_hash: str, leg: int, attempt: int) -> str:
    """Return our id of an order at the venue: the same one however often a worker makes it.

    128 bits of SHA-256 in base32: 26 characters of a to z and 2 to 7, which every venue takes.
    """
    key = f"uc1|{decision_id}|{plan_hash}|{leg}|{attempt}".encode()
    return base64.b32encode(hashlib.sha256(key).digest()[:16]).decode().rstrip("=").lower()
