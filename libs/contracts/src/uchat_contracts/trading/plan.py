"""A plan: what would be ordered, at which price, and what makes it the same plan."""

import hashlib
from typing import Annotated, Any, Final, Literal, Self

import orjson
from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from uchat_contracts.model import Model
from uchat_contracts.money import Amount

Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,16}$")]
"""A base asset, as BTC."""

Positive = Annotated[Amount, Field(gt=0)]
Side = Literal["buy", "sell"]
OrderType = Literal["market", "limit", "stop", "take_profit"]
TimeInForce = Literal["gtc", "ioc", "fok"]
"""Good till cancelled, immediate or cancel (what rests is cancelled), fill or kill."""
Purpose = Literal["trade", "allocation", "rebalance", "close", "remedy"]
_TRIGGERED: Final = frozenset({"stop", "take_profit"})


class LegRequest(Model):
    """One order as it is wished for; all prices are in quote currency.

    Its size is a `quantity` of the base asset, an `amount` of the quote, or `all`: a sale of
    whatever is free of it. A stop or take-profit order waits until the market reaches
    `trigger_price`; it is a limit order then if it has a `limit_price`, else a market order.
    `time_in_force` and `post_only` (never taking) are for limit orders.
    """

    symbol: Symbol
    side: Side
    type: OrderType = "market"
    quantity: Positive | None = None
    amount: Positive | None = None
    all: bool = False
    limit_price: Positive | None = None
    trigger_price: Positive | None = None
    time_in_force: TimeInForce = "gtc"
    post_only: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if [self.quantity is not None, self.amount is not None, self.all].count(True) != 1:
            raise ValueError("Expected one of quantity, amount and all")
        if self.all and self.side != "sell":
            raise ValueError("Only a sale can be of all")
        if self.limit_price is None and self.type == "limit":
            raise ValueError("A limit order has a limit price")
        if self.limit_price is not None and self.type == "market":
            raise ValueError("A market order has no limit price")
        if (self.type in _TRIGGERED) != (self.trigger_price is not None):
            raise ValueError("Stop and take-profit orders, and no others, have a trigger price")
        if self.type != "limit" and (self.post_only or self.time_in_force != "gtc"):
            raise ValueError("Only limit orders have a time in force or are post-only")
        if self.post_only and self.time_in_force != "gtc":
            raise ValueError("A post-only order rests, so it is good till cancelled")
        return self


class PlanRequest(Model):
    """What the brain or a person would like to do. Prices, fees and risk are execution's to say.

    `venue`: at which of the person's accounts, by the name of its exchange; none: on paper.
    """

    legs: list[LegRequest] = Field(min_length=1, max_length=20)
    quote_currency: Symbol = "USDT"
    purpose: Purpose = "trade"
    venue: str | None = Field(default=None, pattern=r"^[a-z0-9_-]{1,32}$")


class WithheldRequest(PlanRequest):
    """A wish that somebody who is not asked any more does not see: it has no orders."""

    legs: list[LegRequest] = Field(default=[], max_length=0)


class Leg(Model):
    """One order of a plan, priced: quantities on the venue's steps, money in quote currency.

    `price` is what the plan expects to pay or get per unit, `fee` the expected fee. `kept_here`:
    the venue has no such order, so it is kept here and sent when the market reaches the trigger.
    """

    n: int = Field(ge=1)
    symbol: Symbol
    side: Side
    type: OrderType
    quantity: Positive
    price: Positive
    limit_price: Positive | None = None
    trigger_price: Positive | None = None
    time_in_force: TimeInForce = "gtc"
    post_only: bool = False
    kept_here: bool = False
    notional: Amount
    fee: Amount
    fee_asset: Symbol


class Collar(Model):
    """How far the price may move until execution: at most `max_deviation_bps` from the legs'."""

    max_deviation_bps: int
    as_of: AwareDatetime


class Plan(Model):
    """What a person approves. `simulated`: on paper, no real money moves.

    `total` is the sum of the notionals and `fees` of the fees, both in quote currency.
    """

    account: str
    venue: str
    simulated: bool
    quote_currency: Symbol
    legs: list[Leg] = Field(min_length=1)
    collar: Collar
    total: Amount
    fees: Amount
    expires_at: AwareDatetime

    def hash(self, decision_id: str, person: str, version: int) -> str:
        """Return SHA-256, in hexadecimal, of all that an approval binds to.

        Decision, person and version are in it: no approval fits another decision or account.
        """
        body: dict[str, Any] = self.model_dump(mode="json", exclude_none=True)
        _normalise(body)
        whole = {"decision": decision_id, "person": person, "plan": body, "version": version}
        return hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()


_DECIMALS = frozenset(
    {"quantity", "price", "limit_price", "trigger_price", "notional", "fee", "total", "fees"}
)


def _normalise(value: Any) -> None:
    """Write each decimal in one way only: 1.50 and 1.5 are one plan."""
    if isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType] - JSON
            _normalise(item)
    elif isinstance(value, dict):
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType] - JSON
            if key in _DECIMALS and isinstance(item, str) and "." in item:
                value[key] = item.rstrip("0").rstrip(".")
            else:
                _normalise(item)
