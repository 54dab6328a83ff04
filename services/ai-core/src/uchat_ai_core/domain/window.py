"""What ai-core keeps of a conversation: its latest messages, and which wait for an answer."""

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from pydantic import ValidationError

from uchat_ai_core.domain.stated import stated_in
from uchat_ai_core.domain.turn import Said, mode_of, spoken_of
from uchat_contracts.events import LogEntry, MessageData

MESSAGES: Final = 200
_OVERHEAD: Final = 1500
"""Bytes of a message beside its text, once all that is ever read in it has been."""

_RECENT: Final = 32


class Window:
    """The latest messages of one conversation, a fold over its entries in order.

    `size` estimates its bytes. `mode` is the conversation's own choice of mode, if it has one.
    `most`: how many messages it holds.
    """

    __slots__ = ("_most", "epoch", "last", "log", "messages", "mode", "size", "waiting")

    def __init__(
        self, log: str, epoch: str, last: int, mode: str | None, *, most: int = MESSAGES
    ) -> None:
        self._most = most
        self.log = log
        self.epoch = epoch
        self.last = last
        self.mode = mode
        self.messages: deque[Said] = deque()
        self.waiting: OrderedDict[str, int] = OrderedDict()
        self.size = _OVERHEAD

    def fill(self, entries: Iterable[LogEntry], waiting: Iterable[tuple[str, int]]) -> None:
        """Start from what the sessions service knows; `waiting` are message ids and seqs."""
        for entry in entries:
            said = said_in(entry, {})
            if said is not None:
                self._keep(said)
        self.waiting = OrderedDict(waiting)

    def apply(self, entry: LogEntry, headers: Mapping[str, str]) -> Said | None:
        """Take the next entry; return it if it is a person's message, which wants an answer."""
        self.last = entry.seq
        if entry.kind in ("session.created", "session.updated"):
            mode = entry.data.get("mode")
            self.mode = mode if isinstance(mode, str) else None
            return None
        said = said_in(entry, headers)
        if said is None:
            return None
        self.settle(said)
        return said if said.role == "user" else None

    def settle(self, said: Said) -> None:
        """Add a message, or replace the foretaste of it that has the same id."""
        if said.role == "user":
            self.waiting[said.message_id] = said.seq
        elif said.answers is not None:
            self.waiting.pop(said.answers, None)
        for index, held in enumerate(islice(reversed(self.messages), _RECENT), 1):
            if held.message_id == said.message_id:
                if held.seq <= said.seq:
                    self.size += len(said.text) - len(held.text)
                    self.messages[-index] = said
                return
        self._keep(said)

    def oldest_waiting(self, after: int) -> tuple[str, int] | None:
        """Return id and seq of the oldest message that waits, with a seq above `after`."""
        return next(((mid, seq) for mid, seq in self.waiting.items() if seq > after), None)

    def message(self, message_id: str) -> Said | None:
        """Return a message of the window."""
        # From the end: what is to be answered came last.
        latest = reversed(self.messages)
        return next((said for said in latest if said.message_id == message_id), None)

    def before(self, message: Said) -> tuple[Said, ...]:
        """Return what stood before a message: earlier messages, and answers to them."""
        earlier = {said.message_id for said in self.messages if said.seq < message.seq}
        return tuple(
            said
            for said in self.messages
            if said.seq < message.seq or (said.answers is not None and said.answers in earlier)
        )

    def mode_for(self, message: Said) -> str:
        """Return the mode in which to answer a message."""
        return mode_of(message.mode, self.mode, message.interface)

    def _keep(self, said: Said) -> None:
        self.messages.append(said)
        self.size += _OVERHEAD + len(said.text)
        while len(self.messages) > self._most:
            gone = self.messages.popleft()
            self.size -= _OVERHEAD + len(gone.text)


def said_in(entry: LogEntry, headers: Mapping[str, str]) -> Said | None:
    """Return the message that an entry holds, if it holds one."""
    if entry.kind != "message":
        return None
    try:
        data = MessageData.model_validate(entry.data)
    except ValidationError:
        return None  # a newer writer's shape, or damage: the rest of the conversation goes on
    return Said(
        message_id=data.message_id,
        seq=entry.seq,
        role=data.role,
        text=spoken_of(data.parts),
        interface=data.origin.interface,
        at=entry.ts,
        mode=data.mode,
        policy=data.policy,
        answers=data.answers,
        user_id=data.user_id,
        headers=tuple(headers.items()),
        stated=stated_in(data.sources or (), entry.ts, data.asked_via or data.origin.interface),
    )
