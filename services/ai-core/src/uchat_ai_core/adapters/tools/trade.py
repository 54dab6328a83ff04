"""Tools that preview and propose trades. A proposal is only a wish: a person approves its plan."""

import asyncio
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final, Literal

from pydantic import BaseModel, Field
from pydantic_ai import RunContext
from pydantic_ai.exceptions import ModelRetry

from uchat_ai_core.adapters.tools.account import Profile, decimal_of
from uchat_ai_core.adapters.tools.answer import Told, actor_of, answer, now
from uchat_ai_core.adapters.tools.places import named, venue_of
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.data import left_of, mandate_data, preview_data, text
from uchat_ai_core.domain.planner.context import assets_meant, profile_of
from uchat_ai_core.domain.planner.orders import Wish
from uchat_ai_core.domain.planner.permits import allows, allows_orders
from uchat_ai_core.domain.planner.requests import Kind
from uchat_ai_core.domain.sizing import (
    needs_portfolio,
    needs_prices,
    plan_request,
    sale_of_everything,
    with_ways,
)
from uchat_ai_core.ports.trading import Preview
from uchat_contracts.trading import AllocationLine, LegRequest, Mandate, PlanRequest
from uchat_platform.errors import InvalidInputError

_MOST_PROPOSALS: Final = 4
_MOST_CANDIDATES: Final = 4
_TOO_SMALL: Final = frozenset({"quantity_below_min", "notional_below_min"})
_ENOUGH_TO_SPREAD: Final = Decimal(1000)


class TradeOrder(BaseModel):
    """One order: exactly one of quantity, amount and portion says how much."""

    side: Literal["buy", "sell"]
    symbol: str = Field(description="A base asset, as BTC")
    quantity: str = Field(default="", description="Units of the asset, as 0.01")
    amount: str = Field(default="", description="US dollars or USDT, as 200")
    portion: str = Field(
        default="",
        description="Above 0, up to 1: of what is held of the asset (1 closes the position), or of "
        "the cash for a buy",
    )
    limit_price: str = Field(
        default="", description="For a limit order, or one that is a limit order once triggered"
    )
    trigger_price: str = Field(
        default="", description="The order waits until the market gets there; in USDT"
    )
    way: Literal["", "falls", "rises", "reaches"] = Field(
        default="",
        description="How the market gets to trigger_price: a stop loss sells when it falls, a take "
        "profit when it rises; reaches: the person did not say which",
    )
    time_in_force: Literal["gtc", "ioc", "fok"] = Field(
        default="gtc", description="Of a limit order: immediate or cancel, fill or kill"
    )
    post_only: bool = Field(default=False, description="A limit order that never takes (maker)")


async def preview_trade(
    ctx: RunContext[TurnDeps], orders: list[TradeOrder], venue: str = ""
) -> dict[str, Any]:
    """Return price, fee and effect of orders without proposing them, and whether risk denies them.

    Args:
        ctx: The run.
        orders: What to preview as one plan.
        venue: As of propose_trade.
    """
    return await answer(ctx.deps, "preview_trade", _preview(ctx.deps, _wishes(orders), venue))


async def propose_trade(
    ctx: RunContext[TurnDeps], orders: list[TradeOrder], venue: str = ""
) -> dict[str, Any]:
    """Propose orders for the person's approval. Only when they asked for them in this message.

    Say on which account: the result has it.

    Args:
        ctx: The run.
        orders: Exactly the orders that the person asked for; they become one plan.
        venue: Only if the person named one: an exchange, as binance, or live (real money, no
            exchange named). Empty: the paper account.
    """
    wishes = _wishes(orders, venue)
    turn = ctx.deps.turn
    refusal = allows_orders(ctx.deps.asked, wishes, assets_meant(turn.history))
    _assure(ctx.deps, refusal)
    return await answer(ctx.deps, "propose_trade", _propose(ctx.deps, wishes, venue))


async def propose_allocation(
    ctx: RunContext[TurnDeps], amount: str, profile: Profile = "balanced", venue: str = ""
) -> dict[str, Any]:
    """Propose to buy a planned allocation. Only when the person asked to invest it so.

    Args:
        ctx: The run.
        amount: US dollars or USDT in all, as "5000".
        profile: How much risk: cautious, balanced or bold.
        venue: As of propose_trade.
    """
    _assure(ctx.deps, allows(Kind.INVEST, ctx.deps.asked, named(venue)))
    work = _propose_allocation(ctx.deps, decimal_of(amount), profile, venue)
    return await answer(ctx.deps, "propose_allocation", work)


