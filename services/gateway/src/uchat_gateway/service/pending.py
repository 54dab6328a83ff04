"""Which cards wait for the person, told to who follows a log."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from uchat_gateway.ports.trading import Decisions
from uchat_gateway.service.live.follower import Past
from uchat_platform.auth import Actor
from uchat_platform.errors import UchatError
from uchat_platform.logging import get_logger

_PAGE: Final = 200
_TIMEOUT_S: Final = 1.0
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pending:
    """Finds the open cards of a log.

    A snapshot holds them. Who replays has them, too, but for a client that kept its place and not
    its cards; execution, which has them by person, is asked, because a snapshot would cost sessions
    far more. A card may then be ahead of the replay: its `rev` tells.
    """

    decisions: Decisions

    async def of(self, actor: Actor, past: Past) -> Sequence[Any]:
        """Return the open cards as decoded JSON; none while execution is away."""
        if past.mode == "snapshot":
            return past.pending
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                page = await self.decisions.list(actor, states=["open"], cursor="", limit=_PAGE)
        except (UchatError, TimeoutError) as e:
            _log.warning("pending_unknown", session_id=past.log, reason=type(e).__name__)
            return []
        cards: list[dict[str, Any]] = [orjson.loads(card) for card in page.items]
        if past.log == actor.person_id:
            return cards
        return [card for card in cards if card["session_id"] == past.log]
