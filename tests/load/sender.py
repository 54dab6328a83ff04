"""One sender of a load run: numbered messages by WebSocket and by REST, resent until acked."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from tests.support.api import Api
from tests.support.ledger import Ledger, Sent
from tests.support.live import ClosedError, Socket
from tests.support.view import Entry, Frame, LogView

ACK_TIMEOUT_S = 10.0
RETRY_S = (0.1, 1.0)
REPEATED = 0.01
REST_EVERY = 4
REPEAT_AFTER_S = (0.0, 1.5)
TRANSIENT = {429, 500, 502, 503, 504}
OUTAGES = (aiohttp.ClientError, OSError, TimeoutError, ClosedError)


@dataclass(slots=True)
class Sender:
    """Keeps at most `window` messages unanswered; resends with the same id until acked.

    Every fourth message goes by REST. One in a hundred is sent once more after its ack, by the
    other way. With `by_socket_only` neither is done.
    """

    api: Api
    name: str
    log: str
    window: int
    chance: random.Random
    by_socket_only: bool = False
    on_answer: Callable[[Sent], None] = lambda _: None
    ledger: Ledger = field(init=False)
    view: LogView = field(init=False)
    socket: Socket = field(init=False)
    stopping: bool = False
    _free: asyncio.Semaphore = field(init=False)
    _settled: dict[str, asyncio.Event] = field(default_factory=dict)
    _by_message: dict[str, Sent] = field(default_factory=dict)
    _answered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the parts that need the others."""
        self.ledger = Ledger(self.name, self.log)
        self.view = LogView(self.log, keep_entries=False, on_entry=self._on_entry)
        self.socket = Socket(
            self.api.http, self.api.base, self.api.token, {self.log: self.view}, self.name
        )
        self.socket.on_frame = self._on_frame
        self._free = asyncio.Semaphore(self.window)

    async def follow(self) -> None:
        """Stay connected and resume after every loss, until cancelled."""
        while True:
            try:
                self.socket.token = self.api.token
                await self.socket.connect()
                await self.socket.wait_closed(timeout_s=3600)
            except OUTAGES:
                pass
            self.ledger.reconnects += 1
            await self.socket.close()
            await asyncio.sleep(self.chance.uniform(0.1, 0.6))

    async def run(self, messages: int) -> None:
        """Send all messages and return once each is answered."""
        async with asyncio.TaskGroup() as tasks:
            for n in range(messages):
                await self._free.acquire()
                if self.stopping:
                    break
                tasks.create_task(self._deliver(n))

    async def _deliver(self, n: int) -> None:
        cid, text = f"{self.name}-{n}", f"message {n} of {self.name}"
        sent = self.ledger.sent[cid] = Sent(cid, text, time.monotonic())
        settled = self._settled[cid] = asyncio.Event()
        by_socket = self.by_socket_only or n % REST_EVERY != 0
        while not settled.is_set():
            if await self._attempt(sent, by_socket):
                try:
                    await asyncio.wait_for(settled.wait(), ACK_TIMEOUT_S)
                    break
                except TimeoutError:
                    pass
            if settled.is_set():
                break
            await asyncio.sleep(self.chance.uniform(*RETRY_S))
            by_socket = self.by_socket_only or not by_socket
            sent.attempts += 1
        if sent.rejected is None and not self.by_socket_only and self.chance.random() < REPEATED:
            sent.repeated = True
            await asyncio.sleep(self.chance.uniform(*REPEAT_AFTER_S))
            await self._attempt(sent, not by_socket)
        del self._settled[cid]

    async def _attempt(self, sent: Sent, by_socket: bool) -> bool:
        try:
            if by_socket:
                await self.socket.say(self.log, sent.cid, sent.text)
                return True
            answer = await self.api.post(self.log, sent.text, sent.cid)
        except OUTAGES:
            return False
        if answer.status in TRANSIENT:
            return False
        if answer.status in (200, 202):
            self._acked(sent)
        else:
            sent.rejected = f"{answer.status} {answer.code}"
        self._settle(sent.cid)
        return True

    def _acked(self, sent: Sent) -> None:
        if sent.acked_at is None:
            sent.acked_at = time.monotonic()

    def _settle(self, cid: str) -> None:
        if (settled := self._settled.get(cid)) is not None:
            settled.set()

    def _on_frame(self, frame: Frame) -> None:
        if frame["t"] != "ack" or (sent := self.ledger.sent.get(frame["re"])) is None:
            return
        if frame["status"] == "rejected":
            sent.rejected = frame.get("code") or "rejected"
        else:
            self._acked(sent)
            sent.told_duplicate |= frame["status"] == "duplicate"
        self._settle(sent.cid)

    def _on_entry(self, entry: Entry, in_snapshot: bool) -> None:
        data = entry.data
        if not in_snapshot:
            self.ledger.applied.append((entry.seq, data.get("message_id") or entry.kind))
        if entry.kind != "message":
            return
        if data["role"] == "user":
            self._echoed(data["client_msg_id"], data["message_id"])
        elif (sent := self._by_message.get(data["answers"])) and sent.cid not in self._answered:
            self._answered.add(sent.cid)
            sent.answered_at = time.monotonic()
            self._free.release()
            self.on_answer(sent)

    def _echoed(self, cid: str, message_id: str) -> None:
        if (sent := self.ledger.sent.get(cid)) is None:
            return
        self._acked(sent)
        sent.seen_at = sent.seen_at or time.monotonic()
        self._by_message[message_id] = sent
        self._settle(cid)

    def evidence(self) -> Ledger:
        """Return the ledger, with what the view counted."""
        self.ledger.snapshots = list(self.view.snapshots)
        self.ledger.disordered = list(self.view.disordered)
        self.ledger.fills = self.view.fills
        return self.ledger
