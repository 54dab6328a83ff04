"""Sign-ins that ended: told to all gateways at once, and read from the database in any case."""

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from uchat_contracts import subjects
from uchat_contracts.events.live import SignInRevoked
from uchat_gateway.ports.access import Revoked
from uchat_gateway.ports.accounts import SignInStore
from uchat_gateway.service.access import Access
from uchat_platform.errors import UnavailableError
from uchat_platform.logging import get_logger

if TYPE_CHECKING:
    from uchat_platform.bus import Bus, CoreMessage

_POLL_S: Final = 1.0
_OVERLAP_S: Final = 5.0
_log = get_logger(__name__)


@dataclass(slots=True)
class Revocations:
    """Keeps `access` informed. `life_s`: how long an access token can outlive its sign-in."""

    bus: "Bus"
    sign_ins: SignInStore
    access: Access
    life_s: float
    _seen_at: float = 0.0

    async def announce(self, revoked: Revoked) -> None:
        """Tell every gateway, this one first; who misses it reads it within a second."""
        self._apply([revoked])
        event = SignInRevoked(user_id=revoked.person_id, sid=revoked.sid)
        await self.bus.publish_core(subjects.revoked(revoked.person_id), event.json_bytes())

    async def start(self) -> None:
        """Listen, and learn what ended while this gateway was not there.

        Raises:
            UnavailableError: the database is away; without it nobody knows who may come in.
        """
        await self.bus.subscribe(subjects.revoked("*"), self._heard)
        await self.read()

    async def watch(self) -> None:
        """Read the database each second, for ever: a core message can get lost."""
        while True:
            await asyncio.sleep(_POLL_S)
            try:
                await self.read()
            except UnavailableError as e:
                _log.warning("revocations_unknown", code=e.code)

    async def read(self) -> None:
        """Apply what ended since the last successful read.

        Raises:
            UnavailableError: the database is away; the next read covers the same time again.
        """
        now = time.monotonic()
        since = now - self._seen_at + _OVERLAP_S if self._seen_at else self.life_s
        self._apply(await self.sign_ins.ended_within(min(since, self.life_s)))
        self._seen_at = now

    def _heard(self, message: "CoreMessage") -> None:
        try:
            event = SignInRevoked.model_validate_json(message.payload)
        except ValidationError:
            _log.warning("revocation_unreadable")
            return
        self._apply([Revoked(event.user_id, event.sid)])

    def _apply(self, ended: list[Revoked]) -> None:
        self.access.revoke(ended, forget_after_s=self.life_s)
