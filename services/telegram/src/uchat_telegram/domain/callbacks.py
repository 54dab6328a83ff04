"""What buttons carry, within Telegram's 64 bytes."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

Action = Literal[
    "approve",
    "reject",
    "quote",
    "remedy",
    "check",
    "absent",
    "more",
    "less",
    "ask_more",
    "kill_off",
    "mode",
    "trade",
    "link",
    "no_link",
    "web",
    "snooze",
    "delete_alert",
    "cancel_orders",
]


@dataclass(frozen=True, slots=True)
class Press:
    """What a pressed button asks for; `subject` is a decision's id, a message's id or a mode.

    `proof` is the beginning of the hash of the plan that the button was shown with: a second tap
    must not approve a newer plan that took the place of the first one in between.
    """

    action: Action
    subject: str = ""
    proof: str = ""


def approve(decision_id: str, plan_hash: str) -> str:
    """Return the data of a card's green button."""
    return f"d:{decision_id}:approve:{plan_hash[:_PROOF]}"


def reject(decision_id: str, plan_hash: str) -> str:
    """Return the data of a card's red button."""
    return f"d:{decision_id}:reject:{plan_hash[:_PROOF]}"


def quote(decision_id: str) -> str:
    """Return the data of the button that asks for the same once more."""
    return f"q:{decision_id}"


def remedy(decision_id: str) -> str:
    """Return the data of the button that asks for what would finish a decision."""
    return f"r:{decision_id}"


def check(decision_id: str) -> str:
    """Return the data of the button that asks the exchange once more."""
    return f"u:{decision_id}"


def absent(decision_id: str) -> str:
    """Return the data of the button that says that the exchange has no such order."""
    return f"a:{decision_id}"


def trade(mode: str) -> str:
    """Return the data of the button that chooses how one trades."""
    return f"t:{mode}"


def snooze(alert_id: str) -> str:
    """Return the data of the button that silences an alert for an hour."""
    return f"s:{alert_id}"


def delete_alert(alert_id: str) -> str:
    """Return the data of the button that deletes an alert."""
    return f"x:{alert_id}"


def cancel_orders(venue: str) -> str:
    """Return the data of the button that cancels all orders at an exchange."""
    return f"e:{venue}"


def more(message_id: str) -> str:
    """Return the data of the button that shows the whole answer."""
    return f"m:{message_id}"


def less(message_id: str) -> str:
    """Return the data of the button that shows the summary again."""
    return f"l:{message_id}"


ASK_MORE: Final = "w:more"
KILL_OFF: Final = "k:off"
NO_LINK: Final = "n:link"
WEB: Final = "c:web"
_MAX_BYTES: Final = 64
_PROOF: Final = 16
_NAMED: Final[dict[str, Action]] = {
    "m": "more",
    "l": "less",
    "o": "mode",
    "t": "trade",
    "y": "link",
    "s": "snooze",
    "x": "delete_alert",
    "e": "cancel_orders",
}
_OF_DECISIONS: Final[dict[str, Action]] = {
    "q": "quote",
    "r": "remedy",
    "u": "check",
    "a": "absent",
}


def mode(name: str) -> str:
    """Return the data of the button that chooses how answers are."""
    return f"o:{name}"


def link(code: str) -> str | None:
    """Return the data of the button that agrees to a link, or None if no button can carry it."""
    data = f"y:{code}"
    return data if code and len(data.encode()) <= _MAX_BYTES else None


def parse(data: str) -> Press | None:
    """Return what a button asks for, or None if it is none of ours."""
    kind, _, rest = data.partition(":")
    if kind == "d":
        return _decision(rest)
    if kind in _OF_DECISIONS:
        return Press(_OF_DECISIONS[kind], rest) if _is_uuid(rest) else None
    fixed: dict[str, Press] = {
        ASK_MORE: Press("ask_more"),
        KILL_OFF: Press("kill_off"),
        NO_LINK: Press("no_link"),
        WEB: Press("web"),
    }
    if data in fixed:
        return fixed[data]
    return Press(_NAMED[kind], rest) if kind in _NAMED and rest else None


def _decision(rest: str) -> Press | None:
    parts = rest.split(":")
    if len(parts) != len(("id", "choice", "proof")):
        return None
    decision_id, choice, proof = parts
    if choice in ("approve", "reject") and _is_uuid(decision_id) and len(proof) == _PROOF:
        return Press(choice, decision_id, proof)
    return None


def _is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
