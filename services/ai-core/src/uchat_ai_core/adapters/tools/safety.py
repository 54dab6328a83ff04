"""Tools that can only lower a risk: cancel, stop, revoke. They need no approval."""

import asyncio
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.exceptions import ModelRetry

from uchat_ai_core.adapters.tools.answer import Told, actor_of, answer, now
from uchat_ai_core.adapters.tools.places import named, venue_of
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.data import mandate_data, plain
from uchat_ai_core.domain.planner.permits import allows, coins_cancelled
from uchat_ai_core.domain.planner.requests import Kind, cancels_only
from uchat_contracts.trading import PAPER


async def cancel_orders(
    ctx: RunContext[TurnDeps], symbol: str = "", venue: str = ""
) -> dict[str, Any]:
    """Cancel the person's open orders. Only when they asked for it in this message.

    Where they named stops, take profits or limit orders, only those are cancelled.

    Args:
        ctx: The run.
        symbol: Those of one base asset; empty: all.
        venue: Those on one account: an exchange, live or paper; empty: on all of them.
    """
    account = named(venue)
    _assure(ctx.deps, Kind.CANCEL, account)
    symbols = coins_cancelled(ctx.deps.asked)
    if symbols and symbol.upper() not in symbols:
        raise ModelRetry(f"the person named the orders of {', '.join(sorted(symbols))} only")
    return await answer(ctx.deps, "cancel_orders", _cancel(ctx.deps, symbol.upper(), account))


async def stop_trading(ctx: RunContext[TurnDeps]) -> dict[str, Any]:
    """Throw the kill switch: nothing is traded until the person releases it on an interface.

    Only when they asked in this message for everything to be stopped.

    Args:
        ctx: The run.
    """
    _assure(ctx.deps, Kind.STOP)
    return await answer(ctx.deps, "stop_trading", _stop(ctx.deps))


async def revoke_mandates(ctx: RunContext[TurnDeps]) -> dict[str, Any]:
    """End the person's mandates. Only when they asked for it in this message.

    Args:
        ctx: The run.
    """
    _assure(ctx.deps, Kind.REVOKE)
    return await answer(ctx.deps, "revoke_mandates", _revoke(ctx.deps))


def _assure(deps: TurnDeps, kind: Kind, account: str = "") -> None:
    refusal = allows(kind, deps.asked, account)
    if refusal:
        raise ModelRetry(refusal)


async def _cancel(deps: TurnDeps, symbol: str, account: str) -> Told:
    actor, kind = actor_of(deps), cancels_only(deps.asked)
    venue = PAPER if account == PAPER else await venue_of(deps, account)
    ids = await _open_of(deps, symbol, kind, venue) if kind else []
    # No name at all would cancel every order.
    orders = [] if kind and not ids else await deps.trading.cancel(actor, ids, symbol, venue)
    data = {"orders": [plain(each) for each in orders], "symbol": symbol, "kind": kind}
    return Told(data, now(), simulated=False)


async def _open_of(deps: TurnDeps, symbol: str, kind: str, venue: str) -> list[str]:
    """Return the open orders of a kind on an account; of no account, on all of them."""
    actor = actor_of(deps)
    venues = [venue] if venue else [PAPER, *await deps.trading.connected(actor)]
    found = await asyncio.gather(*(deps.trading.all_open(actor, symbol, at) for at in venues))
    return [each.order_id for orders in found for each in orders if each.type == kind]


async def _stop(deps: TurnDeps) -> Told:
    switch = await deps.trading.stop_trading(actor_of(deps))
    return Told(plain(switch), now(), simulated=False)


async def _revoke(deps: TurnDeps) -> Told:
    actor = actor_of(deps)
    active = await deps.trading.mandates(actor)
    ended = [await deps.trading.revoke(actor, each.mandate_id) for each in active]
    return Told({"revoked": [mandate_data(each) for each in ended]}, now(), simulated=False)