async def propose_rebalance(
    ctx: RunContext[TurnDeps], profile: Profile = "balanced"
) -> dict[str, Any]:
    """Propose the orders that bring the portfolio to a profile. Only when that was asked for.

    Args:
        ctx: The run.
        profile: How much risk: cautious, balanced or bold.
    """
    asked = profile_of(ctx.deps.turn)
    other = f"the person's profile is {asked}, not {profile}" if asked != profile else ""
    _assure(ctx.deps, allows(Kind.REBALANCE, ctx.deps.asked) or other)
    return await answer(ctx.deps, "propose_rebalance", _rebalance(ctx.deps, profile))


async def propose_liquidation(ctx: RunContext[TurnDeps], venue: str = "") -> dict[str, Any]:
    """Propose to sell everything on an account. Only when the person asked for it in this message.

    Args:
        ctx: The run.
        venue: As of propose_trade.
    """
    _assure(ctx.deps, allows(Kind.LIQUIDATE, ctx.deps.asked, named(venue)))
    return await answer(ctx.deps, "propose_liquidation", _liquidate(ctx.deps, venue))


async def trade_within_mandate(
    ctx: RunContext[TurnDeps], profile: Profile = "balanced"
) -> dict[str, Any]:
    """Propose one purchase for what the mandate leaves today. Only when the person asked for it.

    Args:
        ctx: The run.
        profile: How much risk: cautious, balanced or bold.
    """
    _assure(ctx.deps, allows(Kind.WITHIN_MANDATE, ctx.deps.asked))
    return await answer(ctx.deps, "trade_within_mandate", _within_mandate(ctx.deps, profile))


def _assure(deps: TurnDeps, refusal: str) -> None:
    if refusal:
        raise ModelRetry(refusal)
    if len(deps.proposals) >= _MOST_PROPOSALS:
        raise ModelRetry(
            f"an answer may hold {_MOST_PROPOSALS} proposals; put orders into one plan"
        )


def _wishes(orders: Sequence[TradeOrder], account: str = "") -> list[Wish]:
    return [
        Wish(
            order.side,
            order.symbol.upper(),
            _number(order.quantity),
            _number(order.amount),
            _number(order.portion),
            _number(order.limit_price),
            _number(order.trigger_price),
            (order.way or "reaches") if order.trigger_price else None,
            order.time_in_force,
            order.post_only,
            named(account),
        )
        for order in orders
    ]


def _number(value: str) -> Decimal | None:
    return decimal_of(value) if value else None


async def _preview(deps: TurnDeps, wishes: Sequence[Wish], account: str) -> Told:
    request = await _request(deps, wishes, await venue_of(deps, account))
    return _told(await deps.trading.preview(actor_of(deps), request), {})


async def _propose(deps: TurnDeps, wishes: Sequence[Wish], account: str) -> Told:
    request = await _request(deps, wishes, await venue_of(deps, account))
    return await _propose_plan(deps, request, {})


async def _propose_allocation(deps: TurnDeps, amount: Decimal, profile: str, account: str) -> Told:
    venue = await venue_of(deps, account)
    allocation = await deps.trading.allocation(actor_of(deps), amount, profile)
    legs = [LegRequest(symbol=e.symbol, side="buy", amount=e.amount) for e in allocation.lines]
    if not legs:
        raise InvalidInputError("There is nothing to buy for this amount")
    more = {"profile": allocation.profile, "amount": text(amount), "kept": text(allocation.cash)}
    request = PlanRequest(legs=legs, purpose="allocation", venue=venue or None)
    return await _propose_plan(deps, request, more)


async def _rebalance(deps: TurnDeps, profile: str) -> Told:
    found = await deps.trading.rebalance(actor_of(deps), profile)
    request, seen = found.request, found.preview
    more: dict[str, Any] = {"profile": profile, "balanced": request is None}
    proposed = request is not None and seen.denied is None
    if request is not None and proposed and request not in deps.proposals:
        deps.proposals.append(request)
    return _told(seen, {**more, "proposed": proposed})


