"""What the bus counts."""

from typing import Final

from prometheus_client import Counter, Gauge

PUBLISHED: Final = Counter("uchat_bus_published", "Messages that JetStream stored", ["stream"])
RETRIED: Final = Counter("uchat_bus_publish_retries", "Publishes that were sent again", ["stream"])
FAILED: Final = Counter("uchat_bus_publish_failures", "Publishes that were given up", ["code"])
DROPPED: Final = Counter("uchat_bus_core_dropped", "Core messages dropped while disconnected")
ERRORS: Final = Counter("uchat_bus_errors", "Errors that the connection reported", ["kind"])
RECONNECTS: Final = Counter("uchat_bus_reconnects", "Connections made again after a loss")
CONNECTED: Final = Gauge("uchat_bus_connected", "1 while the connection is up")
RECEIVED: Final = Counter("uchat_bus_received", "Messages that readers handed out", ["stream"])
RESTARTED: Final = Counter(
    "uchat_bus_reader_restarts", "Ordered consumers made again", ["stream", "reason"]
)
DEAD: Final = Counter("uchat_bus_dead_letters", "Messages put aside for good", ["code"])
