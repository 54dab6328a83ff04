"""What every use case does with an alert that changes: store it, and tell it with the unit."""

from datetime import datetime

from uchat_contracts.trading import Alert, AlertFiring
from uchat_execution.domain.alerts.crossing import Step
from uchat_execution.domain.alerts.wording import Seen, told
from uchat_execution.domain.money import exact
from uchat_execution.ports.alerts import Kept
from uchat_execution.ports.store import Told, Unit


async def fire(
    unit: Unit, kept: Kept, step: Step, seen: Seen, now: datetime, *, key: str = "", text: str = ""
) -> bool:
    """Tell a locked alert; False: it was told for the same `key` before.

    Without a `key` each crossing is one of its own. `text`: what is told, if not the usual words.
    """
    alert = kept.alert
    n = 1 if alert.fired is None else alert.fired.n + 1
    firing = AlertFiring(
        n=n,
        text=text or told(alert, seen, alert.quote_currency),
        value=exact(seen.value),
        unit=seen.unit,
        source=seen.source,
        simulated=seen.simulated,
        as_of=seen.as_of,
        at=now,
    )
    made = _next(alert, state=step.state, beyond=step.beyond, fired=firing, snoozed_until=None)
    if not await unit.alerts.note_fired(made, key or f"n:{n}"):
        return False
    await unit.alerts.save(Kept(made, kept.mark))
    await _tell(unit, made, "alert")
    return True


async def change(unit: Unit, kept: Kept, **changes: object) -> Alert:
    """Store a locked alert as it stands now, and tell its person's screens; nobody is disturbed."""
    made = _next(kept.alert, **changes)
    await unit.alerts.save(Kept(made, kept.mark))
    await tell_changed(unit, made)
    return made


async def tell_changed(unit: Unit, alert: Alert) -> None:
    """Tell that an alert was set, snoozed, armed anew or deleted."""
    await _tell(unit, alert, "alert.changed")


def _next(alert: Alert, **changes: object) -> Alert:
    return alert.model_copy(update={**changes, "rev": alert.rev + 1})


async def _tell(unit: Unit, alert: Alert, what: str) -> None:
    about = f"alert:{alert.alert_id}"
    kind = "alert" if what == "alert" else "alert.changed"
    await unit.tell(Told(about, alert.rev, kind, alert.user_id, None, alert.json_bytes()))
