"""What the buttons of an alert do: silence it for an hour, or delete it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from uchat_platform.clock import Clock
from uchat_platform.errors import NotFoundError
from uchat_telegram.domain import alerts as shown
from uchat_telegram.domain.callbacks import Press
from uchat_telegram.domain.view import Incoming, View
from uchat_telegram.ports import Alerts, Person

HUSH: Final = timedelta(hours=1)
Replace = Callable[[Incoming, View], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Hushing:
    """Changes an alert and the message whose button was pressed. Safe to press twice."""

    alerts: Alerts
    clock: Clock

    async def pressed(
        self, incoming: Incoming, press: Press, person: Person, replace: Replace
    ) -> str:
        """Do what the button asks for; returns what to say to who pressed."""
        actor = person.actor()
        try:
            if press.action == "snooze":
                until = self.clock.now() + HUSH
                alert = await self.alerts.snooze(actor, press.subject, until)
                said = "Silent for an hour."
            else:
                alert = await self.alerts.delete(actor, press.subject)
                said = shown.DELETED
        except NotFoundError:
            await self._replaced(incoming, person, None, replace)
            return shown.GONE
        await self._replaced(incoming, person, shown.changed(alert), replace)
        return said

    async def _replaced(
        self, incoming: Incoming, person: Person, view: View | None, replace: Replace
    ) -> None:
        if len(incoming.keyboard) > 1:
            # The message lists several: it shows the list as it is now.
            view = shown.listed(await self.alerts.active(person.actor()))
        await replace(incoming, view or View(shown.GONE))
