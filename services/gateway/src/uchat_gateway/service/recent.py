"""Which client ids this process has seen lately."""

import hashlib
from collections import OrderedDict

_KEPT = 100_000


class RecentMessages:
    """Remembers ids of messages, so that the log is asked about a repeated one at once.

    It need not know everything: the stream's own dedupe finds the same message sent by way of
    another gateway, and the verdict on the live subject tells the rest.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._kept = kept

    def first_time(self, message_id: str) -> bool:
        """Take note of a message; tells whether it is new here."""
        key = _digest(message_id)
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > self._kept:
            self._seen.popitem(last=False)
        return True

    def forget(self, message_id: str) -> None:
        """Forget a message that could not be sent."""
        self._seen.pop(_digest(message_id), None)


def _digest(message_id: str) -> bytes:
    return hashlib.blake2b(message_id.encode(), digest_size=16).digest()
