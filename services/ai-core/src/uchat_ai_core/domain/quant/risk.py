"""How a portfolio would have moved: its assets' past days, at the weights of today."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from uchat_ai_core.domain.quant.indicators import YEAR_DAYS
from uchat_ai_core.domain.quant.series import returns_of

_MONTH_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Risk:
    """Measures in percent of the portfolio, cash included; ratios have no unit.

    Value at risk is the loss that the worst 5 % (1 %) of days exceeded, expected shortfall the mean
    of those days: both historical. The month's figure scales the day's by the square root of time.
    Ratios take the risk-free rate as zero. `beta` is to the first asset of the market given.
    """

    days: int
    volatility_pct: float
    sharpe: float | None
    sortino: float | None
    max_drawdown_pct: float
    var_95_pct: float
    var_99_pct: float
    cvar_95_pct: float
    month_var_95_pct: float
    worst_day_pct: float
    beta: float | None
    contributions_pct: Mapping[str, float]


def risk(
    weights: Mapping[str, float], closes: Mapping[str, Sequence[float]], market: Sequence[float]
) -> Risk:
    """Return the risk of weights (0 to 1; what is missing to 1 is cash) on past closes.

    `closes` has those of each weighted asset, `market` those that beta is reckoned against.
    """
    import numpy as np  # noqa: PLC0415 - see the package

    series = {symbol: closes[symbol] for symbol in weights} | {"": market}
    moves = returns_of(series)
    own, base = moves[:, :-1], moves[:, -1]
    parts = np.array(list(weights.values()))
    days = own @ parts
    deviation, mean = float(days.std(ddof=1)), float(days.mean())
    losses = np.minimum(days, 0.0)
    downside = math.sqrt(float((losses**2).mean()))
    worth = np.concatenate(([1.0], np.cumprod(1 + days)))
    peaks = np.maximum.accumulate(worth)
    var_95, var_99 = (max(0.0, -float(np.quantile(days, at))) for at in (0.05, 0.01))
    tail = days[days <= np.quantile(days, 0.05)]
    variance = float(base.var(ddof=1))
    covariances = (own * (days - mean)[:, None]).mean(axis=0) * parts
    whole = float(covariances.sum())
    year = math.sqrt(YEAR_DAYS)
    return Risk(
        days=len(days),
        volatility_pct=deviation * year * 100,
        sharpe=mean / deviation * year if deviation else None,
        sortino=mean / downside * year if downside else None,
        max_drawdown_pct=float((1 - worth / peaks).max()) * 100,
        var_95_pct=var_95 * 100,
        var_99_pct=var_99 * 100,
        cvar_95_pct=max(0.0, -float(tail.mean())) * 100,
        month_var_95_pct=var_95 * math.sqrt(_MONTH_DAYS) * 100,
        worst_day_pct=max(0.0, -float(days.min())) * 100,
        beta=float(np.cov(days, base, ddof=1)[0, 1]) / variance if variance else None,
        contributions_pct={
            symbol: float(part) / whole * 100 if whole else 0.0
            for symbol, part in zip(weights, covariances, strict=True)
        },
    )
