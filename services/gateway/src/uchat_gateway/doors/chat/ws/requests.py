"""What a signed-in client asks for: to follow logs, to send, and to fill its gaps."""

from collections.abc import Sequence
from typing import Any, Protocol

import orjson

from uchat_contracts import ids
from uchat_contracts.frames import (
    Ack,
    Close,
    Decide,
    ErrorFrame,
    Fill,
    LiveFrom,
    Send,
    Snap,
    SnapFrame,
    Stop,
    Sub,
    Subscription,
    Unsub,
)
from uchat_contracts.model import Model
from uchat_gateway.doors.chat.outbound import Limits
from uchat_gateway.doors.chat.pump import Pump
from uchat_gateway.doors.chat.ws.deciding import Deciding
from uchat_gateway.doors.chat.ws.sending import Sending
from uchat_gateway.doors.chat.ws.services import LiveServices
from uchat_gateway.service.live.follower import REPLAY_LIMIT, Follower, Past, Sink
from uchat_gateway.service.live.frames import Control, Durable, control
from uchat_gateway.service.pending import OpenCards
from uchat_platform.auth import Actor
from uchat_platform.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    UchatError,
)

_MAX_LOGS = 64


class Client(Sink, Protocol):
    """The connection that requests come from."""

    pump: Pump

    def close(self, code: int, reason: str = "", /) -> None:
        """Begin to close."""
        ...

    def complain(self, name: str | None, error: UchatError) -> None:
        """Send an error frame."""
        ...


def sub_ok(past: Past, pending: Sequence[Any]) -> Control:
    """Encode where a log is followed from, and which cards are open in it.

    A snapshot's state is put in as it came.
    """
    frame: dict[str, Any] = {
        "t": "sub_ok",
        "log": past.log,
        "epoch": past.epoch,
        "from": past.after + 1,
        "to": past.seq,
        "mode": past.mode,
        "live": [each.model_dump() for each in past.live],
        "pending": pending,
        "presence": [],
        "read": {},
    }
    if past.state is not None:
        frame["state"] = orjson.Fragment(past.state)
    return control(orjson.dumps(frame))


