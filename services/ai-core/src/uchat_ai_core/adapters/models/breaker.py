"""Leave a failing model alone for a while, so that turns do not wait for it one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_FAILURES: Final = 3
_PAUSE_S: Final = 15.0
_LONGEST_PAUSE_S: Final = 300.0


@dataclass(slots=True)
class Breaker:
    """Opens after three failures in a row; then one turn tries again after each pause.

    `monotonic` gives seconds.
    """

    monotonic: Callable[[], float]
    failures: int = 0
    open_until: float = 0.0

    def allows(self) -> bool:
        """Tell whether the model may be asked; while it is open, one probe a pause."""
        if self.failures < _FAILURES:
            return True
        now = self.monotonic()
        if now < self.open_until:
            return False
        self.open_until = now + self._pause()
        return True

    def succeeded(self) -> None:
        """The model answered."""
        self.failures = 0

    def failed(self) -> None:
        """The model failed."""
        self.failures += 1
        if self.failures >= _FAILURES:
            self.open_until = self.monotonic() + self._pause()

    def _pause(self) -> float:
        return min(_LONGEST_PAUSE_S, _PAUSE_S * 2 ** min(10, max(0, self.failures - _FAILURES)))
