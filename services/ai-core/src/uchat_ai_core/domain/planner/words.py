"""How the planner writes: places, times, lists and figures as a person would say them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from uchat_ai_core.domain.turn import Said

_PLACES: Final = {
    "telegram": "on Telegram",
    "web_chat": "in the web chat",
    "web_ui": "in the web app",
    "widget": "in the chat widget",
    "mobile": "in the mobile app",
    "api": "over the API",
}
_QUOTED: Final = 160
_SMALL: Final = Decimal(1)


def place(interface: str) -> str:
    """Return where something was said, as `on Telegram`."""
    return _PLACES.get(interface, f"on {interface.replace('_', ' ')}")


def moment(at: datetime) -> str:
    """Return a UTC time to the minute, as `22 Nov 2026, 14:05 UTC`."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def where_and_when(said: Said) -> str:
    """Return where and when a message was said."""
    return f"{place(said.interface)}, {moment(said.at)}"


def quoted(text: str) -> str:
    """Return a message in quotation marks, shortened if it is long."""
    line = " ".join(text.split())
    return f"“{line if len(line) <= _QUOTED else line[: _QUOTED - 1].rstrip() + '…'}”"


def listed(items: Sequence[str], last: str = "and") -> str:
    """Return items as `a, b and c`."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def figure(value: str) -> str:
    """Return a decimal with thousands separators, digits unchanged."""
    whole, dot, rest = value.partition(".")
    return f"{int(whole):,}{dot}{rest}" if whole.lstrip("-").isdigit() else value


def signed_pct(value: str) -> str:
    """Return a percentage with its sign, as `+1.20 %`."""
    return f"{value if value.startswith('-') else '+' + value} %"
