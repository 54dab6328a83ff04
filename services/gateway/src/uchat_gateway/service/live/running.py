"""The answer that is being written in one conversation, put together from its deltas. No I/O."""

from collections import OrderedDict
from dataclasses import dataclass, field

from uchat_contracts.events import Delta, RunChanged, Running
from uchat_contracts.frames import LiveRun
from uchat_gateway.service.live.frames import Chunk, Frame, chunk, chunk_of, run_hint

_REMEMBERED = 128
_PARKED = 512


@dataclass(slots=True)
class _Run:
    message_id: str
    run_id: str
    epoch: int
    replaces: bool
    whole: bool = True
    next_i: int = 0
    texts: list[str] = field(default_factory=list[str])
    parked: list[Delta] = field(default_factory=list[Delta])

    @property
    def text(self) -> str:
        if len(self.texts) > 1:
            self.texts = ["".join(self.texts)]
        return self.texts[0] if self.texts else ""


class RunningAnswer:
    """Follows the deltas of one log and says what its readers are to be sent.

    A higher lease epoch starts the answer anew (`reset`), a lower one is dropped. If the beginning
    or a delta was missed, `broken` asks for a repair from whoever writes the answer.
    """

    def __init__(self) -> None:
        self._run: _Run | None = None
        self._finished: OrderedDict[str, None] = OrderedDict()

    @property
    def broken(self) -> bool:
        """Tell whether some text is missing."""
        return self._run is not None and not self._run.whole

    @property
    def known(self) -> bool:
        """Tell whether an answer is running whose text so far is complete."""
        return self._run is not None and self._run.whole

    def so_far(self) -> LiveRun | None:
        """Return the running answer for who joins now."""
        run = self._run
        if run is None or not run.whole:
            return None
        return LiveRun(
            message_id=run.message_id, run_id=run.run_id, text=run.text, next_i=run.next_i
        )

    def on_delta(self, delta: Delta) -> Chunk | None:
        """Take text from the bus; returns what to send on, if anything."""
        run = self._current(delta.message_id, delta.run_id, delta.epoch)
        if run is None or delta.i < run.next_i:
            return None
        if not run.whole or delta.i > run.next_i:
            run.whole = False
            if len(run.parked) < _PARKED:
                run.parked.append(delta)
            return None
        run.next_i += delta.n
        run.texts.append(delta.text)
        reset, run.replaces = run.replaces, False
        return chunk_of(delta, reset=reset)

    def on_run(self, change: RunChanged) -> Frame | None:
        """Take a run's change; returns what to send on, if anything."""
        run = self._current(change.message_id, change.run_id, change.epoch)
        return None if run is None else run_hint(change)

    def on_repair(self, answer: Running) -> Chunk | None:
        """Take the whole text so far; returns it as one delta that resets, if it is news."""
        run = self._current(answer.message_id, answer.run_id, answer.epoch)
        if run is None or (run.whole and run.next_i >= answer.next_i):
            return None
        run.next_i, run.texts, run.whole, run.replaces = answer.next_i, [answer.text], True, False
        parked, run.parked = run.parked, []
        for delta in parked:
            self.on_delta(delta)
        return chunk(
            answer.log, run.message_id, run.run_id, i=0, n=run.next_i, text=run.text, reset=True
        )

    def on_unknown(self) -> None:
        """Forget a broken answer that nobody could repair; its durable message will come."""
        if self.broken:
            self._run = None

    def finish(self, message_id: str) -> None:
        """Take note that an answer is in the log: later deltas of it are late."""
        self._finished[message_id] = None
        if len(self._finished) > _REMEMBERED:
            self._finished.popitem(last=False)
        if self._run is not None and self._run.message_id == message_id:
            self._run = None

    def _current(self, message_id: str, run_id: str, epoch: int) -> _Run | None:
        if message_id in self._finished:
            return None
        run = self._run
        if run is not None and epoch < run.epoch:
            return None
        if run is None or epoch > run.epoch or message_id != run.message_id:
            replaces = run is not None and run.message_id == message_id
            run = self._run = _Run(message_id, run_id, epoch, replaces)
        return run
