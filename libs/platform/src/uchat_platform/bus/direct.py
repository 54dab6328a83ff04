"""nats-py without its queue and its task between the socket and who listens.

They cost more than the message itself where listening is only enqueueing, as with everything that
is heard here on every message: acknowledgements, partitions, live copies.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nats.aio.client import Client
from nats.aio.subscription import Subscription

if TYPE_CHECKING:
    import asyncio

_VERSION: Final = len("NATS/1.0")


class Headers(Mapping[str, str]):
    """A message's headers, read when somebody asks for one; most are never asked for.

    The server's own status is under `Status` and `Description`, as nats-py has it.
    """

    __slots__ = ("_raw", "_read")

    def __init__(self, raw: bytes | None) -> None:
        self._raw = raw
        self._read: dict[str, str] | None = None

    def _all(self) -> dict[str, str]:
        if self._read is None:
            self._read = _parsed(self._raw) if self._raw else {}
        return self._read

    def __getitem__(self, name: str) -> str:
        return self._all()[name]

    def __contains__(self, name: object) -> bool:
        return name in self._all()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


def _parsed(raw: bytes) -> dict[str, str]:
    line, *lines = raw.decode("utf-8", "replace").split("\r\n")
    found: dict[str, str] = {}
    status, _, description = line[_VERSION:].strip().partition(" ")
    if status:
        found["Status"] = status
    if description:
        found["Description"] = description
    for each in lines:
        name, colon, value = each.partition(":")
        if colon:
            found[name.strip()] = value.strip()
    return found


@dataclass(slots=True)
class Told:
    """A message as it came, named as nats-py names its parts."""

    subject: str
    reply: str
    data: bytes
    headers: Mapping[str, str]


Take = Callable[[Told], None]


class DirectClient(Client):
    """Hands messages over in the moment in which they are read, to who takes them so."""

    def __init__(self) -> None:
        super().__init__()
        self._takers: dict[int, Take] = {}

    async def listen(self, subject: str, take: Take) -> Subscription:
        """Subscribe; `take` must not wait, and must be quick: everything else waits for it."""
        subscription: Subscription = await self.subscribe(subject)  # pyright: ignore[reportUnknownMemberType] - a bare Future upstream
        self._takers[subscription._id] = take  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - upstream names it nowhere else
        # What came while the subscription was made.
        waiting = subscription._pending_queue  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        while not waiting.empty():
            early = waiting.get_nowait()
            waiting.task_done()
            take(Told(early.subject, early.reply, early.data, early.headers or {}))
        return subscription

    async def _send_ping(self, future: "asyncio.Future[bool] | None" = None) -> None:
        # Upstream's goes to the socket past everything that waits for its turn, subscriptions
        # included: the answer to it would tell nothing of them.
        if self._transport is not None and self._pending:
            waiting, self._pending, self._pending_data_size = self._pending, [], 0
            self._transport.writelines(waiting)
        await super()._send_ping(future)  # pyright: ignore[reportUnknownMemberType] - a bare Future upstream

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> None:
        take = self._takers.get(sid)
        if take is None:
            await super()._process_msg(sid, subject, reply, data, headers)
            return
        self.stats["in_msgs"] += 1
        self.stats["in_bytes"] += len(data)
        try:
            take(Told(subject.decode(), reply.decode(), data, Headers(headers)))
        except Exception as e:  # noqa: BLE001 - the edge of the bus: reported, and the others go on
            await self._error_cb(e)

    def _remove_sub(self, sid: int, max_msgs: int = 0) -> None:
        self._takers.pop(sid, None)
        super()._remove_sub(sid, max_msgs)
