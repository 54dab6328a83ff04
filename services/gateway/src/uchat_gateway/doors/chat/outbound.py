"""What waits to be sent to one client. Pure: it is told the time and never waits itself."""

from collections import deque
from dataclasses import dataclass, field

from uchat_gateway.service.live.frames import Chunk, Frame, Hint, merged


@dataclass(frozen=True, slots=True)
class Limits:
    """When a client counts as slow, in bytes and seconds."""

    high_water: int = 256 * 1024
    limit: int = 1024 * 1024
    max_age_s: float = 10.0


@dataclass(slots=True)
class _Item:
    since: float
    size: int
    frame: Frame
    bulk: bool
    # Further chunks that follow `frame`; encoded together only when their turn comes.
    more: list[Chunk] = field(default_factory=list[Chunk])


class Outbound:
    """A bounded queue in which durable frames keep their place, deltas merge and hints may go.

    Above `high_water` unsent bytes adjacent deltas of one answer merge and hints are dropped. Above
    `limit`, or when the oldest frame is older than `max_age_s`, the client is too slow: its socket
    is to be closed, which loses nothing, because the log is durable. Bulk frames (a replay, which
    its producer paces by `has_room`) do not count towards the limit.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._items: deque[_Item] = deque()
        self._flying: _Item | None = None
        self._live = 0
        self._bulk = 0
        self._shedding = False

    def __len__(self) -> int:
        return len(self._items)

    @property
    def unsent(self) -> int:
        """Return how many bytes wait or are being sent."""
        return self._live + self._bulk

    @property
    def has_room(self) -> bool:
        """Tell whether a replay may go on."""
        return self.unsent < self._limits.high_water

    def too_slow(self, now: float) -> bool:
        """Tell whether the client has too much to catch up with, or has stood still too long."""
        if self._live > self._limits.limit:
            return True
        oldest = self._flying or (self._items[0] if self._items else None)
        return oldest is not None and now - oldest.since > self._limits.max_age_s

    def offer(self, frame: Frame, now: float, *, bulk: bool = False) -> None:
        """Add a frame behind all others."""
        if self._shedding and isinstance(frame, Hint):
            return
        if not (self._shedding and isinstance(frame, Chunk) and self._merge(frame)):
            self._items.append(_Item(now, frame.size, frame, bulk))
        self._count(frame.size, bulk=bulk)
        if not self._shedding and self._live > self._limits.high_water:
            self._shedding = True
            self._shed()

    def take(self) -> Frame | None:
        """Return the next frame to send; it counts as unsent until `sent`."""
        if not self._items:
            return None
        item = self._items.popleft()
        self._flying = item
        if item.more and isinstance(item.frame, Chunk):
            return merged([item.frame, *item.more])
        return item.frame

    def sent(self) -> None:
        """Record that the frame taken last has left."""
        if self._flying is not None:
            self._count(-self._flying.size, bulk=self._flying.bulk)
            self._flying = None
        if self._shedding and self._live <= self._limits.high_water // 2:
            self._shedding = False

    def _merge(self, chunk: Chunk) -> bool:
        if not self._items:
            return False
        return _join(self._items[-1], chunk)

    def _shed(self) -> None:
        kept: deque[_Item] = deque()
        for item in self._items:
            if isinstance(item.frame, Hint):
                self._count(-item.size, bulk=item.bulk)
            elif not (kept and isinstance(item.frame, Chunk) and _join(kept[-1], item.frame)):
                kept.append(item)
        self._items = kept

    def _count(self, size: int, *, bulk: bool) -> None:
        if bulk:
            self._bulk += size
        else:
            self._live += size


def _join(item: _Item, chunk: Chunk) -> bool:
    last = item.more[-1] if item.more else item.frame
    if not isinstance(last, Chunk) or not chunk.continues(last):
        return False
    item.more.append(chunk)
    item.size += chunk.size
    return True
