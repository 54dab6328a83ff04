"""What can be traded."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Instrument:
    """A base asset quoted in `quote_currency`; `tick` is the smallest price step in it."""

    symbol: str
    name: str
    tick: Decimal
    quote_currency: str = "USDT"

    @property
    def price_decimals(self) -> int:
        """Return how many decimals a price has."""
        return max(0, -int(self.tick.normalize().as_tuple().exponent))
