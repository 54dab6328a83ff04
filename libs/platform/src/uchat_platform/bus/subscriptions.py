"""Core subscriptions: what is told once to whoever listens."""

from nats import errors as nats_errors
from nats.aio.subscription import Subscription

from uchat_platform import logging

_log = logging.get_logger(__name__)


class CoreSubscription:
    """A core subscription; `unsubscribe` ends it."""

    def __init__(self, subject: str, subscription: Subscription) -> None:
        self.subject = subject
        self._subscription = subscription

    async def unsubscribe(self) -> None:
        """Receive no more; does nothing on a connection that is closed or draining."""
        try:
            await self._subscription.unsubscribe()
        except nats_errors.Error as e:
            _log.debug("unsubscribe_skipped", subject=self.subject, detail=str(e))
