"""What happens to the connection: told to logs, metrics, readiness and whoever must act on it."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from nats import errors as nats_errors

from uchat_platform import logging
from uchat_platform.bus import metrics
from uchat_platform.health import Health

_QUIET_S: Final = 1.0
_GAP_S: Final = 0.1
# A client that tries to reconnect reports a failure every few seconds; one that does not is stuck.
_STUCK_S: Final = 20.0
_PERMISSIONS: Final = "permissions violation"

_log = logging.get_logger(__name__)

Listener = Callable[[], None]


def _nobody() -> None:
    """Do nothing."""


class Connection:
    """The callbacks of one nats-py client. `give_up` is called when it is closed for good."""

    def __init__(self, service: str, health: Health, give_up: Listener) -> None:
        self._service = service
        self._health = health
        self._give_up = give_up
        self._gap_listeners: list[Listener] = []
        self._reconnect_listeners: list[Listener] = []
        self._said: dict[str, float] = {}
        self._active = time.monotonic()
        self._watch: asyncio.TimerHandle | None = None
        self._gap_timer: asyncio.TimerHandle | None = None
        self.closing = False
        self.on_lost: Listener = _nobody
        self.on_back: Listener = _nobody
        self.on_denied: Callable[[str], None] = lambda _: None
        health.ready("nats", value=False)

    def up(self) -> None:
        """Note that the first connection stands."""
        metrics.CONNECTED.set(1)
        self._health.ready("nats", value=True)

    def add_gap_listener(self, listener: Listener) -> Listener:
        """Call `listener` whenever messages may have been missed; returns what ends that."""
        return _add(self._gap_listeners, listener)

    def add_reconnect_listener(self, listener: Listener) -> Listener:
        """Call `listener` after each reconnect; returns what ends that."""
        return _add(self._reconnect_listeners, listener)

    def gap(self) -> None:
        """Tell that messages may have been missed."""
        for listener in tuple(self._gap_listeners):
            listener()

    async def error(self, error: Exception) -> None:
        """Handle what nats-py reports, which is also what a callback of ours raised."""
        self._active = time.monotonic()
        text = str(error)
        if _PERMISSIONS in text:
            metrics.ERRORS.labels("denied").inc()
            # Otherwise a refused request only shows up as a time-out somewhere else.
            _log.error("bus_permission_denied", service=self._service, detail=text)
            self.on_denied(text)
        elif isinstance(error, nats_errors.SlowConsumerError):
            metrics.ERRORS.labels("slow_consumer").inc()
            if self._first_in_a_while("slow_consumer"):
                _log.warning("bus_slow_consumer", subject=error.subject)
            self._gap_soon()
        elif isinstance(error, nats_errors.Error | OSError | TimeoutError):
            metrics.ERRORS.labels("connection").inc()
            if not self.closing and self._first_in_a_while("connection"):
                _log.warning("bus_connection_error", kind=type(error).__name__, detail=text)
        else:
            metrics.ERRORS.labels("callback").inc()
            _log.error("bus_callback_failed", exc_info=error)

    async def disconnected(self) -> None:
        """Handle the loss of the connection."""
        self.on_lost()
        if self.closing:
            return
        metrics.CONNECTED.set(0)
        self._health.ready("nats", value=False)
        _log.warning("bus_disconnected")
        self._active = time.monotonic()
        self._look_after()

    async def reconnected(self) -> None:
        """Handle that the connection stands again and subscriptions are registered."""
        metrics.CONNECTED.set(1)
        metrics.RECONNECTS.inc()
        self._health.ready("nats", value=True)
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        _log.info("bus_reconnected")
        self.on_back()
        for listener in tuple(self._reconnect_listeners):
            listener()
        self.gap()

    async def closed(self) -> None:
        """Handle that nats-py will not try again."""
        self.on_lost()
        metrics.CONNECTED.set(0)
        self._health.ready("nats", value=False)
        if self._watch is not None:
            self._watch.cancel()
        if not self.closing:
            _log.critical("bus_closed", detail="the server ended the connection for good")
            self._give_up()

    def _gap_soon(self) -> None:
        # Drops come in bursts: one call after them, and always one after the last.
        if self._gap_timer is None:
            self._gap_timer = asyncio.get_running_loop().call_later(_GAP_S, self._gap_now)

    def _gap_now(self) -> None:
        self._gap_timer = None
        self.gap()

    def _look_after(self) -> None:
        # An error that nats-py does not expect ends its reconnecting without a word.
        if self._watch is not None:
            self._watch.cancel()
        self._watch = asyncio.get_running_loop().call_later(_STUCK_S, self._look)

    def _look(self) -> None:
        self._watch = None
        if self.closing:
            return
        if time.monotonic() - self._active < _STUCK_S:
            self._look_after()
            return
        _log.critical("bus_stuck", detail="the client has stopped reconnecting")
        self._give_up()

    def _first_in_a_while(self, kind: str) -> bool:
        now = time.monotonic()
        if now - self._said.get(kind, -_QUIET_S) < _QUIET_S:
            return False
        self._said[kind] = now
        return True


def _add(listeners: list[Listener], listener: Listener) -> Listener:
    listeners.append(listener)

    def remove() -> None:
        if listener in listeners:
            listeners.remove(listener)

    return remove