class Requests:
    """Serves the frames of one client, one after the other."""

    def __init__(
        self, services: LiveServices, client: Client, actor: Actor, device: str | None
    ) -> None:
        self.actor = actor
        self.sending = Sending(services.messages, device)
        self._hub = services.hub
        self._messages = services.messages
        self._open = OpenCards(services.decisions, actor)
        self._runs = services.runs
        self._deciding = Deciding(services.answers, client, services.hub.spawn)
        self._client = client
        self._followers: dict[str, Follower] = {}

    async def begin(self, path_log: str | None, wanted: Sequence[Subscription]) -> None:
        """Follow the path's log, the wanted ones, and the person's own."""
        if path_log is not None and not ids.is_log_id(path_log):
            self._client.close(Close.NO_SUCH_SESSION, "no such session")
            return
        cursors = {each.log: each for each in wanted}
        logs = [path_log] if path_log else []
        logs += [*cursors, self.actor.person_id]
        for log in dict.fromkeys(logs):
            cursor = cursors.get(log)
            epoch, seq = (cursor.epoch, cursor.seq) if cursor else (None, None)
            try:
                await self._join(log, epoch, seq)
            except NotFoundError as e:
                if log == path_log:
                    self._client.close(Close.NO_SUCH_SESSION, "no such session")
                    return
                self._client.complain(log, e)
            except UchatError as e:
                # A client that follows less than it thinks would wait for ever.
                self._client.complain(log, e)
                self._client.close(Close.SERVER, e.code)
                return

    async def serve(self, frame: Model) -> bool:
        """Serve one frame; tells whether it was refused for coming too often."""
        try:
            match frame:
                case Send():
                    followed = frame.log in self._followers
                    tell = self._client.pump.say
                    await self.sending.send(self.actor, frame, tell, followed=followed)
                case Decide():
                    await self._deciding.decide(self.actor, frame)
                case Stop():
                    await self._runs.stop(self.actor, frame.log, frame.run_id)
                case Sub():
                    await self._sub(frame)
                case Unsub():
                    self.unfollow(frame.log)
                case Fill():
                    await self._fill(frame)
                case Snap():
                    await self._snap(frame)
                case _:
                    pass
        except UchatError as e:
            self.refuse(frame, e)
            return isinstance(e, RateLimitedError)
        return False

    def refuse(self, frame: Model, error: UchatError) -> None:
        """Tell the client that a frame was not served."""
        if isinstance(frame, Decide):
            self._deciding.refuse(frame, error)
            return
        if not isinstance(frame, Send):
            self._client.complain(getattr(frame, "log", None), error)
            return
        self.sending.forget(frame.log, frame.client_msg_id)
        if error.retryable:
            self._client.complain(frame.client_msg_id, error)
        else:
            after = error.retry_after_s
            ack = Ack(
                re=frame.client_msg_id,
                status="rejected",
                code=error.code,
                retry_after_ms=None if after is None else int(after * 1000),
            )
            self._client.pump.say(ack)

    def notice(self, entry: Durable) -> None:
        """Take note of an entry that is on its way to the client."""
        if entry.kind == "message":
            self.sending.answered(entry)
        elif entry.kind == "session.deleted" and entry.log == self.actor.person_id:
            log = entry.data.get("session_id")
            if isinstance(log, str) and log in self._followers:
                self._client.lost(log, "not_found")

    def unfollow(self, log: str) -> None:
        """Follow a log no longer."""
        follower = self._followers.pop(log, None)
        if follower is not None:
            self._hub.leave(follower)

    def leave_all(self) -> None:
        """Follow nothing any longer."""
        for log in tuple(self._followers):
            self.unfollow(log)

    async def _sub(self, frame: Sub) -> None:
        if frame.log not in self._followers and len(self._followers) >= _MAX_LOGS:
            raise ConflictError(f"At most {_MAX_LOGS} logs at once", code="too_many_subscriptions")
        await self._join(frame.log, frame.epoch, frame.seq)

    async def _join(self, log: str, epoch: str | None, seq: int | None) -> None:
        self.unfollow(log)
        follower = await self._hub.follow(self.actor, log, self._client)
        self._followers[log] = follower
        try:
            past = await self._hub.past(self.actor, follower, epoch=epoch, after=seq)
        except UchatError:
            self.unfollow(log)
            raise
        if log != self.actor.person_id:
            self._messages.knows(self.actor.person_id, log)
        pump = self._client.pump
        pump.offer(sub_ok(past, await self._open.of(past)), bulk=True)
        for entry in past.entries:
            await pump.room()
            if follower.held_size > Limits().limit:
                self._client.close(Close.SLOW, "too slow")
                return
            pump.offer(entry, bulk=True)
        pump.say(LiveFrom(log=log, seq=past.seq))
        if self._followers.get(log) is follower:
            follower.go(past.seq)
            self._hub.went_live(log)

    async def _fill(self, frame: Fill) -> None:
        if frame.to <= frame.after:
            raise InvalidInputError("Expected `to` above `after`", code="invalid_frame")
        if frame.to - frame.after > REPLAY_LIMIT:
            await self._join(frame.log, None, None)
            return
        for entry in await self._hub.entries(self.actor, frame.log, after=frame.after, to=frame.to):
            await self._client.pump.room()
            self._client.pump.offer(entry, bulk=True)

    async def _snap(self, frame: Snap) -> None:
        logs = [frame.log] if frame.log is not None else list(self._followers)
        for log in logs:
            if log not in self._followers:
                continue
            running = await self._hub.running_answer(log)
            if running is not None and running.message_id == frame.message_id:
                self._client.pump.say(SnapFrame(log=log, **running.model_dump()))
                return
        self._client.pump.say(ErrorFrame(re=frame.message_id, code="not_running", retryable=False))
