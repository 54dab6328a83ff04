"""Figures and times as people read them. Nothing is computed here, only written."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

_VIA: Final = {
    "web_ui": "on the dashboard",
    "web_chat": "on the web",
    "widget": "in the widget",
    "telegram": "on Telegram",
    "mobile": "on your phone",
    "api": "by the API",
}


def quantity(value: Decimal) -> str:
    """Return an amount of an asset, without trailing zeros."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal, currency: str) -> str:
    """Return an amount of money: two decimals, more below one, so that nothing looks free."""
    if value and abs(value) < 1:
        return f"{quantity(value.quantize(Decimal('0.000001')).normalize())} {currency}"
    return f"{value:,.2f} {currency}"


def clock(at: datetime) -> str:
    """Return a time of day in UTC."""
    return f"{at.astimezone(UTC):%H:%M} UTC"


def exact_clock(at: datetime) -> str:
    """Return a time of day in UTC, with seconds."""
    return f"{at.astimezone(UTC):%H:%M:%S} UTC"


def day(at: datetime) -> str:
    """Return a date."""
    return f"{at.astimezone(UTC):%d %B %Y}".lstrip("0")


def via(interface: str) -> str:
    """Return where somebody did something."""
    return _VIA.get(interface, f"by {interface.replace('_', ' ')}")
