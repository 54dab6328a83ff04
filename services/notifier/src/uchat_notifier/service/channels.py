"""The channels of people, remembered for a while."""

import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from uchat_notifier.domain.rules import Channel, Telling
from uchat_notifier.ports import ChannelSource

_LIFE_S: Final = 60.0
_KEPT: Final = 20_000


class KnownChannels:
    """Asks once a minute and person at most; a changed link makes it ask again.

    A link is told in the person's own log, which another replica may follow: an answer to an
    interface that is not among the channels is reason to ask again too.
    """

    def __init__(self, source: ChannelSource, interfaces: Sequence[str]) -> None:
        self._source = source
        self._interfaces = frozenset(interfaces)
        self._known: OrderedDict[str, tuple[float, list[Channel]]] = OrderedDict()

    async def of(self, telling: Telling) -> list[Channel]:
        """Return the channels that something may be told on.

        Raises:
            UnavailableError: the sessions service is away.
        """
        if telling.interface is not None and telling.interface not in self._interfaces:
            return []
        held = self._known.get(telling.person)
        if held is None or held[0] < time.monotonic() or not _serves(held[1], telling):
            return await self._ask(telling.person)
        return held[1]

    def forget(self, person: str) -> None:
        """Ask again: a link has changed."""
        self._known.pop(person, None)

    async def _ask(self, person: str) -> list[Channel]:
        found = await self._source.channels(person)
        channels = [channel for channel in found if channel.interface in self._interfaces]
        self._known[person] = (time.monotonic() + _LIFE_S, channels)
        self._known.move_to_end(person)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return channels


def _serves(channels: Sequence[Channel], telling: Telling) -> bool:
    return telling.interface is None or any(
        channel.interface == telling.interface for channel in channels
    )
