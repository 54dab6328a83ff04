"""What the brain may do with a person's alerts: everything, since they move no money."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from uchat_contracts.trading import Alert, AlertRequest, DigestSettings
from uchat_platform.auth import Actor


class AlertBook(Protocol):
    """The alerts of an actor. Errors as those of `Trading`."""

    async def set_alert(self, actor: Actor, request: AlertRequest, op_id: str) -> Alert:
        """Set an alert, once for each `op_id`."""
        ...

    async def alerts(self, actor: Actor) -> Sequence[Alert]:
        """Return the alerts that are not over, latest first."""
        ...

    async def snooze_alert(self, actor: Actor, alert_id: str, until: datetime | None) -> Alert:
        """Silence an alert until a time, or let it speak again."""
        ...

    async def delete_alert(self, actor: Actor, alert_id: str) -> Alert:
        """Delete an alert."""
        ...

    async def digest(self, actor: Actor) -> DigestSettings:
        """Return when the digest of the day is told."""
        ...

    async def set_digest(self, actor: Actor, settings: DigestSettings) -> DigestSettings:
        """Set when the digest of the day is told."""
        ...
