"""Whether a connection lives, may live on, and behaves. Told the time, it never waits itself."""

import random
from typing import Final

from uchat_contracts.frames import AuthExpiring, Close, Ping
from uchat_gateway.doors.chat.ws.connections import LiveTimes

_MAX_STRIKES: Final = 60
_FORGIVEN_PER_S: Final = 2.0

End = tuple[int, str]


class Life:
    """Pings and pongs, the end of the token, and patience with a client that is refused a lot."""

    def __init__(self, times: LiveTimes, now: float) -> None:
        self.opened_at = self.heard_at = now
        self.ping_at = now + _jittered(times.ping)
        self._times = times
        self._pinged_at: float | None = None
        self._warned = False
        self._strikes = 0.0
        self._strikes_at = now

    def without_hello(self, now: float) -> End | None:
        """Return why to close a connection that has not said who it is."""
        if now - self.opened_at > self._times.hello:
            return Close.HELLO_TIMEOUT, "no hello"
        return None

    def token(self, expires_at: float, wall: float) -> End | AuthExpiring | None:
        """Return why to close, or a warning to send, once, before the token ends."""
        left = expires_at - wall
        if left <= 0:
            return Close.TOKEN_EXPIRED, "token expired"
        if left <= self._times.expiring and not self._warned:
            self._warned = True
            return AuthExpiring(in_ms=int(left * 1000))
        return None

    def renewed(self) -> None:
        """Take note of a new token."""
        self._warned = False

    def pulse(self, now: float, *, busy: bool) -> End | Ping | None:
        """Return why to close, or a ping to send. While we are `busy` its pongs may wait."""
        if self._pinged_at is not None:
            if self.heard_at >= self._pinged_at or busy:
                self._pinged_at = None
            elif now - self._pinged_at > self._times.pong:
                return Close.NO_PONG, "no pong"
        if self._pinged_at is None and now >= self.ping_at:
            self._pinged_at, self.ping_at = now, now + _jittered(self._times.ping)
            return Ping()
        return None

    def strike(self, now: float) -> End | None:
        """Count a refusal; return why to close after too many in a short time."""
        spent = (now - self._strikes_at) * _FORGIVEN_PER_S
        self._strikes = max(0.0, self._strikes - spent) + 1
        self._strikes_at = now
        too_many = self._strikes > _MAX_STRIKES
        return (Close.TOO_MANY, "too many refused frames") if too_many else None


def _jittered(period_s: float) -> float:
    # Spread, so that a thousand sockets opened at once are not pinged at once.
    return period_s * random.uniform(0.85, 1.15)  # noqa: S311 - no secret
