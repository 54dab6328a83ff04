"""Stop switches of three scopes, and what they come to for one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from uchat_contracts.trading import KillSwitch, LegInFlight

EVERYBODY: Final = "everybody"
"""The scope of the stop switch that stops all people."""
ORGANISATION: Final = "org:"
"""How the scope of an organisation begins; its id follows."""
ScopeKind = Literal["person", "organisation", "everybody"]


@dataclass(frozen=True, slots=True)
class Switch:
    """A stop switch. `rev` counts its changes; nothing is sent after `effective_at`."""

    scope: str
    is_on: bool
    rev: int
    changed_at: datetime | None
    changed_via: str | None
    effective_at: datetime | None


@dataclass(frozen=True, slots=True)
class Thrown:
    """A switch that was thrown or released, and what of its scope may still reach the venue."""

    switch: Switch
    legs: tuple[LegInFlight, ...]


def kind_of(scope: str) -> ScopeKind:
    """Return whom a scope is about."""
    if scope == EVERYBODY:
        return "everybody"
    return "organisation" if scope.startswith(ORGANISATION) else "person"


def shown(person: str, switches: Sequence[Switch], legs: Sequence[LegInFlight]) -> KillSwitch:
    """Return what a person's switches (widest first) come to: the widest that is on counts.

    `rev` counts the changes of all of them, so that a later one never seems older.
    """
    on = [switch for switch in switches if switch.is_on]
    changed = [switch for switch in switches if switch.changed_at is not None]
    latest = max(changed, key=lambda switch: (switch.changed_at, switch.rev), default=None)
    counts = on[0] if on else latest
    rev = sum(switch.rev for switch in switches)
    if counts is None:
        return KillSwitch(on=False, rev=rev, user_id=person)
    return one(counts, person, legs).model_copy(update={"rev": rev})


def one(switch: Switch, person: str, legs: Sequence[LegInFlight]) -> KillSwitch:
    """Return a single switch as it is shown to whoever threw it."""
    return KillSwitch(
        on=switch.is_on,
        rev=switch.rev,
        user_id=person,
        scope=kind_of(switch.scope),
        changed_at=switch.changed_at,
        changed_via=switch.changed_via,
        effective_at=switch.effective_at if switch.is_on else None,
        in_flight=list(legs) if switch.is_on else [],
    )
