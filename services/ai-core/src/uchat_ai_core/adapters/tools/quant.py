"""Tools that measure: an asset's indicators, a portfolio's risk, weights, setups. All only read."""

import asyncio
from decimal import Decimal, InvalidOperation
from importlib import import_module
from typing import Any, Final

from pydantic_ai import RunContext
from pydantic_ai.exceptions import ModelRetry

from uchat_ai_core.adapters.tools.account import Profile, decimal_of
from uchat_ai_core.adapters.tools.answer import Told, actor_of, answer, now
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.measures import (
    indicator_data,
    risk_data,
    setup_data,
    shocked,
    weight_data,
)
from uchat_ai_core.domain.quant import weights as quant
from uchat_ai_core.domain.quant.indicators import LEAST, indicators
from uchat_ai_core.domain.quant.risk import risk
from uchat_ai_core.domain.quant.screen import Listed, Style, screen
from uchat_contracts.profiles import PROFILES
from uchat_platform.errors import InvalidInputError, UnavailableError

DAYS: Final = 60
_MARKET: Final = "BTC"
_MOST_SHOWN: Final = 5
_ALL_LOST: Final = -100
_MOST_CHANGE: Final = 1000
_TOO_YOUNG: Final = "there are too few daily closes to measure this"


async def analyse_asset(ctx: RunContext[TurnDeps], symbol: str) -> dict[str, Any]:
    """Return an asset's quote and indicators: trend, RSI, averages, MACD, Bollinger, volatility.

    Args:
        ctx: The run.
        symbol: A base asset, as BTC.
    """
    return await answer(ctx.deps, "analyse_asset", _analyse(ctx.deps, symbol.upper()))


async def assess_risk(ctx: RunContext[TurnDeps]) -> dict[str, Any]:
    """Return the portfolio's risk: volatility, Sharpe, Sortino, VaR, CVaR, beta, drawdown.

    Args:
        ctx: The run.
    """
    return await answer(ctx.deps, "assess_risk", _risk(ctx.deps))


async def what_if(
    ctx: RunContext[TurnDeps], change_pct: str = "", symbol: str = "", price: str = ""
) -> dict[str, Any]:
    """Return what the portfolio would be worth if one asset, or all, changed.

    Args:
        ctx: The run.
        change_pct: By how many percent, as "-20"; or
        price: To which price, of one asset that is held.
        symbol: A base asset; empty: all that is held.
    """
    change = _change_of(change_pct) if change_pct or not price else None
    aim = decimal_of(price) if change is None else None
    return await answer(ctx.deps, "what_if", _what_if(ctx.deps, change, aim, symbol.upper()))


def _change_of(change_pct: str) -> Decimal:
    try:
        change = Decimal(change_pct)
    except InvalidOperation as e:
        raise ModelRetry(f"expected a percentage, found {change_pct!r}") from e
    if not change.is_finite() or not _ALL_LOST <= change <= _MOST_CHANGE:
        raise ModelRetry(f"expected {_ALL_LOST} to {_MOST_CHANGE} percent, found {change_pct!r}")
    return change


async def suggest_weights(
    ctx: RunContext[TurnDeps], method: quant.Method = "hrp", profile: Profile = "balanced"
) -> dict[str, Any]:
    """Return wanted weights of what is held, beside those of today. Orders nothing.

    Args:
        ctx: The run.
        method: hrp (hierarchical risk parity), risk_parity or minimum_variance.
        profile: Caps each asset and says how much stays in cash.
    """
    return await answer(ctx.deps, "suggest_weights", _weights(ctx.deps, method, profile))


async def find_opportunities(
    ctx: RunContext[TurnDeps], style: Style = "", symbol: str = ""
) -> dict[str, Any]:
    """Screen what is tradable for setups, each with entry, stop, target, horizon and reason.

    Args:
        ctx: The run.
        style: momentum, mean_reversion, volatility, liquidity (tight spreads only), or empty: all.
        symbol: Only this base asset; empty: all.
    """
    return await answer(ctx.deps, "find_opportunities", _screen(ctx.deps, style, symbol.upper()))


async def _analyse(deps: TurnDeps, symbol: str) -> Told:
    quotes, closes = await asyncio.gather(
        deps.market.quotes([symbol]), deps.market.closes([symbol], DAYS)
    )
    if not quotes["quotes"]:
        raise InvalidInputError(f"{symbol} is not listed here", code="symbol_not_listed")
    quote: dict[str, Any] = quotes["quotes"][0]
    await _imported("talipp.indicators")
    seen = indicators(closes.get(symbol, []))
    data: dict[str, Any] = {"quote": quote, "days": len(closes.get(symbol, []))}
    if seen is not None:
        data["indicators"] = indicator_data(symbol, seen)
        data["setups"] = setup_data(screen({symbol: _listed(quote, closes[symbol])}))
    return Told(data, now(), bool(quote["simulated"]))


