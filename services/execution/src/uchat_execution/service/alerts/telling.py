"""What every use case does with an alert that changes: store it, and tell it with the unit."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from uchat_contracts.trading import Alert, AlertFiring
from uchat_execution.domain.alerts.crossing import Step
from uchat_execution.domain.alerts.wording import Seen, missed, told
from uchat_execution.domain.money import exact
from uchat_execution.ports.alerts import Held, Kept
from uchat_execution.ports.store import Told, Unit

MOST_HELD: Final = 100
"""Fills that are kept for the end of a silence."""


async def fire(
    unit: Unit, kept: Kept, step: Step, seen: Seen, now: datetime, *, key: str = "", text: str = ""
) -> bool:
    """Tell a locked alert; False: it was told for the same `key` before.

    Without a `key` each crossing is one of its own. `text`: what is told, if not the usual words.
    """
    text = text or told(kept.alert, seen, kept.alert.quote_currency)
    return await _fire(unit, kept, step, _firing(seen, text, now), key)


async def hold(unit: Unit, kept: Kept, seen: Seen, now: datetime, *, key: str, text: str) -> None:
    """Keep a fill for the end of a locked alert's silence; nobody is told now. Safe to repeat."""
    if len(kept.held) >= MOST_HELD or any(each.key == key for each in kept.held):
        return
    await unit.alerts.save(replace(kept, held=(*kept.held, Held(key, _firing(seen, text, now)))))


async def release(unit: Unit, kept: Kept, now: datetime) -> Alert:
    """Tell at once what a locked alert has kept during its silence, which is over."""
    last = kept.held[-1].firing
    text = missed([each.firing.text for each in kept.held], most=MOST_HELD)
    firing = last.model_copy(update={"text": text, "at": now})
    step = Step("armed" if kept.alert.repeat else "done", beyond=False, fires=True)
    await _fire(unit, kept, step, firing, "")
    return (await unit.alerts.get(kept.alert.alert_id) or kept).alert


async def change(unit: Unit, kept: Kept, **changes: object) -> Alert:
    """Store a locked alert as it stands now, and tell its person's screens; nobody is disturbed."""
    made = _next(kept.alert, **changes)
    await unit.alerts.save(replace(kept, alert=made))
    await tell_changed(unit, made)
    return made


async def tell_changed(unit: Unit, alert: Alert) -> None:
    """Tell that an alert was set, snoozed, armed anew or deleted."""
    await _tell(unit, alert, "alert.changed")


async def _fire(unit: Unit, kept: Kept, step: Step, firing: AlertFiring, key: str) -> bool:
    alert = kept.alert
    n = 1 if alert.fired is None else alert.fired.n + 1
    firing = firing.model_copy(update={"n": n})
    made = _next(alert, state=step.state, beyond=step.beyond, fired=firing, snoozed_until=None)
    if not await unit.alerts.note_fired(made, key or f"n:{n}"):
        return False
    await unit.alerts.save(Kept(made, kept.mark))
    await _tell(unit, made, "alert")
    return True


def _firing(seen: Seen, text: str, now: datetime) -> AlertFiring:
    return AlertFiring(
        n=1,
        text=text,
        value=exact(seen.value),
        unit=seen.unit,
        source=seen.source,
        simulated=seen.simulated,
        as_of=seen.as_of,
        at=now,
    )


def _next(alert: Alert, **changes: object) -> Alert:
    return alert.model_copy(update={**changes, "rev": alert.rev + 1})


async def _tell(unit: Unit, alert: Alert, what: str) -> None:
    about = f"alert:{alert.alert_id}"
    kind = "alert" if what == "alert" else "alert.changed"
    await unit.tell(Told(about, alert.rev, kind, alert.user_id, None, alert.json_bytes()))
