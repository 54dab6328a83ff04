"""Risk profiles: how a person's money may be spread, in suggestions and in rebalancing alike."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Profile = Literal["cautious", "balanced", "bold"]


@dataclass(frozen=True, slots=True)
class Character:
    """What a profile allows: how many assets, the most in one (0 to 1), and the part in cash."""

    assets: int
    cap: Decimal
    cash: Decimal


PROFILES: Final[dict[Profile, Character]] = {
    "cautious": Character(assets=4, cap=Decimal("0.25"), cash=Decimal("0.40")),
    "balanced": Character(assets=6, cap=Decimal("0.25"), cash=Decimal("0.20")),
    "bold": Character(assets=10, cap=Decimal("0.20"), cash=Decimal("0.05")),
}