async def _liquidate(deps: TurnDeps, account: str) -> Told:
    venue = await venue_of(deps, account)
    sale = sale_of_everything(await deps.trading.portfolio(actor_of(deps), venue))
    return await _propose_plan(deps, sale.model_copy(update={"venue": venue or None}), {})


async def _within_mandate(deps: TurnDeps, profile: str) -> Told:
    """Buy the first line of the allocation that neither the mandate nor the limits forbid."""
    actor = actor_of(deps)
    mandates, limits, portfolio = await asyncio.gather(
        deps.trading.mandates(actor), deps.trading.limits(actor), deps.trading.portfolio(actor)
    )
    if not mandates:
        return Told({"proposed": False, "no_mandate": True}, now(), portfolio.simulated)
    mandate = max(mandates, key=left_of)
    left = left_of(mandate)
    # A market order uses a mandate at the worst price that it may get.
    worst = 1 + Decimal(limits.price_collar_bps) / 10_000
    most = min(left / worst, limits.per_order, portfolio.cash * Decimal("0.99"))
    amount = most.quantize(Decimal("0.01"), ROUND_DOWN)
    more: dict[str, Any] = {"mandate": mandate_data(mandate), "amount": text(amount)}
    if amount <= 0:
        more |= {"proposed": False, "nothing_left": left <= 0, "no_cash": left > 0}
        return Told(more, now(), portfolio.simulated)
    # Small amounts cannot be spread: here it only says which asset comes first.
    allocation = await deps.trading.allocation(actor, max(amount, _ENOUGH_TO_SPREAD), profile)
    lines = _allowed(allocation.lines, mandate)[:_MOST_CANDIDATES]
    if not lines:
        return Told({**more, "proposed": False, "no_asset": True}, now(), portfolio.simulated)
    requests = [
        PlanRequest(legs=[LegRequest(symbol=line.symbol, side="buy", amount=amount)])
        for line in lines
    ]
    try:
        previews = await asyncio.gather(*(deps.trading.preview(actor, each) for each in requests))
    except InvalidInputError as e:
        if e.code not in _TOO_SMALL:
            raise
        return Told({**more, "proposed": False, "too_little": e.detail}, now(), portfolio.simulated)
    for place, (line, request, seen) in enumerate(zip(lines, requests, previews, strict=True)):
        if seen.denied is None:
            chosen = {
                "symbol": line.symbol,
                "weight_pct": text(line.weight * 100),
                "why": line.why,
                "passed_over": [
                    {"symbol": other.symbol, "why": denied.denied.text}
                    for other, denied in zip(lines[:place], previews[:place], strict=True)
                    if denied.denied is not None
                ],
            }
            deps.proposals.append(request)
            return _told(seen, {**more, "profile": profile, "chosen": chosen, "proposed": True})
    return _told(previews[0], {**more, "proposed": False})


def _allowed(lines: Sequence[AllocationLine], mandate: Mandate) -> list[AllocationLine]:
    return [each for each in lines if not mandate.symbols or each.symbol in mandate.symbols]


async def _request(deps: TurnDeps, wishes: Sequence[Wish], venue: str) -> PlanRequest:
    actor = actor_of(deps)
    portfolio = await deps.trading.portfolio(actor, venue) if needs_portfolio(wishes) else None
    symbols = needs_prices(wishes)
    if symbols:
        quotes = (await deps.market.quotes(symbols))["quotes"]
        wishes = with_ways(wishes, {each["symbol"]: Decimal(each["price"]) for each in quotes})
    return plan_request(wishes, portfolio).model_copy(update={"venue": venue or None})


async def _propose_plan(deps: TurnDeps, request: PlanRequest, more: dict[str, Any]) -> Told:
    seen = await deps.trading.preview(actor_of(deps), request)
    proposed = seen.denied is None
    if proposed and request not in deps.proposals:
        deps.proposals.append(request)
    return _told(seen, {**more, "proposed": proposed})


def _told(seen: Preview, more: dict[str, Any]) -> Told:
    data = preview_data(seen.plan, seen.effect, seen.warnings, seen.denied, seen.mandate_id) | more
    as_of = seen.plan.collar.as_of if seen.plan is not None else now()
    return Told(data, as_of, seen.plan is None or seen.plan.simulated)
