"""Ask models in order: the next when one fails, and beside one that is slow to begin."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import Counter
from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior, UsageLimitExceeded

from uchat_ai_core.adapters.grounded import UnconfirmedError
from uchat_ai_core.adapters.models.profiles import Choice
from uchat_ai_core.domain.turn import BrainEvent, TextAdded, TextReset
from uchat_platform import logging

FAILURES: Final = (ModelAPIError, UnexpectedModelBehavior, UsageLimitExceeded, TimeoutError)
_FALLBACKS: Final = Counter("uchat_ai_fallbacks", "Turns that a model failed", ["model", "reason"])
_HEDGES: Final = Counter("uchat_ai_hedges", "Models asked because another was slow", ["model"])
_log = logging.get_logger(__name__)

Events = AsyncGenerator[BrainEvent, None]
Begin = Callable[[Choice], Events]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long models are waited for, in seconds.

    `whole`: all of them together, for one answer; `silence`: between two signs of one of them;
    `hedge`: until the next is asked too, while none has given a sign (0: never).
    """

    whole: float = 60.0
    silence: float = 20.0
    hedge: float = 4.0


class NoModelAnsweredError(Exception):
    """Each of the models failed. `unconfirmed`: one said what could not be confirmed."""

    def __init__(self, *, unconfirmed: bool) -> None:
        super().__init__("No model answered")
        self.unconfirmed = unconfirmed


@dataclass(slots=True)
class _Attempt:
    choice: Choice
    events: Events
    first: "asyncio.Task[BrainEvent]"


@dataclass(slots=True)
class Chain:
    """The models of one answer."""

    choices: Sequence[Choice]
    begin: Begin
    patience: Patience
    monotonic: Callable[[], float] = time.monotonic
    _queue: deque[Choice] = field(default_factory=deque[Choice], init=False)
    _ends_at: float = field(default=0.0, init=False)
    _unconfirmed: bool = field(default=False, init=False)

    async def events(self) -> Events:
        """Yield what the first model that answers tells; a reset first if another had spoken.

        Raises:
            NoModelAnsweredError: none did, in time.
        """
        self._queue = deque(self.choices)
        self._ends_at = self.monotonic() + self.patience.whole
        spoke = False
        while self._queue and self.monotonic() < self._ends_at:
            attempt = await self._first_to_speak()
            if attempt is None:
                break
            choice, events = attempt.choice, attempt.events
            try:
                event = attempt.first.result()
                while True:
                    spoke = (spoke or isinstance(event, TextAdded)) and not isinstance(
                        event, TextReset
                    )
                    yield event
                    event = await self._next(events)
            except StopAsyncIteration:
                choice.breaker.succeeded()
                return
            except FAILURES as e:
                self._failed(choice, e)
                if spoke:
                    spoke = False
                    yield TextReset()
            finally:
                await events.aclose()
        raise NoModelAnsweredError(unconfirmed=self._unconfirmed)

    async def _next(self, events: Events) -> BrainEvent:
        patience = min(self.patience.silence, self._ends_at - self.monotonic())
        async with asyncio.timeout(patience):
            return await anext(events)

    async def _first_to_speak(self) -> _Attempt | None:
        """Return the attempt that gave the first sign; those beside it are given up."""
        running: list[_Attempt] = []
        winner: _Attempt | None = None
        try:
            while winner is None and (running or self._queue) and self.monotonic() < self._ends_at:
                if not running and not self._start_into(running):
                    break
                waits = self.patience.hedge if self._queue and self.patience.hedge else None
                left = self._ends_at - self.monotonic()
                done, _ = await asyncio.wait(
                    [each.first for each in running],
                    timeout=left if waits is None else min(left, waits),
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if not done and self.monotonic() < self._ends_at and self._start_into(running):
                    _HEDGES.labels(running[-1].choice.model.model_name).inc()
                for each in [each for each in running if each.first in done]:
                    error = each.first.exception()
                    if error is None and winner is None:
                        winner = each
                    elif error is not None:
                        running.remove(each)
                        self._gave_up(each.choice, error)
        finally:
            await self._give_up([each for each in running if each is not winner], winner)
        return winner

    def _start_into(self, running: list[_Attempt]) -> bool:
        """Ask the next model that is worth asking; false if there is none."""
        while self._queue:
            choice = self._queue.popleft()
            if choice.breaker.allows():
                events = self.begin(choice)
                first = asyncio.create_task(self._next(events))  # owned: _first_to_speak
                running.append(_Attempt(choice, events, first))
                return True
        return False

    async def _give_up(self, attempts: Sequence[_Attempt], winner: _Attempt | None) -> None:
        for each in attempts:
            each.first.cancel()
        if attempts:
            await asyncio.wait([each.first for each in attempts])
        for each in attempts:
            await each.events.aclose()
            if winner is not None:
                # It was only slower; should the other break off it may be asked again.
                self._queue.append(each.choice)
            elif self.monotonic() >= self._ends_at:
                self._failed(each.choice, TimeoutError())

    def _gave_up(self, choice: Choice, error: BaseException) -> None:
        if not isinstance(error, FAILURES):
            raise error
        self._failed(choice, error)

    def _failed(self, choice: Choice, error: BaseException) -> None:
        name, reason = choice.model.model_name, type(error).__name__
        _FALLBACKS.labels(name, reason).inc()
        _log.warning("model_failed", model=name, reason=reason)
        if isinstance(error, UnconfirmedError):
            self._unconfirmed = True
            choice.breaker.succeeded()
        else:
            choice.breaker.failed()
