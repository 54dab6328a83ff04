"""When an alert is told: once for each time that the market crosses to the other side.

Whether the condition held at the last look is a part of the alert (`beyond`), so that a restart or
a gap neither repeats a crossing nor forgets one that lasts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Alert, AlertRequest, AlertState

BACK: Final = Decimal("0.005")
"""How far, as a share of the level, the market goes back before a level can be crossed again."""
RISE: Final = Decimal("1.0001")
"""By how much the highest value of a drawdown rises before it is written: a crash loses less."""
PAUSE: Final = timedelta(minutes=1)
"""Between two times that the same alert is told."""
_LEVELS: Final = frozenset({"price", "portfolio"})
_WATCHED: Final = frozenset({"armed", "fired"})


@dataclass(frozen=True, slots=True)
class Step:
    """What a look at the market makes of an alert, and whether it is told now."""

    state: AlertState
    beyond: bool
    fires: bool = False

    def changes(self, alert: Alert) -> bool:
        """Tell whether the alert stands otherwise after the look."""
        return self.fires or (self.state, self.beyond) != (alert.state, alert.beyond)


def look(alert: Alert, value: Decimal) -> Step:
    """Return what becomes of an alert at a value.

    `value`: of price and portfolio what they are (quote currency); of percent the move within the
    window in percent, falling ones negative; of drawdown the percent below the highest value.
    """
    if alert.state not in _WATCHED:
        return Step(alert.state, alert.beyond)
    if alert.beyond:
        return Step("armed", beyond=False) if is_back(alert, value) else Step(alert.state, True)
    if not holds(alert, value):
        return Step(alert.state, beyond=False)
    return Step("fired" if alert.repeat else "done", beyond=True, fires=True)


def rests(alert: Alert, now: datetime) -> bool:
    """Tell whether it was told a moment ago: it stays as it is, and what holds later counts."""
    return alert.fired is not None and now < alert.fired.at + PAUSE


def holds(alert: AlertRequest, value: Decimal) -> bool:
    """Tell whether the condition of an alert holds at a value."""
    if alert.kind in _LEVELS:
        level = _given(alert.level)
        return value >= level if alert.way == "above" else value <= level
    return _extent(alert, value) >= _given(alert.percent)


def is_back(alert: AlertRequest, value: Decimal) -> bool:
    """Tell whether the value is clearly on the near side again.

    That is half a percent of the level away from it, or half of the percentage.
    """
    if alert.kind in _LEVELS:
        level = _given(alert.level)
        return value <= level * (1 - BACK) if alert.way == "above" else value >= level * (1 + BACK)
    return _extent(alert, value) <= _given(alert.percent) / 2


def sided(request: AlertRequest, value: Decimal) -> AlertRequest:
    """Return the request with its way: a level is to be crossed from where the value is now."""
    if request.kind not in _LEVELS or request.way != "either":
        return request
    way = "above" if value < _given(request.level) else "below"
    return request.model_copy(update={"way": way})


def _extent(alert: AlertRequest, value: Decimal) -> Decimal:
    if alert.kind == "drawdown" or alert.way == "above":
        return value
    return -value if alert.way == "below" else abs(value)


def _given(value: Decimal | None) -> Decimal:
    if value is None:
        raise ValueError("Expected an alert with its level or percentage")
    return value
