"""Alerts in words: what one waits for, and what is told of it, with source and time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import AlertRequest, account_label
from uchat_execution.domain.money import quantity

_HOUR: Final = 3600
_PERCENT: Final = Decimal("0.01")
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """A figure that an alert looks at, where it is from and of when; `price` beside a move."""

    value: Decimal
    unit: str
    source: str
    simulated: bool
    as_of: datetime
    price: Decimal | None = None


def waits_for(alert: AlertRequest, currency: str) -> str:
    """Return what an alert waits for, as `BTC falls to 90,000 USDT or below`."""
    again = ", each time" if alert.repeat else ""
    return f"{_condition(alert, currency)}{again}"


def told(alert: AlertRequest, seen: Seen, currency: str) -> str:
    """Return the sentences that tell an alert: the figure, and where it is from."""
    return f"{_figure(alert, seen, currency)} {origin(seen)}"


def missed(texts: Sequence[str], *, most: int) -> str:
    """Return what is told at the end of a silence of all that happened in it; `most` are kept."""
    if len(texts) == 1:
        return f"While this was silent: {texts[0]}"
    count = f"{most} or more" if len(texts) >= most else str(len(texts))
    more = len(texts) - _NAMED
    rest = f" And {more} more." if more > 0 else ""
    return f"While this was silent, {count} orders were filled. {' '.join(texts[:_NAMED])}{rest}"


def origin(seen: Seen) -> str:
    """Return where a figure is from, and of when."""
    kind = "Simulated" if seen.simulated else "Market data"
    return f"{kind}, source: {seen.source}, {_at(seen)}."


def done_on(seen: Seen) -> str:
    """Return on which account something was done, and when: `source` is the account's venue."""
    if seen.simulated:
        return origin(seen)
    label = account_label(seen.source, simulated=seen.simulated)
    return f"{label}, {_at(seen)}."


def _at(seen: Seen) -> str:
    return f"{seen.as_of.astimezone(UTC):%d %b %H:%M:%S} UTC"


def money(value: Decimal, currency: str) -> str:
    """Return a price or a worth, with as many decimals as it has."""
    return f"{_grouped(value)} {currency}"


def percent(value: Decimal) -> str:
    """Return a percentage to two decimals."""
    return f"{quantity(value.quantize(_PERCENT))} %"


def span(seconds: int) -> str:
    """Return a length of time, as `1 hour`."""
    if seconds % _HOUR == 0:
        hours = seconds // _HOUR
        return "1 hour" if hours == 1 else f"{hours} hours"
    minutes = max(1, round(seconds / 60))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _condition(alert: AlertRequest, currency: str) -> str:
    level = "" if alert.level is None else money(alert.level, currency)
    size = "" if alert.percent is None else percent(alert.percent)
    rises = alert.way == "above"
    if alert.kind == "price":
        return f"{alert.symbol} {'rises' if rises else 'falls'} to {level} or {alert.way}"
    if alert.kind == "portfolio":
        return f"Your portfolio {'rises' if rises else 'falls'} to {level} or {alert.way}"
    if alert.kind == "percent":
        verb = {"above": "rises", "below": "falls", "either": "moves"}[alert.way]
        return f"{alert.symbol} {verb} {size} within {span(alert.window_s or 0)}"
    if alert.kind == "drawdown":
        return f"Your portfolio falls {size} from its highest value since now"
    return f"An order of yours{f' in {alert.symbol}' if alert.symbol else ''} is filled"


def _figure(alert: AlertRequest, seen: Seen, currency: str) -> str:
    if alert.kind == "price":
        side = "at or above" if alert.way == "above" else "at or below"
        level = money(alert.level or Decimal(0), currency)
        return f"{alert.symbol} is at {money(seen.value, currency)}, {side} {level}."
    if alert.kind == "portfolio":
        side = "at or above" if alert.way == "above" else "at or below"
        level = money(alert.level or Decimal(0), currency)
        return f"Your portfolio is worth {money(_cents(seen.value), currency)}, {side} {level}."
    if alert.kind == "percent":
        verb = "risen" if seen.value > 0 else "fallen"
        now = "" if seen.price is None else f", to {money(seen.price, currency)}"
        size = percent(abs(seen.value))
        return f"{alert.symbol} has {verb} {size} within {span(alert.window_s or 0)}{now}."
    worth = "" if seen.price is None else f": {money(_cents(seen.price), currency)} now"
    return (
        f"Your portfolio is {percent(seen.value)} below its highest value since the alert{worth}."
    )


def _grouped(value: Decimal) -> str:
    return f"{value:,f}"


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_PERCENT)
