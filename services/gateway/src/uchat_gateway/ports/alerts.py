"""Alerts and the digest of the day, as the execution service keeps them.

Bodies are the contracts' JSON (`uchat_contracts.trading`), passed on as they came.
"""

from typing import Protocol

from uchat_gateway.ports.trading import JsonPage
from uchat_platform.auth import Actor


class Alerts(Protocol):
    """What the actor wants to be told of. One that is not theirs raises NotFoundError.

    Every method raises UnavailableError when the service is away.
    """

    async def set(self, actor: Actor, request: bytes, *, op_id: str) -> bytes:
        """Set an `AlertRequest`, once for each `op_id`, and return the `Alert`.

        Raises:
            InvalidInputError: it is none, or its asset is not listed.
            ConflictError: there are too many.
        """
        ...

    async def page(self, actor: Actor, *, active_only: bool, cursor: str, limit: int) -> JsonPage:
        """Return `Alert`s, latest first."""
        ...

    async def get(self, actor: Actor, alert_id: str) -> bytes:
        """Return one `Alert`."""
        ...

    async def snooze(self, actor: Actor, alert_id: str, until: str) -> bytes:
        """Silence an alert until a time (empty: not any more) and return it."""
        ...

    async def delete(self, actor: Actor, alert_id: str) -> bytes:
        """Delete an alert and return it as it was."""
        ...

    async def digest(self, actor: Actor) -> bytes:
        """Return the `DigestSettings`."""
        ...

    async def set_digest(self, actor: Actor, settings: bytes) -> bytes:
        """Set the `DigestSettings` and return them.

        Raises:
            InvalidInputError: there is no such time zone.
        """
        ...
