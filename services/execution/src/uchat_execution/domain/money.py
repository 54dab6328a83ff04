"""Exact sums: as many digits as the database keeps, and how people read them."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import Final

ZERO: Final = Decimal(0)
BPS: Final = Decimal(10_000)
_UNIT: Final = Decimal(1).scaleb(-18)
_SHARE: Final = Decimal("0.000001")
_WIDE: Final = Context(prec=60)


def exact(value: Decimal) -> Decimal:
    """Return the value with at most 18 decimals (NUMERIC(38,18)), half to even."""
    # Adding nothing takes the exponent of 1E+3 away again.
    return _WIDE.add(value.quantize(_UNIT, ROUND_HALF_EVEN, _WIDE).normalize(_WIDE), ZERO)


def ratio(part: Decimal, whole: Decimal) -> Decimal:
    """Return part / whole with at most 18 decimals; zero if the whole is not positive."""
    return exact(_WIDE.divide(part, whole)) if whole > 0 else ZERO


def share(part: Decimal, whole: Decimal) -> Decimal:
    """Return part / whole to six decimals: whoever shows tenths of a percent rounds only once."""
    return ratio(part, whole).quantize(_SHARE)


def on_step(value: Decimal, step: Decimal) -> Decimal:
    """Return the value rounded down to a whole number of steps (a zero step: as it is)."""
    if step <= 0:
        return value
    return exact((value / step).to_integral_value(ROUND_DOWN) * step)


def cents(value: Decimal) -> Decimal:
    """Return money to two decimals, towards zero."""
    return value.quantize(Decimal("0.01"), ROUND_DOWN, _WIDE)


def money(value: Decimal, currency: str) -> str:
    """Return money as a person reads it: `1,234.56 USDT`."""
    return f"{value:,.2f} {currency}"


def quantity(value: Decimal) -> str:
    """Return a quantity as a person reads it, without needless zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(part: Decimal) -> str:
    """Return a share of 0 to 1 as a person reads it: `37.5 %`."""
    return f"{quantity((part * 100).quantize(Decimal('0.1')))} %"
