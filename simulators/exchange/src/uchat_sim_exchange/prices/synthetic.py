"""A seeded walk: the same prices in every process, for any time."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from uchat_sim_exchange.domain.instruments import Instrument
from uchat_sim_exchange.domain.price_path import price_at
from uchat_sim_exchange.prices.source import Day


@dataclass(frozen=True)
class Synthetic:
    """Every instrument has a price at every second."""

    seed: str
    name: str = "synthetic"
    simulated: bool = True

    def knows(self, instrument: Instrument) -> bool:
        """Everything is listed."""
        del instrument
        return True

    def is_open(self, instrument: Instrument) -> bool:
        """It never closes."""
        del instrument
        return True

    def price(self, instrument: Instrument, second: int) -> Decimal:
        """Return the price at a second."""
        return price_at(self.seed, instrument, second)

    def day(self, instrument: Instrument) -> Day | None:
        """Nobody else tells of it."""
        del instrument

    async def ask(self, path: str, params: Mapping[str, str]) -> Any | None:
        """Nobody else is asked."""
        del path, params

    async def run(self) -> None:
        """Nothing has to be fetched."""
