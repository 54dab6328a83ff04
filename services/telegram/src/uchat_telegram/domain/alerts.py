"""Alerts and the digest as messages: what happened, and buttons to silence or delete it."""

from collections.abc import Sequence
from typing import Final

from uchat_contracts.trading import Alert, Digest
from uchat_telegram.domain import callbacks, figures
from uchat_telegram.domain.markdown import escape
from uchat_telegram.domain.view import Button, Keyboard, View

MOST: Final = 10
"""How many alerts one message lists."""
GONE: Final = "This alert is deleted already."
DELETED: Final = "Deleted."
_NONE: Final = (
    "You have no alerts. Write for example <i>tell me when BTC drops below 90k</i>, <i>alert me if"
    " ETH moves 5% in an hour</i> or <i>send me a summary every day at 8</i>."
)


def fired(alert: Alert) -> View:
    """Return what an alert tells, with its buttons."""
    if alert.fired is None:
        return View(escape(alert.text))
    lines = [f"🔔 <b>{escape(alert.fired.text)}</b>", f"<i>{escape(_rule(alert))}</i>"]
    return View("\n".join(lines), keyboard=(_buttons(alert),))


def changed(alert: Alert) -> View:
    """Return an alert after one of its buttons was pressed."""
    if alert.state == "deleted":
        return View(f"{escape(alert.text)}\n<i>{DELETED}</i>")
    until = "" if alert.snoozed_until is None else figures.exact_clock(alert.snoozed_until)
    note = f"Silent until {until}; {_then(alert)}, I tell you then." if until else _rule(alert)
    return View(f"{escape(alert.text)}\n<i>{escape(note)}</i>", keyboard=(_buttons(alert),))


def listed(alerts: Sequence[Alert]) -> View:
    """Return the alerts that are not over, each with its buttons."""
    if not alerts:
        return View(_NONE)
    shown = alerts[:MOST]
    lines = [
        f"{n}. {escape(alert.text)}{escape(_state(alert))}" for n, alert in enumerate(shown, 1)
    ]
    if len(alerts) > MOST:
        lines.append(f"And {len(alerts) - MOST} more: on the web, under Settings.")
    rows: Keyboard = tuple(_buttons(alert, f"{n}. ") for n, alert in enumerate(shown, 1))
    return View("\n".join(lines), keyboard=rows)


def digest(told: Digest) -> View:
    """Return the digest of a day."""
    return View(f"<b>Your day, {told.day:%d %B}</b>\n{escape(told.text)}")


def _buttons(alert: Alert, number: str = "") -> tuple[Button, ...]:
    return (
        Button(f"{number}Snooze 1 h", data=callbacks.snooze(alert.alert_id)),
        Button(f"{number}Delete", data=callbacks.delete_alert(alert.alert_id)),
    )


def _then(alert: Alert) -> str:
    return "what is filled by then" if alert.kind == "fill" else "if it holds then"


def _rule(alert: Alert) -> str:
    if alert.state == "done":
        in_an_hour = "of what is filled" if alert.kind == "fill" else "if it still holds"
        return f"This alert is over. Snooze it to be told in an hour {in_an_hour}."
    return f"Alert: {alert.text}."


def _state(alert: Alert) -> str:
    if alert.state == "snoozed" and alert.snoozed_until is not None:
        return f" (silent until {figures.exact_clock(alert.snoozed_until)})"
    if alert.state == "fired":
        return " (told; waits until it has gone back)"
    return " (holds now; waits for the next time)" if alert.beyond else ""
