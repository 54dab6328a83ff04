"""What tests of every service use: real servers, a clock that obeys, and waiting for conditions."""

from uchat_platform.testing.clock import FixedClock
from uchat_platform.testing.servers import NatsControl, Servers
from uchat_platform.testing.waiting import eventually

__all__ = ["FixedClock", "NatsControl", "Servers", "eventually"]
