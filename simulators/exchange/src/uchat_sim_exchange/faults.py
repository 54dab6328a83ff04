"""Faults on request: what an exchange does on its bad days, so often or with such a chance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from uchat_sim_exchange.rules import chance

Kind = Literal[
    "delay_ms",
    "slow_answer",
    "lost",
    "hang",
    "drop",
    "unknown_1007",
    "http_500",
    "http_503",
    "html_502",
    "http_429",
    "http_418",
    "not_found",
    "accept_then_timeout",
    "accept_then_1007",
    "accept_then_hang",
    "accept_then_drop",
    "accept_then_500",
    "accept_then_503",
    "accept_then_502",
    "accept_then_garbage",
    "late_fill",
    "read_lag",
    "clock_skew",
    "duplicate_event",
    "lost_event",
    "late_event",
    "drop_stream",
]
On = Literal["place", "query", "cancel", "market", "time", "stream"]

ALWAYS_ON: Final[Mapping[str, On]] = MappingProxyType(
    {
        "late_fill": "cancel",
        "read_lag": "query",
        "clock_skew": "time",
        "duplicate_event": "stream",
        "lost_event": "stream",
        "late_event": "stream",
        "drop_stream": "stream",
    }
)
"""Kinds that make sense for one sort of request alone; the others are for the asked one."""

STANDING: Final = frozenset({"read_lag", "clock_skew"})
"""Kinds that last until they are forgotten, unless a number of times is given."""

_MS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "late_fill": 200,
        "read_lag": 2000,
        "clock_skew": 1500,
        "late_event": 1000,
        "slow_answer": 1000,
        "http_429": 1000,
        "http_418": 120_000,
    }
)
_HANG_MS: Final = 30_000


def usual_ms(kind: Kind) -> int:
    """Return how long a fault lasts if nobody says so, in milliseconds."""
    return _MS.get(kind, _HANG_MS)


@dataclass(slots=True)
class Fault:
    """A fault that happens to requests of one sort: of one account, or of all.

    `times`: to so many of them, None: to all. `probability`: that it happens to one at all, drawn
    from `seed` and the number of the request. `ms`: how long a delay lasts or a connection hangs,
    for `read_lag` how old the answers are, for `clock_skew` how much the exchange's clock is ahead,
    for `http_429` and `http_418` what Retry-After says.
    `share`: how much of the rest a late fill fills.
    """

    kind: Kind
    on: On = "place"
    times: int | None = 1
    ms: int = _HANG_MS
    account: str | None = None
    probability: float = 1
    seed: str = "fault"
    share: float = 1
    number: int = 0
    asked: int = 0
    happened: int = 0

    def concerns(self, on: On, account: str | None) -> bool:
        """Tell whether it is for such a request."""
        return self.on == on and self.account in (None, account)

    def draw(self) -> bool:
        """Tell whether it happens to this request, and count it."""
        self.asked += 1
        if self.probability < 1 and chance(f"{self.seed}:{self.asked}") >= self.probability:
            return False
        self.happened += 1
        return True

    @property
    def is_over(self) -> bool:
        """Tell whether it has happened as often as it should."""
        return self.times is not None and self.happened >= self.times


@dataclass(slots=True)
class Faults:
    """The faults that are still to happen, in the order of asking."""

    planned: list[Fault] = field(default_factory=list[Fault])
    _last: int = 0

    def add(self, fault: Fault) -> Fault:
        """Plan a fault; returns it with its number."""
        self._last += 1
        fault.number = self._last
        self.planned.append(fault)
        return fault

    def clear(self, number: int | None = None) -> None:
        """Forget one fault, or all that are planned."""
        self.planned = [f for f in self.planned if number is not None and f.number != number]

    def next(self, on: On, account: str | None = None) -> Fault | None:
        """Return what happens to this request, and count it."""
        for fault in self.planned:
            if fault.kind in STANDING or not fault.concerns(on, account):
                continue
            if fault.draw():
                self._settle(fault)
                return fault
        return None

    def behind_ms(self, account: str) -> int:
        """Return how old the answer to this question is, and count it."""
        for fault in self.planned:
            if fault.kind == "read_lag" and fault.concerns("query", account) and fault.draw():
                self._settle(fault)
                return fault.ms
        return 0

    def skew_ms(self, account: str | None = None) -> int:
        """Return how much the clock is ahead: for an account's requests, or for everybody."""
        found = (fault for fault in self.planned if fault.kind == "clock_skew")
        return sum(fault.ms for fault in found if fault.account in (None, account))

    @property
    def lags(self) -> bool:
        """Tell whether answers may be old, so that the past has to be kept."""
        return any(fault.kind == "read_lag" for fault in self.planned)

    def _settle(self, fault: Fault) -> None:
        if fault.is_over:
            self.planned.remove(fault)
