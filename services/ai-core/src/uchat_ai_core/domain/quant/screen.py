"""Screen assets for setups: where to get in, where it was wrong, where it has worked, and why.

What these rules earn is not known: they say what is so in the prices, not what will be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from uchat_ai_core.domain.quant.indicators import Indicators, indicators

Style = Literal["", "momentum", "mean_reversion", "volatility", "liquidity"]
_OVERSOLD: Final = 38.0
_STRETCHED: Final = -1.2
_OVERBOUGHT: Final = 75.0
_CALM_BAND: Final = 0.10
_TIGHT_BPS: Final = 15.0
_STOP_DAYS: Final = 2.0  # in daily standard deviations
_REWARD: Final = 2.0


@dataclass(frozen=True, slots=True)
class Setup:
    """A purchase that the rules point to. Prices in quote currency; `strength` 0 to 100."""

    symbol: str
    style: Style
    entry: float
    stop: float
    target: float
    horizon_days: int
    strength: int
    reason: str
    spread_bps: float


@dataclass(frozen=True, slots=True)
class _How:
    style: Style
    days: int
    strength: float
    reason: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An asset's quote and daily closes, oldest first."""

    bid: float
    ask: float
    closes: Sequence[float]


def screen(assets: Mapping[str, Listed], style: Style = "") -> list[Setup]:
    """Return the setups of a style (empty: of all), strongest first, one for each asset."""
    found: list[Setup] = []
    for symbol, asset in assets.items():
        seen = indicators(asset.closes)
        if seen is not None and asset.ask > 0:
            found += _best(symbol, asset, seen, style)
    return sorted(found, key=lambda each: (-each.strength, each.symbol))


def _best(symbol: str, asset: Listed, seen: Indicators, style: Style) -> list[Setup]:
    spread = (asset.ask - asset.bid) / asset.ask * 10_000
    setups = [
        each
        for each in (
            _momentum(symbol, asset.ask, seen, spread),
            _reversion(symbol, asset.ask, seen, spread),
            _volatility(symbol, asset.ask, seen, spread),
        )
        if each is not None and style in ("", "liquidity", each.style)
    ]
    if style == "liquidity":
        setups = [each for each in setups if spread <= _TIGHT_BPS]
    return [max(setups, key=lambda each: each.strength)] if setups else []


def _momentum(symbol: str, ask: float, seen: Indicators, spread: float) -> Setup | None:
    if seen.trend != "up" or seen.macd <= seen.macd_signal or seen.rsi >= _OVERBOUGHT:
        return None
    strength = 50 + min(seen.change_30d_pct, 30.0) + min(20.0, 70 - abs(60 - seen.rsi) * 2) / 2
    reason = (
        f"it rose {seen.change_30d_pct:.1f} % in 30 days, stands above its averages, and MACD is"
        f" above its signal at an RSI of {seen.rsi:.0f}"
    )
    return _rising(symbol, seen, (ask, spread), _How("momentum", 14, strength, reason))


def _reversion(symbol: str, ask: float, seen: Indicators, spread: float) -> Setup | None:
    if seen.rsi > _OVERSOLD or seen.zscore > _STRETCHED:
        return None
    strength = 50 + (_OVERSOLD - seen.rsi) + min(20.0, (_STRETCHED - seen.zscore) * 10)
    stop = ask * (1 - _STOP_DAYS * seen.daily_pct / 100)
    target = max(seen.middle, ask * 1.01)
    reason = (
        f"RSI {seen.rsi:.0f} is low and the price is {-seen.zscore:.1f} standard deviations below"
        " its 20-day mean, which is the target"
    )
    return Setup(
        symbol, "mean_reversion", ask, stop, target, 7, _bounded(strength, spread), reason, spread
    )


def _volatility(symbol: str, ask: float, seen: Indicators, spread: float) -> Setup | None:
    width = (seen.upper - seen.lower) / seen.middle
    if width > _CALM_BAND or seen.zscore < 1:
        return None
    strength = 45 + (_CALM_BAND - width) * 200 + seen.zscore * 5
    reason = (
        f"its Bollinger bands are only {width * 100:.1f} % wide and the price presses against the"
        " upper one, as before larger moves"
    )
    return _rising(symbol, seen, (ask, spread), _How("volatility", 10, strength, reason))


def _rising(symbol: str, seen: Indicators, market: tuple[float, float], how: _How) -> Setup:
    """A purchase with a stop two days' swings below, and twice as far to the target."""
    ask, spread = market
    risked = ask * _STOP_DAYS * seen.daily_pct / 100
    return Setup(
        symbol, how.style, ask, ask - risked, ask + _REWARD * risked, how.days,
        _bounded(how.strength, spread), how.reason, spread,
    )  # fmt: skip


def _bounded(strength: float, spread: float) -> int:
    # What cannot be got out of cheaply is worth less.
    return max(1, min(99, round(strength - max(0.0, spread - _TIGHT_BPS))))
