"""What changed of the account since an earlier answer of this conversation told of it."""

import asyncio
from typing import Any

from uchat_ai_core.adapters.tools.answer import actor_of
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.stated import Happened, changes, since_answer


async def with_changes(deps: TurnDeps, data: dict[str, Any], *, simulated: bool) -> dict[str, Any]:
    """Return balances with `since_answer`, if the last answer that told of them told otherwise.

    The books are only asked if a quantity differs: prices explain the rest.

    Raises:
        UchatError: the books cannot be read.
    """
    told = (each.stated for each in reversed(deps.turn.history) if each.stated is not None)
    before = next((each for each in told if each.simulated == simulated), None)
    if before is None:
        return data
    changed = changes(before, data, str(data["quote_currency"]))
    happened = await _happened(deps) if changed else Happened()
    since = since_answer(before, data, changed, happened)
    return data | {"since_answer": since} if since else data


async def _happened(deps: TurnDeps) -> Happened:
    actor = actor_of(deps)
    trades, movements, cards = await asyncio.gather(
        deps.trading.trades(actor, ""),
        deps.trading.movements(actor),
        deps.trading.decisions(actor, ""),
    )
    return Happened(trades.items, movements.items, cards.items)
