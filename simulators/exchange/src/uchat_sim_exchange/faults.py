"""Faults on request: what an exchange does on its bad days, a given number of times."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "delay_ms",
    "accept_then_timeout",
    "accept_then_drop",
    "accept_then_503",
    "accept_then_garbage",
    "lost",
    "http_503",
    "html_502",
    "http_429",
    "not_found",
]
On = Literal["place", "query", "cancel", "market"]


@dataclass(slots=True)
class Fault:
    """A fault that happens to the next `times` requests of one sort.

    `ms`: how long a delay lasts or a connection hangs. `lost` hangs and places nothing; what
    begins with `accept_then` happens after the order is in the journal.
    """

    kind: Kind
    on: On = "place"
    times: int = 1
    ms: int = 30_000


@dataclass(slots=True)
class Faults:
    """The faults that are still to happen, in the order of asking."""

    planned: list[Fault] = field(default_factory=list[Fault])

    def add(self, fault: Fault) -> None:
        """Plan a fault."""
        self.planned.append(fault)

    def clear(self) -> None:
        """Forget all that is planned."""
        self.planned.clear()

    def next(self, on: On) -> Fault | None:
        """Return what happens to this request, and count it."""
        for fault in self.planned:
            if fault.on == on:
                fault.times -= 1
                if fault.times <= 0:
                    self.planned.remove(fault)
                return fault
        return None
