"""Orders, trades and accounts, as the matching engine holds them. Times: Unix milliseconds."""

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Final, Literal

Side = Literal["BUY", "SELL"]
OrderType = Literal["MARKET", "LIMIT", "LIMIT_MAKER"]
TimeInForce = Literal["GTC", "IOC", "FOK"]
Status = Literal["NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED"]

FEE: Final = Decimal("0.001")
_FEE_UNIT: Final = Decimal("0.00000001")
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a client asks for. A market order has a `quantity` or a `quote_quantity`, in USDT."""

    client_order_id: str
    pair: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce = "GTC"
    quantity: Decimal | None = None
    quote_quantity: Decimal | None = None
    price: Decimal | None = None


@dataclass(slots=True)
class Order:
    """An order that was accepted. `locked`: what is set aside for the rest of it, in `pays`."""

    order_id: int
    account: str
    client_order_id: str
    pair: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: Decimal
    quote_quantity: Decimal
    price: Decimal
    placed_ms: int
    updated_ms: int
    status: Status = "NEW"
    executed: Decimal = _ZERO
    executed_quote: Decimal = _ZERO
    locked: Decimal = _ZERO

    @property
    def is_open(self) -> bool:
        """Tell whether it rests in the book."""
        return self.status in ("NEW", "PARTIALLY_FILLED")

    @property
    def remaining(self) -> Decimal:
        """Return the quantity that is not executed."""
        return self.quantity - self.executed


@dataclass(frozen=True, slots=True)
class Trade:
    """A fill of one order; `commission` is in USDT, whichever side."""

    trade_id: int
    order_id: int
    account: str
    pair: str
    side: Side
    price: Decimal
    quantity: Decimal
    commission: Decimal
    maker: bool
    at_ms: int

    @property
    def quote(self) -> Decimal:
        """Return price times quantity, without the commission."""
        return self.price * self.quantity


@dataclass(slots=True)
class Balance:
    """Units of an asset: free to use, and locked in open orders."""

    free: Decimal = _ZERO
    locked: Decimal = _ZERO


@dataclass(slots=True)
class Account:
    """An account, named by its API key."""

    api_key: str
    secret: str
    balances: dict[str, Balance] = field(default_factory=dict[str, Balance])

    def balance(self, asset: str) -> Balance:
        """Return the balance of an asset, which may be nothing."""
        return self.balances.setdefault(asset, Balance())


def fee_of(quote: Decimal) -> Decimal:
    """Return the commission of a fill: 10 basis points, cut after eight decimals."""
    return (quote * FEE).quantize(_FEE_UNIT, ROUND_DOWN)
