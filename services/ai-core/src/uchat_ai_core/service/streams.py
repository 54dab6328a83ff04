"""The running answer of a turn: its text so far, told in merged deltas."""

import asyncio
from typing import Final, Literal

from uchat_ai_core.ports import Outlet
from uchat_contracts.events import Delta, RunChanged, Running

PACE_S: Final = 0.015
"""At most one delta in this time; the first one goes at once."""

_SILENT_S: Final = 0.01
"""A run whose first text takes longer says that it has started; else its text says so."""


class RunStream:
    """Tells one run. A higher epoch starts the text anew; a closed stream tells nothing more.

    `chunk index` counts pieces of text as the brain gave them: a delta that merges three says so.
    """

    def __init__(self, outlet: Outlet, log: str, message_id: str, run_id: str, epoch: int) -> None:
        self._outlet = outlet
        self._log = log
        self.message_id = message_id
        self.run_id = run_id
        self._epoch = epoch
        self._texts: list[str] = []
        self._told = 0
        self._told_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._open = True
        self.first_delta_at: float | None = None

    @property
    def text(self) -> str:
        """Return the text so far."""
        return "".join(self._texts)

    def start(self) -> None:
        """Tell that the run has started, unless its first text or step follows at once."""
        loop = asyncio.get_running_loop()
        self._silence = loop.call_later(_SILENT_S, self._change, "started")

    def step(self, tool: str) -> None:
        """Tell that a tool is called."""
        self._break_silence()
        self._change("step", tool)

    def add(self, text: str) -> None:
        """Add text: told at once if the last delta is `PACE_S` ago, else with what comes then."""
        if not self._open:
            return
        self._texts.append(text)
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        wait_s = self._told_at + PACE_S - loop.time()
        if wait_s <= 0:
            self._flush()
        else:
            self._timer = loop.call_later(wait_s, self._flush)

    def restart(self, epoch: int) -> None:
        """Void the text so far: what follows is told under a higher epoch, from index 0."""
        self._cancel_timers()
        self._epoch = epoch
        self._texts = []
        self._told = 0
        self.start()

    def finish(self) -> None:
        """Tell the rest of the text."""
        self._cancel_timers()
        if self._told < len(self._texts):
            self._flush()

    def end(self) -> None:
        """Tell that the run is over."""
        self._change("finished")
        self.close()

    def close(self) -> None:
        """Tell nothing more: somebody else has the turn."""
        self._cancel_timers()
        self._open = False

    def running(self) -> Running:
        """Return the text as it was told so far, with the index of the next chunk."""
        return Running(
            log=self._log,
            message_id=self.message_id,
            run_id=self.run_id,
            epoch=self._epoch,
            text="".join(self._texts[: self._told]),
            next_i=self._told,
        )

    def _flush(self) -> None:
        self._timer = None
        if not self._open:
            return
        self._break_silence()
        loop = asyncio.get_running_loop()
        first, self._told = self._told, len(self._texts)
        self._told_at = loop.time()
        if self.first_delta_at is None:
            self.first_delta_at = self._told_at
        self._outlet.tell(
            self._log,
            Delta(
                log=self._log,
                message_id=self.message_id,
                run_id=self.run_id,
                epoch=self._epoch,
                i=first,
                n=self._told - first,
                text="".join(self._texts[first:]),
            ),
        )

    def _change(
        self, phase: Literal["started", "step", "finished"], step: str | None = None
    ) -> None:
        if not self._open:
            return
        self._outlet.tell(
            self._log,
            RunChanged(
                log=self._log,
                message_id=self.message_id,
                run_id=self.run_id,
                epoch=self._epoch,
                phase=phase,
                step=step,
            ),
        )

    def _break_silence(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _cancel_timers(self) -> None:
        self._break_silence()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
