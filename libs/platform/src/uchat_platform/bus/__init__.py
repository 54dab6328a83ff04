"""The bus: one connection, acknowledged publishes, ordered readers, and the guard of every log.

FastStream's part is `uchat_platform.bus.broker`, imported only by who uses it.
"""

import uchat_platform.bus.lean  # noqa: F401 - first: it decides what nats-py brings along
from uchat_platform.bus.client import Bus
from uchat_platform.bus.guard import LogGuard, Numbered
from uchat_platform.bus.messages import (
    BusDeniedError,
    BusRefusedError,
    CoreMessage,
    PubAck,
    Received,
    StreamIdentity,
    StreamRecreatedError,
)
from uchat_platform.bus.permissions import SERVICES, Permissions, permissions
from uchat_platform.bus.reader import PartitionReader
from uchat_platform.bus.subscriptions import CoreSubscription

__all__ = [
    "SERVICES",
    "Bus",
    "BusDeniedError",
    "BusRefusedError",
    "CoreMessage",
    "CoreSubscription",
    "LogGuard",
    "Numbered",
    "PartitionReader",
    "Permissions",
    "PubAck",
    "Received",
    "StreamIdentity",
    "StreamRecreatedError",
    "permissions",
]
