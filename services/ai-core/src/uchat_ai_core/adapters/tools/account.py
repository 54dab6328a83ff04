"""Tools that read the person's account. They change nothing."""

import asyncio
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic_ai import RunContext
from pydantic_ai.exceptions import ModelRetry

from uchat_ai_core.adapters.tools.answer import Told, actor_of, answer, now
from uchat_ai_core.adapters.tools.places import venue_of
from uchat_ai_core.adapters.tools.since import with_changes
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.data import (
    account_of,
    allocation_data,
    card_data,
    closed_data,
    mandate_data,
    over_data,
    plain,
    pnl_data,
    portfolio_data,
    position_data,
)

Period = Literal["day", "week", "month", "all"]
Profile = Literal["cautious", "balanced", "bold"]


async def get_portfolio(ctx: RunContext[TurnDeps], venue: str = "") -> dict[str, Any]:
    """Return all that the person owns: cash, each asset with value, cost and profit, the total.

    `since_answer`, if it is there, is what changed since an earlier answer told of it, and why: say
    so.

    Args:
        ctx: The run.
        venue: An exchange, as binance, or live, if the person named it; empty: the paper account.
    """
    return await answer(ctx.deps, "get_portfolio", _portfolio(ctx.deps, venue))


async def get_position(ctx: RunContext[TurnDeps], symbol: str, venue: str = "") -> dict[str, Any]:
    """Return what the person holds of one asset, with value, average cost, profit, open orders.

    `since_answer`, if it is there, is what changed since an earlier answer told of it, and why: say
    so.

    Args:
        ctx: The run.
        symbol: A base asset, as BTC.
        venue: An exchange, as binance, or live, if the person named it; empty: the paper account.
    """
    return await answer(ctx.deps, "get_position", _position(ctx.deps, symbol.upper(), venue))


async def list_orders(
    ctx: RunContext[TurnDeps], open_only: bool = True, symbol: str = "", venue: str = ""
) -> dict[str, Any]:
    """Return the person's latest orders.

    Args:
        ctx: The run.
        open_only: Only those that may still be filled.
        symbol: A base asset; empty: all.
        venue: An exchange, as binance, or live, if the person named it; empty: the paper account.
    """
    work = _orders(ctx.deps, open_only, symbol.upper(), venue)
    return await answer(ctx.deps, "list_orders", work)


async def list_trades(
    ctx: RunContext[TurnDeps], symbol: str = "", venue: str = ""
) -> dict[str, Any]:
    """Return the person's latest trades, that is fills, with price, fee and realised profit.

    `closed` says how many of their sales won.

    Args:
        ctx: The run.
        symbol: A base asset; empty: all.
        venue: An exchange, as binance, or live, if the person named it; empty: the paper account.
    """
    return await answer(ctx.deps, "list_trades", _trades(ctx.deps, symbol.upper(), venue))


async def get_pnl(
    ctx: RunContext[TurnDeps], period: Period = "all", venue: str = ""
) -> dict[str, Any]:
    """Return profit and loss over a period, net of fees.

    Args:
        ctx: The run.
        period: day, week, month or all.
        venue: An exchange, as binance, or live, if the person named it; empty: the paper account.
    """
    return await answer(ctx.deps, "get_pnl", _pnl(ctx.deps, period, venue))


async def plan_allocation(
    ctx: RunContext[TurnDeps], amount: str, profile: Profile = "balanced"
) -> dict[str, Any]:
    """Return how an amount of US dollars or USDT could be spread over assets. Orders nothing.

    Args:
        ctx: The run.
        amount: A decimal number, as "5000".
        profile: How much risk: cautious, balanced or bold.
    """
    value = decimal_of(amount)
    return await answer(ctx.deps, "plan_allocation", _allocation(ctx.deps, value, profile))


async def list_decisions(
    ctx: RunContext[TurnDeps], which: Literal["open", "over"] = "open"
) -> dict[str, Any]:
    """Return decisions: what waits for the person's approval, or what could be quoted again.

    Only the buttons of a card approve, quote again or finish it; no text does.

    Args:
        ctx: The run.
        which: open, or over: expired, denied or failed ones, and those that were done in part.
    """
    return await answer(ctx.deps, "list_decisions", _decisions(ctx.deps, which))


async def list_mandates(ctx: RunContext[TurnDeps]) -> dict[str, Any]:
    """Return the active mandates: limits inside which decisions approve themselves.

    Args:
        ctx: The run.
    """
    return await answer(ctx.deps, "list_mandates", _mandates(ctx.deps))


async def get_limits(ctx: RunContext[TurnDeps]) -> dict[str, Any]:
    """Return the risk limits that every plan must keep to, and whether trading is stopped.

    Args:
        ctx: The run.
    """
    return await answer(ctx.deps, "get_limits", _limits(ctx.deps))


