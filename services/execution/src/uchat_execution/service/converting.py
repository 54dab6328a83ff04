"""Figures in another currency, all by one rate."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

from uchat_contracts.model import Model
from uchat_contracts.trading import (
    AssetResult,
    Conversion,
    Equity,
    EquityPoint,
    PeriodResult,
    Pnl,
    Worth,
)
from uchat_execution.domain.money import exact

_MONEY: Final[Mapping[type[Model], frozenset[str]]] = {
    Pnl: frozenset(
        {"realised", "unrealised", "fees", "total_now", "total_then"}
        | {"slippage", "slippage_approved"}
    ),
    AssetResult: frozenset(
        {"bought", "sold", "fees", "realised", "unrealised", "slippage", "slippage_approved"}
    ),
    PeriodResult: frozenset(
        {"fees", "realised", "slippage", "deposited", "total_start", "total_end", "change"}
    ),
    Worth: frozenset({"total"}),
    Equity: frozenset({"change"}),
    EquityPoint: frozenset({"total", "deposited"}),
}
"""Which fields are money; quantities, shares and rates are not converted."""
_ModelT = TypeVar("_ModelT", bound=Model)


def converted(figures: _ModelT, conversion: Conversion) -> _ModelT:
    """Return the figures, and those inside of them, in the other currency."""
    return _times(figures, conversion.rate)


def _times(figures: _ModelT, rate: Decimal) -> _ModelT:
    changes: dict[str, Any] = {}
    money = _MONEY[type(figures)]
    for name, value in figures:
        if name in money and value is not None:
            changes[name] = exact(value * rate)
        elif isinstance(value, list):
            each = cast("list[Model]", value)
            changes[name] = [_times(one, rate) for one in each]
    return figures.model_copy(update=changes)
