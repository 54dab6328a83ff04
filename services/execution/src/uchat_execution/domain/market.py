"""A price as every source of prices tells it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """A price in `quote_currency`, with its source and the time that it is of.

    `change_24h_pct` is in percent. `simulated` marks a price that is from no real market.
    """

    symbol: str
    quote_currency: str
    price: Decimal
    bid: Decimal
    ask: Decimal
    change_24h_pct: Decimal
    as_of: datetime
    source: str
    simulated: bool