def decimal_of(value: str) -> Decimal:
    """Return the number that a model wrote, above zero.

    Raises:
        ModelRetry: it is none.
    """
    try:
        number = Decimal(value)
    except InvalidOperation as e:
        raise ModelRetry(f"expected a decimal number, found {value!r}") from e
    if not number.is_finite() or number <= 0:
        raise ModelRetry(f"expected a number above zero, found {value!r}")
    return number


async def _portfolio(deps: TurnDeps, account: str) -> Told:
    venue = await venue_of(deps, account)
    portfolio = await deps.trading.portfolio(actor_of(deps), venue)
    data = portfolio_data(portfolio)
    if not venue:
        # What answers told before is compared for the account on paper alone.
        data = await with_changes(deps, data, simulated=portfolio.simulated)
    return Told(data, portfolio.as_of, portfolio.simulated)


async def _position(deps: TurnDeps, symbol: str, account: str) -> Told:
    actor, venue = actor_of(deps), await venue_of(deps, account)
    portfolio, orders = await asyncio.gather(
        deps.trading.portfolio(actor, venue),
        deps.trading.orders(actor, open_only=True, symbol=symbol, venue=venue),
    )
    data = position_data(portfolio, symbol)
    if not venue:
        data = await with_changes(deps, data, simulated=portfolio.simulated)
    data["open_orders"] = [plain(each) for each in orders.items]
    return Told(data, portfolio.as_of, portfolio.simulated)


async def _orders(deps: TurnDeps, open_only: bool, symbol: str, account: str) -> Told:
    actor, venue = actor_of(deps), await venue_of(deps, account)
    portfolio, page = await asyncio.gather(
        deps.trading.portfolio(actor, venue),
        deps.trading.orders(actor, open_only=open_only, symbol=symbol, venue=venue),
    )
    data = {
        "orders": [plain(each) for each in page.items],
        "more": page.more,
        "symbol": symbol,
        **account_of(portfolio),
    }
    return Told(data, now(), portfolio.simulated)


async def _trades(deps: TurnDeps, symbol: str, account: str) -> Told:
    actor, venue = actor_of(deps), await venue_of(deps, account)
    portfolio, page = await asyncio.gather(
        deps.trading.portfolio(actor, venue), deps.trading.trades(actor, symbol, venue)
    )
    data = {
        "trades": [plain(each) for each in page.items],
        "more": page.more,
        "symbol": symbol,
        **closed_data(page.items),
        **account_of(portfolio),
    }
    return Told(data, now(), portfolio.simulated)


async def _pnl(deps: TurnDeps, period: str, account: str) -> Told:
    actor, venue = actor_of(deps), await venue_of(deps, account)
    portfolio, pnl = await asyncio.gather(
        deps.trading.portfolio(actor, venue), deps.trading.pnl(actor, period, venue)
    )
    data = pnl_data(pnl, period) | {"as_of": plain(portfolio)["as_of"], **account_of(portfolio)}
    return Told(data, portfolio.as_of, portfolio.simulated)


async def _allocation(deps: TurnDeps, amount: Decimal, profile: str) -> Told:
    allocation = await deps.trading.allocation(actor_of(deps), amount, profile)
    return Told(allocation_data(allocation), allocation.as_of, allocation.simulated)


async def _decisions(deps: TurnDeps, which: str) -> Told:
    is_open = which == "open"
    page = await deps.trading.decisions(actor_of(deps), "open" if is_open else "")
    cards = list(page.items)
    shown = [card_data(each) for each in cards] if is_open else over_data(cards)
    data = {"decisions": shown, "more": page.more}
    return Told(data, now(), any(each.plan is not None and each.plan.simulated for each in cards))


async def _mandates(deps: TurnDeps) -> Told:
    mandates = await deps.trading.mandates(actor_of(deps))
    return Told({"mandates": [mandate_data(each) for each in mandates]}, now(), simulated=False)


async def _limits(deps: TurnDeps) -> Told:
    actor = actor_of(deps)
    limits, switch = await asyncio.gather(
        deps.trading.limits(actor), deps.trading.kill_switch(actor)
    )
    data = plain(limits) | {
        "per_asset_share_pct": _pct(limits.per_asset_share),
        "daily_loss_share_pct": _pct(limits.daily_loss_share),
        "price_collar_pct": _pct(Decimal(limits.price_collar_bps) / 10_000),
        "kill_switch_on": switch.on,
    }
    return Told(data, now(), simulated=False)


def _pct(share: Decimal) -> str:
    return format((share * 100).normalize(), "f")
