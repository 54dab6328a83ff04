"""Orders and trades, as the matching engine holds them. Times: Unix milliseconds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, Self

Side = Literal["BUY", "SELL"]
OrderType = Literal[
    "MARKET",
    "LIMIT",
    "LIMIT_MAKER",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
]
TimeInForce = Literal["GTC", "IOC", "FOK"]
Status = Literal["NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED"]

ORDER_TYPES: Final[tuple[OrderType, ...]] = (
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
)
NOT_WORKING: Final = -1
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a client asks for. A market order has a `quantity` or a `quote_quantity`, in USDT.

    `stop_price`: where the last price has to come before the order works.
    """

    client_order_id: str
    pair: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce = "GTC"
    quantity: Decimal | None = None
    quote_quantity: Decimal | None = None
    price: Decimal | None = None
    stop_price: Decimal | None = None


@dataclass(slots=True)
class Order:
    """An order that was accepted. `locked`: what is set aside for the rest of it, in `pays`.

    `working_ms`: since when it can be filled; `NOT_WORKING` before it is matched for the first
    time, which is after it is in the journal, or before its stop price is reached.
    """

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
    stop_price: Decimal
    placed_ms: int
    updated_ms: int
    working_ms: int = NOT_WORKING
    status: Status = "NEW"
    executed: Decimal = _ZERO
    executed_quote: Decimal = _ZERO
    locked: Decimal = _ZERO

    @classmethod
    def of(cls, ticket: Ticket, order_id: int, account: str, now_ms: int) -> Self:
        """Return a new order for what a client asked."""
        return cls(
            order_id=order_id,
            account=account,
            client_order_id=ticket.client_order_id,
            pair=ticket.pair,
            side=ticket.side,
            type=ticket.type,
            time_in_force=ticket.time_in_force,
            quantity=ticket.quantity or _ZERO,
            quote_quantity=ticket.quote_quantity or _ZERO,
            price=ticket.price or _ZERO,
            stop_price=ticket.stop_price or _ZERO,
            placed_ms=now_ms,
            updated_ms=now_ms,
        )

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be filled."""
        return self.status in ("NEW", "PARTIALLY_FILLED")

    @property
    def works(self) -> bool:
        """Tell whether it has been matched, or triggered."""
        return self.working_ms != NOT_WORKING

    @property
    def waits_for_price(self) -> bool:
        """Tell whether it is a stop that the price has not come to yet."""
        return self.is_open and self.stop_price > 0 and not self.works

    @property
    def at_market(self) -> bool:
        """Tell whether it takes whatever price there is."""
        return not self.price

    @property
    def rests(self) -> bool:
        """Tell whether what is not filled at once stays in the book."""
        return not self.at_market and self.time_in_force == "GTC"

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
