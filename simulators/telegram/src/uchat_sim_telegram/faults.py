"""Faults on request: rate limits, refusals, outages, lost answers."""

import asyncio
import math
import time
from dataclasses import dataclass
from typing import Any, Final

from uchat_sim_telegram.errors import ApiError

KINDS: Final = ("retry_after", "error", "outage", "lost_answer", "slow")


@dataclass(slots=True)
class Fault:
    """What goes wrong with calls of a `method` (`*`: all), so many times or so many seconds.

    retry_after: 429 for `seconds`. error: `error_code` and `description`. outage: 502. lost_answer:
    carried out, then the connection ends. slow: answered `seconds` later. `for_s` of an outage may
    be written as `seconds` too.
    """

    kind: str
    method: str
    left: float
    until: float
    seconds: float
    error_code: int
    description: str

    def to_json(self) -> dict[str, Any]:
        """Return what is left of it."""
        shown: dict[str, Any] = {"kind": self.kind, "method": self.method}
        if self.left != math.inf:
            shown["count"] = int(self.left)
        if self.until != math.inf:
            shown["for_s"] = round(self.until - time.monotonic(), 3)
        return shown


class Faults:
    """The faults that are on."""

    def __init__(self) -> None:
        self._on: list[Fault] = []

    def add(self, wish: dict[str, Any]) -> None:
        """Switch a fault on.

        Raises:
            ValueError: no such kind.
        """
        kind = str(wish.get("kind", ""))
        if kind not in KINDS:
            raise ValueError(f"Expected a kind of {', '.join(KINDS)}, found {kind!r}")
        lasting = wish.get("for_s", wish.get("seconds") if kind == "outage" else None)
        forever = kind == "outage" or lasting is not None
        self._on.append(
            Fault(
                kind=kind,
                method=str(wish.get("method", "*")).lower(),
                left=float(wish.get("count", math.inf if forever else 1)),
                until=math.inf if lasting is None else time.monotonic() + float(lasting),
                seconds=float(wish.get("seconds", 1)),
                error_code=int(wish.get("error_code", 500)),
                description=str(wish.get("description", "Internal Server Error")),
            )
        )

    def clear(self) -> None:
        """Switch all faults off."""
        self._on.clear()

    def to_json(self) -> list[dict[str, Any]]:
        """Return the faults that are on."""
        return [fault.to_json() for fault in self._live()]

    async def before(self, method: str) -> bool:
        """Apply what goes wrong before a call; returns whether its answer is to be lost.

        Raises:
            ApiError: it is refused.
        """
        lost = False
        for fault in self._live():
            if fault.method not in ("*", method.lower()):
                continue
            fault.left -= 1
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "lost_answer":
                lost = True
            else:
                raise _refusal(fault)
        return lost

    def _live(self) -> list[Fault]:
        now = time.monotonic()
        self._on = [fault for fault in self._on if fault.left > 0 and fault.until > now]
        return self._on


def _refusal(fault: Fault) -> ApiError:
    if fault.kind == "retry_after":
        seconds = max(1, math.ceil(fault.seconds))
        return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
    if fault.kind == "outage":
        return ApiError(502, "Bad Gateway")
    return ApiError(fault.error_code, fault.description)
