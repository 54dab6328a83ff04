"""Bodies and answers of the trading door."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints
from pydantic_core import PydanticCustomError

from uchat_contracts.ids import ClientInterface, ClientMessageId
from uchat_contracts.money import Amount
from uchat_contracts.trading import (
    Holding,
    LedgerEntry,
    Mandate,
    Movement,
    OperationMode,
    Order,
    RiskLimits,
    Trade,
)
from uchat_contracts.trading.plan import Positive, Symbol
from uchat_gateway.doors.models import Body

Id = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
_YEARS = range(2020, 9000)
_MANY = 200


def _reachable(at: AwareDatetime) -> AwareDatetime:
    # Far ends of the calendar cannot be turned into UTC.
    if at.year not in _YEARS:
        raise PydanticCustomError("unlikely_date", "Expected a date of this century or a later one")
    return at


Expiry = Annotated[AwareDatetime, AfterValidator(_reachable)]


Scope = Annotated[str, StringConstraints(pattern=r"^(everybody|org:[0-9A-Za-z_-]{1,64})$")]


class ChooseMode(Body):
    """How to trade from now on."""

    mode: OperationMode
    interface: ClientInterface = "api"


class SetLimits(Body):
    """What a scope (a person, `org:<id>` or `everybody`) must keep to; null: as the wider one.

    Without a `scope` it is the caller, who may only make their own limits tighter.
    """

    scope: Annotated[str, StringConstraints(pattern=r"^(org:)?[0-9A-Za-z_-]{1,64}$")] | None = None
    limits: RiskLimits | None


class PositionList(BaseModel):
    """A page of holdings, by value; `next` is the cursor of the following page."""

    positions: list[Holding]
    next: str | None = None


class OrderList(BaseModel):
    """A page of orders, latest first; `next` is the cursor of the following page."""

    orders: list[Order]
    next: str | None = None


class TradeList(BaseModel):
    """A page of fills, latest first; `next` is the cursor of the following page."""

    trades: list[Trade]
    next: str | None = None


class MovementList(BaseModel):
    """A page of movements, latest first; `next` is the cursor of the following page."""

    movements: list[Movement]
    next: str | None = None


class LedgerPage(BaseModel):
    """A page of entries, latest first; `next` is the cursor of the following page."""

    entries: list[LedgerEntry]
    next: str | None = None


class Prefer(Body):
    """What figures are to be told in; what is absent stays. `time_zone`: an IANA name."""

    time_zone: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")] | None = None
    currency: Symbol | None = None


class MandateList(BaseModel):
    """A page of mandates, latest first; `next` is the cursor of the following page."""

    mandates: list[Mandate]
    next: str | None = None


class Cancel(Body):
    """Which open orders to cancel; neither ids nor symbol: all of them, at a venue or anywhere."""

    order_ids: Annotated[list[Id], Field(max_length=_MANY)] = []
    symbol: Symbol | None = None
    venue: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")] | None = None
    interface: ClientInterface = "api"


class Cancelled(BaseModel):
    """The orders as they stand now."""

    orders: list[Order]


class Grant(Body):
    """A limit to sign: inside it decisions approve themselves until it ends or is revoked.

    `per_day` is in quote currency, a UTC day, `per_order` the most of one order. From a loss of
    `drawdown_stop` (0 to 1 of the highest value since) on it is suspended. No `symbols`: every
    tradable one. `op_id` names this wish: sending it again gives the first mandate.
    """

    per_day: Positive
    per_order: Positive | None = None
    drawdown_stop: Annotated[Amount, Field(gt=0, lt=1)] | None = None
    symbols: Annotated[list[Symbol], Field(max_length=_MANY)] = []
    expires_at: Expiry
    op_id: ClientMessageId | None = None
    interface: ClientInterface = "api"


class Throw(Body):
    """Throw the kill switch (`on`) or release it.

    `scope`: absent for the caller; `org:<id>` and `everybody` are for operators.
    """

    on: bool
    scope: Scope | None = None
    interface: ClientInterface = "api"


def text_of(amount: Amount) -> str:
    """Return an amount as all services write it."""
    return format(amount, "f")
