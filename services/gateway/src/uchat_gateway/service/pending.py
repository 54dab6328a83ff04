"""Which cards wait for the person, told to who follows a log."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from uchat_gateway.domain.permissions import Permission, may
from uchat_gateway.ports.trading import Decisions
from uchat_gateway.service.live.follower import Past
from uchat_platform.auth import Actor
from uchat_platform.errors import UchatError
from uchat_platform.logging import get_logger

_PAGE: Final = 200
_TIMEOUT_S: Final = 0.5
_FRESH_S: Final = 2.0
_log = get_logger(__name__)


@dataclass(slots=True)
class OpenCards:
    """Finds the open cards of the logs that one reader follows.

    A snapshot holds them. Who replays has them, too, but for a client that kept its place and not
    its cards; execution, which has them by person, is asked, because a snapshot would cost sessions
    far more, and once for all logs of a hello: what changed since is in the replay. A card may be
    ahead of the replay: its `rev` tells.
    """

    decisions: Decisions
    actor: Actor
    _found: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _fresh_until: float = 0.0

    async def of(self, past: Past) -> Sequence[Any]:
        """Return the open cards of a log as decoded JSON; none while execution is away."""
        if past.mode == "snapshot":
            return past.pending
        if time.monotonic() >= self._fresh_until:
            self._found = await self._ask()
            self._fresh_until = time.monotonic() + _FRESH_S
        if past.log == self.actor.person_id:
            return self._found
        return [card for card in self._found if card["session_id"] == past.log]

    async def _ask(self) -> list[dict[str, Any]]:
        try:
            # Nobody's conversation waits for an execution that stands still.
            async with asyncio.timeout(_TIMEOUT_S):
                cards = await self._all()
        except (UchatError, TimeoutError) as e:
            _log.warning("pending_unknown", reason=type(e).__name__)
            return []
        return [orjson.loads(card) for card in cards]

    async def _all(self) -> list[bytes]:
        own = await self.decisions.list(self.actor, states=["open"], cursor="", limit=_PAGE)
        if not may(self.actor.roles, Permission.DECISION_APPROVE_OTHERS):
            return list(own.items)
        others = await self.decisions.for_approval(self.actor, cursor="", limit=_PAGE)
        return [*own.items, *others.items]
