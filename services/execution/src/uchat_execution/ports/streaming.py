"""What a venue tells by itself, without being asked."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from uchat_execution.domain.orders import VenueEvent


class UserStream(Protocol):
    """The events of an account's orders. A hint that saves a question, never the only source."""

    def events(self, account: str) -> AbstractAsyncContextManager[AsyncIterator[VenueEvent]]:
        """Follow an account: what happens after entering is told, in order, perhaps twice.

        Whatever happened before has to be asked for.

        Raises:
            UnavailableError: at entering or later, the venue is away or has ended the stream.
        """
        ...
