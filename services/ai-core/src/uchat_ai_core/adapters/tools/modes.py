"""Tools on how the person trades. The mode can only be set to one that allows less."""

from typing import Any, Final, Literal

from pydantic_ai import RunContext
from pydantic_ai.exceptions import ModelRetry

from uchat_ai_core.adapters.tools.answer import Told, actor_of, answer, now
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.data import trading_data
from uchat_ai_core.domain.planner.permits import allows
from uchat_ai_core.domain.planner.requests import Kind

Lower = Literal["emergency", "manual", "assisted"]
_KINDS: Final[dict[Lower, Kind]] = {
    "emergency": Kind.EMERGENCY_MODE,
    "manual": Kind.MANUAL_MODE,
    "assisted": Kind.ASSISTED_MODE,
}


async def get_trading(ctx: RunContext[TurnDeps]) -> dict[str, Any]:
    """Return the person's mode, what their account may do and why, the kill switch, the mandate.

    Answers which mode they are in, and why they cannot buy. Wider modes and limits are set by the
    person, on the web under Settings or with /trading on Telegram, never by chat.

    Args:
        ctx: The run.
    """
    return await answer(ctx.deps, "get_trading", _trading(ctx.deps))


async def set_mode(ctx: RunContext[TurnDeps], mode: Lower) -> dict[str, Any]:
    """Set a mode that lowers the risk. Only when the person asked for it in this message.

    Args:
        ctx: The run.
        mode: emergency (nothing is bought, open purchases are cancelled), manual, or
            assisted, which allows less than autonomous only.
    """
    refusal = allows(_KINDS[mode], ctx.deps.asked)
    if refusal:
        raise ModelRetry(refusal)
    return await answer(ctx.deps, "set_mode", _set(ctx.deps, mode))


async def _trading(deps: TurnDeps) -> Told:
    status = await deps.trading.trading(actor_of(deps))
    return Told(trading_data(status), now(), simulated=False)


async def _set(deps: TurnDeps, mode: Lower) -> Told:
    status = await deps.trading.set_mode(actor_of(deps), mode)
    return Told(trading_data(status), now(), simulated=False)
