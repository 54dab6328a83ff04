"""What the market asks of a source of prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from uchat_sim_exchange.domain.instruments import Instrument


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours and the best prices, as somebody else tells them, of the time `at_ms`."""

    at_ms: int
    last: Decimal
    bid: Decimal
    ask: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal


class Prices(Protocol):
    """A source of prices in USDT, on each instrument's tick."""

    @property
    def name(self) -> str:
        """What quotes say of where they are from."""
        ...

    @property
    def simulated(self) -> bool:
        """Whether prices are of no real market at this time."""
        ...

    def knows(self, instrument: Instrument) -> bool:
        """Tell whether there is, or was, a price: then it is listed."""
        ...

    def is_open(self, instrument: Instrument) -> bool:
        """Tell whether the price is of now, so that it can be traded at."""
        ...

    def price(self, instrument: Instrument, second: int) -> Decimal:
        """Return the price at a Unix second until now; a source without a past: the latest one."""
        ...

    def day(self, instrument: Instrument) -> Day | None:
        """Return the last day as it was told; None: it is made of the prices."""
        ...

    async def ask(self, path: str, params: Mapping[str, str]) -> Any | None:
        """Return what another exchange answers about the past; None: it is made of the prices."""
        ...

    async def run(self) -> None:
        """Keep prices up to date until cancelled."""
        ...
