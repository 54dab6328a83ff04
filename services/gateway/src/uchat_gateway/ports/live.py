"""The bus as the live fan-out and the senders need it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from uchat_platform.bus import CoreMessage, PubAck


class LiveSubscription(Protocol):
    """A subscription that can be ended."""

    async def unsubscribe(self) -> None:
        """Stop it."""
        ...


class LiveBus(Protocol):
    """What `uchat_platform.bus.Bus` offers; see there for how each method behaves and fails."""

    async def publish(
        self,
        subject: str,
        payload: bytes,
        *,
        stream: str,
        msg_id: str,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 5.0,
    ) -> PubAck:
        """Store a message in a stream."""
        ...

    async def publish_core(self, subject: str, payload: bytes) -> None:
        """Tell a message once; it may be lost."""
        ...

    async def subscribe(
        self, subject: str, callback: Callable[[CoreMessage], Awaitable[None] | None]
    ) -> LiveSubscription:
        """Call back for each message on a subject."""
        ...

    async def request(self, subject: str, payload: bytes, *, timeout_s: float) -> bytes | None:
        """Ask, and return the first answer or None."""
        ...

    async def flush(self, timeout_s: float = 2.0) -> None:
        """Return when the server knows all subscriptions made so far."""
        ...

    def on_gap(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Be told when messages may have been lost."""
        ...
