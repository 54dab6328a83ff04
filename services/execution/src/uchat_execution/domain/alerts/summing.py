"""The digest of a day in words."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from uchat_contracts.trading import Mover
from uchat_execution.domain.alerts.wording import money

_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Day:
    """What a day comes to; money in `currency`. No `total`: a price is missing."""

    currency: str
    total: Decimal | None
    change: Decimal | None
    change_pct: Decimal | None
    since: datetime
    movers: tuple[Mover, ...]
    open_orders: int
    pending: int
    source: str
    simulated: bool
    as_of: datetime


def in_words(day: Day, zone: ZoneInfo) -> str:
    """Return the sentences of a digest; times are in the person's zone."""
    kind = "Simulated" if day.simulated else "Market data"
    at = day.as_of.astimezone(zone)
    return " ".join(
        [
            *_value(day, zone),
            *_moved(day.movers),
            _waiting(day),
            f"{kind}, source: {day.source}, {at:%d %b %H:%M:%S %Z}.",
        ]
    )


def _value(day: Day, zone: ZoneInfo) -> list[str]:
    if day.total is None:
        return ["What your portfolio is worth is not known now: a price is missing."]
    said = f"Your portfolio is worth {money(day.total.quantize(_CENT), day.currency)}"
    if day.change is None:
        return [f"{said}."]
    sign = "+" if day.change >= 0 else "-"
    size = money(abs(day.change).quantize(_CENT), day.currency)
    share = "" if day.change_pct is None else f" ({day.change_pct:+} %)"
    since = day.since.astimezone(zone)
    return [f"{said}, {sign}{size}{share} since {since:%d %b %H:%M}."]


def _moved(movers: tuple[Mover, ...]) -> list[str]:
    if not movers:
        return []
    told = ", ".join(
        f"{each.symbol} {each.change_24h_pct:+} %{' (yours)' if each.held else ''}"
        for each in movers
    )
    return [f"Moved most in 24 hours: {told}."]


def _waiting(day: Day) -> str:
    orders = _count(day.open_orders, "open order")
    cards = _count(day.pending, "proposal")
    waits = "waits" if day.pending == 1 else "wait"
    return f"Now {orders}, and {cards} {waits} for your approval."


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
