"""Limits of several scopes: a narrower one never makes looser what a wider one keeps tight."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, TypeVar

from uchat_contracts.trading import RiskLimits

NOTHING: Final = "0"
"""A symbol that nothing has: on a list alone it allows none (an empty list allows all)."""
_LOWER: Final = (
    *("per_order", "per_asset_share", "daily_loss_share", "price_collar_bps"),
    *("orders_per_minute", "drawdown_share", "gross_share", "limit_away_bps"),
    *("reference_age_s", "rejection_streak", "four_eyes_above"),
)
"""The lower the tighter; absent: no limit. Of `cooldown_s` the higher is the tighter."""
_SHARES: Final = ("per_asset_share", "daily_loss_share", "drawdown_share", "gross_share")
_POSITIVE: Final = (
    *("per_order", "price_collar_bps", "orders_per_minute", "limit_away_bps"),
    *("reference_age_s", "rejection_streak"),
)
_NOT_NEGATIVE: Final = ("cooldown_s", "four_eyes_above")
_LONGEST_S: Final = 86_400
_MOST_BPS: Final = 10_000
_T = TypeVar("_T", int, Decimal)


def effective(widest: RiskLimits, narrower: Iterable[RiskLimits]) -> RiskLimits:
    """Return what counts: each limit at its tightest."""
    made = widest
    for limits in narrower:
        update: dict[str, object] = {
            name: _least(getattr(made, name), getattr(limits, name)) for name in _LOWER
        }
        update["cooldown_s"] = max(made.cooldown_s, limits.cooldown_s)
        update["symbols"] = _both(made.symbols, limits.symbols)
        made = made.model_copy(update=update)
    return made


def loosened(now: RiskLimits, wanted: RiskLimits) -> list[str]:
    """Return the names of the limits that would be looser than now."""
    tightened = effective(now, [wanted])
    names = [*_LOWER, "cooldown_s"]
    looser = [name for name in names if getattr(tightened, name) != getattr(wanted, name)]
    if sorted(tightened.symbols) != sorted(wanted.symbols):
        looser.append("symbols")
    return looser


def faults(limits: RiskLimits, quote_currency: str) -> list[str]:
    """Return what makes limits no limits: a sentence for each."""
    found = [
        f"{name} must be above 0 and at most 1"
        for name in _SHARES
        if (share := getattr(limits, name)) is not None and not 0 < share <= 1
    ]
    found += [f"{name} must be above 0" for name in _POSITIVE if getattr(limits, name) <= 0]
    found += [
        f"{name} must not be below 0"
        for name in _NOT_NEGATIVE
        if (value := getattr(limits, name)) is not None and value < 0
    ]
    if limits.cooldown_s > _LONGEST_S:
        found.append("cooldown_s must be at most a day")
    if max(limits.price_collar_bps, limits.limit_away_bps) > _MOST_BPS:
        found.append("basis points must be at most 10,000")
    if limits.quote_currency != quote_currency:
        found.append(f"quote_currency must be {quote_currency}")
    return found


def _least(one: _T | None, other: _T | None) -> _T | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)


def _both(one: list[str], other: list[str]) -> list[str]:
    if not one or not other:
        return list(one or other)
    return [symbol for symbol in one if symbol in other] or [NOTHING]
