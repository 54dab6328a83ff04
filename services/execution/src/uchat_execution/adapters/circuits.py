"""Circuit breakers on calls to an exchange: who does not answer is left alone for a while.

closed: calls go out. open: none does, they fail at once as never sent. half_open: one goes out, and
what becomes of it decides. Only silence and the exchange's own failures (HTTP 5xx) count against
it; a refusal is an answer.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import Counter, Gauge

from uchat_execution.ports.circuits import CircuitState
from uchat_platform.health import Health
from uchat_platform.logging import get_logger

_AFTER: Final = 5
"""Failures in a row until it opens."""
_FIRST_S: Final = 1.0
_LONGEST_S: Final = 5.0
"""Of a pause: what somebody cancels waits for it too."""
_LEVEL: Final[dict[CircuitState, int]] = {"closed": 0, "half_open": 1, "open": 2}
_STATE: Final = Gauge(
    "uchat_execution_circuit", "0: closed, 1: half open, 2: open, nothing goes out", ["circuit"]
)
_OPENED: Final = Counter(
    "uchat_execution_circuit_opened_total", "How often a circuit opened", ["circuit"]
)
_log = get_logger(__name__)


@dataclass(slots=True)
class Breaker:
    """One circuit, from one event loop. `now` is a clock in seconds that never goes back."""

    name: str
    health: Health
    now: Callable[[], float] = time.monotonic
    _state: CircuitState = "closed"
    _failures: int = 0
    _pause_s: float = _FIRST_S
    _until: float = 0.0
    _probing: bool = False

    def __post_init__(self) -> None:
        """Tell that it is closed."""
        self._enter("closed")

    @property
    def state(self) -> CircuitState:
        """Return how it stands; an open one whose pause is over lets the next call try."""
        return self._state

    def lets(self) -> bool:
        """Tell whether a call may go out. Whoever may says `done` afterwards, however it ends."""
        if self._state == "closed":
            return True
        if self._state == "open" and self.now() < self._until:
            return False
        if self._probing:
            return False
        self._probing = True
        if self._state == "open":
            self._enter("half_open")
        return True

    def done(self, *, ok: bool | None) -> None:
        """Count what became of a call; None: nobody knows, it was given up."""
        probe, self._probing = self._state == "half_open", False
        if ok is None:
            return
        if ok:
            self._failures, self._pause_s = 0, _FIRST_S
            if self._state != "closed":
                self._enter("closed")
            return
        self._failures += 1
        if probe:
            self._pause_s = min(self._pause_s * 2, _LONGEST_S)
        if probe or (self._state == "closed" and self._failures >= _AFTER):
            self._until = self.now() + self._pause_s
            _OPENED.labels(self.name).inc()
            self._enter("open")

    def _enter(self, state: CircuitState) -> None:
        if state != self._state:
            _log.warning("circuit", circuit=self.name, before=self._state, now=state)
        self._state = state
        _STATE.labels(self.name).set(_LEVEL[state])
        self.health.tell(f"{self.name}_circuit", state)


@dataclass(frozen=True, slots=True)
class Circuits:
    """The circuits of one exchange: what anybody may ask it, and what is signed."""

    market: Breaker = field()
    venue: Breaker = field()

    @classmethod
    def of(cls, health: Health) -> "Circuits":
        """Make both, closed."""
        return cls(Breaker("market", health), Breaker("venue", health))

    def states(self) -> dict[str, CircuitState]:
        """Return how each stands."""
        return {each.name: each.state for each in (self.market, self.venue)}
