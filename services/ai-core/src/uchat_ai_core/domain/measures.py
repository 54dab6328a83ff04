"""What the measuring tools return: strings, rounded as they are to be read."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from uchat_ai_core.domain.quant.indicators import Indicators
from uchat_ai_core.domain.quant.risk import Risk
from uchat_ai_core.domain.quant.screen import Setup
from uchat_contracts.trading import Portfolio

Data = dict[str, Any]
_DIGITS: Final = 6


def price(value: float) -> str:
    """Return a price to the cent from 100 on, else with six significant digits."""
    return f"{value:.2f}" if abs(value) >= 100 else _trim(f"{Decimal(repr(value)):.{_DIGITS}g}")  # noqa: PLR2004 - as prices are read


def pct(value: float) -> str:
    """Return a percentage or a ratio to two places."""
    return f"{value:.2f}"


def indicator_data(symbol: str, seen: Indicators) -> Data:
    """Return an asset's indicators; prices in quote currency, the rest in percent or as named."""
    data = {
        "symbol": symbol,
        "trend": seen.trend,
        "rsi_14": f"{seen.rsi:.1f}",
        "ema_20": price(seen.ema_20),
        "macd": price(seen.macd),
        "macd_signal": price(seen.macd_signal),
        "macd_above_signal": seen.macd > seen.macd_signal,
        "band_upper": price(seen.upper),
        "band_lower": price(seen.lower),
        "volatility_pct": f"{seen.volatility_pct:.1f}",
        "change_7d_pct": pct(seen.change_7d_pct),
        "change_30d_pct": pct(seen.change_30d_pct),
        "below_high_pct": f"{seen.drawdown_pct:.1f}",
    }
    return data | ({"ema_50": price(seen.ema_50)} if seen.ema_50 is not None else {})


def risk_data(found: Risk, worth: Decimal) -> Data:
    """Return a portfolio's risk; losses also in quote currency, of what it is worth."""
    losses = {
        "var_95": found.var_95_pct, "var_99": found.var_99_pct, "cvar_95": found.cvar_95_pct,
        "month_var_95": found.month_var_95_pct, "max_drawdown": found.max_drawdown_pct,
        "worst_day": found.worst_day_pct,
    }  # fmt: skip
    data: Data = {
        "days": found.days,
        "tail_pct": "5",
        "levels_pct": ["95", "99"],
        "volatility_pct": f"{found.volatility_pct:.1f}",
        "contributions_pct": {
            symbol: f"{part:.1f}" for symbol, part in found.contributions_pct.items()
        },
    }
    for name, value in losses.items():
        data[f"{name}_pct"] = pct(value)
        data[name] = f"{worth * Decimal(repr(value)) / 100:.2f}"
    ratios = {"sharpe": found.sharpe, "sortino": found.sortino, "beta": found.beta}
    return data | {name: pct(value) for name, value in ratios.items() if value is not None}


def setup_data(found: Sequence[Setup]) -> list[Data]:
    """Return setups with the distance of stop and target from the entry in percent."""
    return [
        {
            "symbol": each.symbol,
            "style": each.style,
            "entry": price(each.entry),
            "stop": price(each.stop),
            "stop_pct": pct((each.stop / each.entry - 1) * 100),
            "target": price(each.target),
            "target_pct": pct((each.target / each.entry - 1) * 100),
            "horizon_days": each.horizon_days,
            "strength": each.strength,
            "strength_of": 100,
            "reason": each.reason,
            "spread_bps": f"{each.spread_bps:.1f}",
        }
        for each in found
    ]


def weight_data(target: Mapping[str, float], portfolio: Portfolio, cash: float) -> Data:
    """Return wanted weights beside those of today, in percent of everything."""
    shares = {each.symbol: each.share for each in portfolio.holdings}
    names = sorted(
        {*target, *(name for name, share in shares.items() if share)},
        key=lambda name: -target.get(name, 0.0),
    )
    lines = [
        {
            "symbol": name,
            "target_pct": f"{target.get(name, 0.0) * 100:.1f}",
            "now_pct": f"{float(shares.get(name) or 0) * 100:.1f}",
            "off_pct": f"{(float(shares.get(name) or 0) - target.get(name, 0.0)) * 100:+.1f}",
        }
        for name in names
    ]
    return {"weights": lines, "cash_pct": f"{cash * 100:.1f}"}


def shocked(portfolio: Portfolio, change_pct: Decimal, symbol: str) -> Data:
    """Return what a portfolio is worth after one asset, or all of them, changed by a percentage."""
    hit = [each for each in portfolio.holdings if symbol in ("", each.symbol) and each.value]
    moved = sum((each.value or Decimal(0) for each in hit), Decimal(0))
    change = moved * change_pct / 100
    total = portfolio.total or portfolio.cash
    return {
        "symbol": symbol,
        "held": bool(hit),
        "change_pct": _trim(f"{change_pct:f}"),
        "touched": f"{moved:.2f}",
        "change": f"{change:.2f}",
        "total_before": f"{total:.2f}",
        "total_after": f"{total + change:.2f}",
        "total_change_pct": pct(float(change / total * 100)) if total else "0",
    }


def _trim(value: str) -> str:
    plain = format(Decimal(value), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
