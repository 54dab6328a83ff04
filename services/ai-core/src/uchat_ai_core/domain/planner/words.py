"""How the planner writes: places, times, lists and figures as a person would say them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
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
_CENTS: Final = Decimal("0.01")
_TENTHS: Final = Decimal("0.1")
_HUNDRED: Final = Decimal(100)
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


def named_money(value: Decimal, unit: str) -> str:
    """Return an amount of money as people write it: `$5,000`, `250.50 USDT`."""
    whole = value == value.to_integral_value()
    number = f"{value.to_integral_value() if whole else value.quantize(_CENTS):,f}"
    return f"${number}" if unit == "USD" else f"{number} {unit}"


def money(value: str) -> str:
    """Return an amount of money to the cent, as `1,234.50`."""
    return f"{Decimal(value).quantize(_CENTS):,f}"


def fee(value: str, asset: str, quote: str) -> str:
    """Return a fee: money to the cent, unless it is less than one or taken in another asset."""
    is_money = asset == quote and abs(Decimal(value)) >= _CENTS
    return f"{money(value) if is_money else figure(value)} {asset}"


def gain(value: str) -> str:
    """Return a profit or loss to the cent with its sign, as `+12.30`; nothing has none."""
    return _signed(Decimal(value).quantize(_CENTS))


def price(value: str) -> str:
    """Return a price: to the cent from 100 on, else with the digits that it has."""
    number = Decimal(value)
    return money(value) if number >= _HUNDRED else f"{number:,f}"


def pct(value: str) -> str:
    """Return a percentage to one decimal, as `45.0 %`."""
    return f"{Decimal(value).quantize(_TENTHS):,f} %"


def gain_pct(value: str) -> str:
    """Return a change in percent to two decimals with its sign, as `+1.20 %`; none has none."""
    return f"{_signed(Decimal(value).quantize(_CENTS))} %"


def _signed(value: Decimal) -> str:
    return f"{value:+,f}" if value else f"{abs(value):,f}"


def clock(as_of: str) -> str:
    """Return a UTC time of JSON as people read it, to the minute."""
    return moment(datetime.fromisoformat(as_of).astimezone(UTC))


def without_date(text: str, today: datetime) -> str:
    """Return a text whose times of `today` are told by the hour alone, as `14:05 UTC`."""
    date = re.escape(moment(today).partition(",")[0])
    return re.sub(rf"(?<!\d){date}, (?=\d\d:\d\d UTC)", "", text)