async def _risk(deps: TurnDeps) -> Told:
    portfolio = await deps.trading.portfolio(actor_of(deps))
    held = {each.symbol: float(each.share) for each in portfolio.holdings if each.share}
    data: dict[str, Any] = {
        "symbols": sorted(held, key=lambda name: -held[name]),
        "total": f"{portfolio.total:.2f}" if portfolio.total is not None else "",
        "cash_pct": f"{max(0.0, 1 - sum(held.values())) * 100:.1f}",
        "shares_pct": {name: f"{share * 100:.1f}" for name, share in held.items()},
        "quote_currency": portfolio.quote_currency,
        "simulated": portfolio.simulated,
    }
    if held:
        closes = await deps.market.closes([*held, _MARKET], DAYS)
        _assure_history(closes, [*held, _MARKET], LEAST)
        await _imported("numpy")
        found = risk(held, closes, closes[_MARKET])
        data["market"] = {"symbol": _MARKET}
        data |= risk_data(found, portfolio.total or portfolio.cash)
    return Told(data, portfolio.as_of, portfolio.simulated)


async def _what_if(
    deps: TurnDeps, change: Decimal | None, aim: Decimal | None, symbol: str
) -> Told:
    portfolio = await deps.trading.portfolio(actor_of(deps))
    if change is None:
        held = next((each for each in portfolio.holdings if each.symbol == symbol), None)
        now_at = held.price if held is not None else None
        change = (aim / now_at - 1) * 100 if aim is not None and now_at else Decimal(0)
        change = change.quantize(Decimal("0.01"))
    data = shocked(portfolio, change, symbol) | {"quote_currency": portfolio.quote_currency}
    return Told(data, portfolio.as_of, portfolio.simulated)


async def _weights(deps: TurnDeps, method: quant.Method, profile: Profile) -> Told:
    portfolio = await deps.trading.portfolio(actor_of(deps))
    names = [each.symbol for each in portfolio.holdings if each.value]
    character = PROFILES[profile]
    if len(names) < 2:  # noqa: PLR2004 - what is alone cannot be weighed
        listed = await deps.market.instruments()
        names = [each["symbol"] for each in listed[: character.assets]]
    closes = await deps.market.closes(names, DAYS)
    _assure_history(closes, names, quant.LEAST_DAYS)
    await _imported("numpy")
    found = quant.weights(
        method,
        {name: closes[name] for name in names},
        cap=float(character.cap),
        invested=float(1 - character.cash),
    )
    data = weight_data(found, portfolio, 1 - sum(found.values())) | {
        "method": method,
        "profile": profile,
        "cap_pct": f"{character.cap * 100:.0f}",
        "least_cash_pct": f"{character.cash * 100:.0f}",
        "days": min(len(closes[name]) for name in names),
    }
    return Told(data, portfolio.as_of, portfolio.simulated)


async def _screen(deps: TurnDeps, style: Style, symbol: str) -> Told:
    quotes = (await deps.market.quotes([symbol] if symbol else []))["quotes"]
    by_symbol = {each["symbol"]: each for each in quotes}
    closes = await deps.market.closes(list(by_symbol), DAYS) if by_symbol else {}
    listed = {name: _listed(by_symbol[name], past) for name, past in closes.items()}
    await _imported("talipp.indicators")
    found = screen(listed, style)
    data = {
        "style": style,
        "symbol": symbol,
        "screened": len(listed),
        "setups": setup_data(found[:_MOST_SHOWN]),
        "quote_currency": quotes[0]["quote_currency"] if quotes else "USDT",
    }
    return Told(data, now(), any(each["simulated"] for each in quotes))


async def _imported(module: str) -> None:
    """Import what measures, which can take half a second, where it makes nobody else wait.

    Asked of a thread each time: one that is half imported would be waited for here.
    """
    await asyncio.to_thread(import_module, module)


def _listed(quote: dict[str, Any], closes: list[float]) -> Listed:
    return Listed(float(quote["bid"]), float(quote["ask"]), closes)


def _assure_history(closes: dict[str, list[float]], names: list[str], least: int) -> None:
    missing = [name for name in dict.fromkeys(names) if len(closes.get(name, [])) < least]
    if missing and len(missing) == len(set(names)):
        raise UnavailableError("There are no past prices now", code="market_data_unavailable")
    if missing:
        raise InvalidInputError(f"{_TOO_YOUNG}: {', '.join(missing)}", code="too_few_closes")
