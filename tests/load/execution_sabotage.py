"""Negative controls of execution: one guard is switched off, and the judge must find doubles."""

from dataclasses import dataclass, field

from tests.load.exchange_nemesis import EVERY, Mishap

USUAL = (
    "kill-execution", "stop-execution", "kill-exchange", "stop-execution", "kill-nats",
    "kill-execution", "kill-postgres", "stop-execution",
)  # fmt: skip
_FLAKY = tuple(
    {"kind": kind, "on": "place", "ms": 0, "times": 3}
    for kind in ("http_429", "http_503", "accept_then_503", "drop")
)
_BLIND = (
    {"kind": "accept_then_503", "on": "place", "ms": 0, "times": 2},
    {"kind": "accept_then_drop", "on": "place", "ms": 0, "times": 2},
    {"kind": "accept_then_1007", "on": "place", "ms": 0, "times": 2},
)


@dataclass(frozen=True, slots=True)
class Control:
    """What makes the lack of a guard felt: settings, faults of processes and of the exchange.

    `lag_ms`: how old the exchange's answers to questions are. `resting`: only limit orders that
    stay in the book. `wave_s`: approvals come at once, so often. `pause_s`: between faults of
    processes, if it matters. `seconds`: how long people trade.
    """

    settings: dict[str, str] = field(default_factory=dict[str, str])
    kinds: tuple[str, ...] = USUAL
    mishaps: tuple[Mishap, ...] = EVERY
    stopped_s: float = 5.0
    lag_ms: int = 0
    resting: bool = False
    wave_s: float = 0
    pause_s: float | None = None
    seconds: float = 45


CONTROLS = {
    # Two replicas find what was left: both of them send it.
    "claim": Control(
        {"UCHAT_UNSAFE_CLAIM_OFF": "1"},
        kinds=("kill-exchange", "kill-execution"),
        mishaps=_FLAKY,
    ),
    # A worker that was stopped between claim and message wakes up after others took over.
    "signing": Control(
        {"UCHAT_UNSAFE_SIGNING_OFF": "1", "UCHAT_CLAIM_WINDOW_MS": "500"},
        kinds=("stop-execution",),
        mishaps=(),
        stopped_s=9.0,
        wave_s=1.0,
        pause_s=10.5,
        seconds=70,
    ),
    # The exchange has the order, but does not know of it yet.
    "absence": Control({"UCHAT_UNSAFE_ABSENCE_OFF": "1"}, kinds=(), mishaps=_BLIND, lag_ms=1_800),
    # It does not know of it for longer than anybody may wait for.
    "same_id": Control(
        {"UCHAT_UNSAFE_SAME_ID_OFF": "1", "UCHAT_CLAIM_WINDOW_MS": "500"},
        kinds=(),
        mishaps=_BLIND,
        lag_ms=15_000,
        resting=True,
    ),
}
