"""A plan: what would be ordered, at which price, and what makes it the same plan."""

import hashlib
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from uchat_contracts.model import Model
from uchat_contracts.money import Amount

Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,16}$")]
"""A base asset, as BTC."""

Positive = Annotated[Amount, Field(gt=0)]
Side = Literal["buy", "sell"]
OrderType = Literal["market", "limit"]


class LegRequest(Model):
    """One order as it is wished for: by `quantity` of the base asset or by `amount` of the quote.

    `limit_price` is in quote currency and belongs to a limit order.
    """

    symbol: Symbol
    side: Side
    type: OrderType = "market"
    quantity: Positive | None = None
    amount: Positive | None = None
    limit_price: Positive | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.quantity is None) == (self.amount is None):
            raise ValueError("Expected either a quantity or an amount")
        if (self.type == "limit") != (self.limit_price is not None):
            raise ValueError("A limit order, and no other, has a limit price")
        return self


class PlanRequest(Model):
    """What the brain or a person would like to do. Prices, fees and risk are execution's to say."""

    legs: list[LegRequest] = Field(min_length=1, max_length=20)
    quote_currency: Symbol = "USDT"


class Leg(Model):
    """One order of a plan, priced: quantities on the venue's steps, money in quote currency.

    `price` is what the plan expects to pay or get per unit, `fee` the expected fee.
    """

    n: int = Field(ge=1)
    symbol: Symbol
    side: Side
    type: OrderType
    quantity: Positive
    price: Positive
    limit_price: Positive | None = None
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


_DECIMALS = frozenset({"quantity", "price", "limit_price", "notional", "fee", "total", "fees"})


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
