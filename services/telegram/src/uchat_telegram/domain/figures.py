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
    """Return an amount of money: two decimals, or as many as show two digits of a small one."""
    decimals = 2
    if value and abs(value) < 1:
        # `adjusted` is the place of the first digit that is not zero: -3 in 0.00195.
        decimals = max(2, 1 - value.adjusted())
    return f"{value:,.{decimals}f} {currency}"


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
