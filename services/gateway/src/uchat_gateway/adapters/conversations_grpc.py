"""The sessions service by gRPC."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from uchat_contracts.events import MessageReceived
from uchat_contracts.rpc.sessions.v1 import sessions_pb2 as pb
from uchat_gateway.ports.conversations import (
    Conversation,
    ConversationChange,
    ConversationPage,
    Heads,
    LogPage,
    LogSnapshot,
    Outcome,
)
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor, ActorSigner

if TYPE_CHECKING:
    from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsAsyncStub

_VERDICT_MARGIN_S = 2.0


@dataclass(frozen=True, slots=True)
class GrpcConversations:
    """Calls the sessions service for an actor; see `ports.conversations` for each method."""

    stub: "SessionsAsyncStub"
    signer: ActorSigner

    async def create(self, actor: Actor, *, key: str, title: str, mode: str | None) -> Conversation:
        """Create a conversation, once for each `key`."""
        request = pb.CreateConversationRequest(key=key, title=title, mode=mode or "")
        return _conversation(await self._call(self.stub.CreateConversation, request, actor))

    async def get(self, actor: Actor, session_id: str) -> Conversation:
        """Return a conversation of the actor."""
        request = pb.GetConversationRequest(session_id=session_id)
        return _conversation(await self._call(self.stub.GetConversation, request, actor))

    async def list(self, actor: Actor, *, cursor: str, limit: int) -> ConversationPage:
        """Return a page of the actor's conversations."""
        request = pb.ListConversationsRequest(cursor=cursor, limit=limit)
        response: pb.ListConversationsResponse = await self._call(
            self.stub.ListConversations, request, actor
        )
        return ConversationPage(
            [_conversation(each) for each in response.conversations], response.next or None
        )

    async def update(
        self, actor: Actor, session_id: str, change: ConversationChange
    ) -> Conversation:
        """Change a conversation."""
        request = pb.UpdateConversationRequest(
            session_id=session_id,
            title=change.title,
            mode=change.mode,
            archived=change.archived,
            pinned=change.pinned,
        )
        return _conversation(await self._call(self.stub.UpdateConversation, request, actor))

    async def erase(self, actor: Actor, session_id: str) -> None:
        """Erase a conversation for good."""
        request = pb.EraseConversationRequest(session_id=session_id)
        await self._call(self.stub.EraseConversation, request, actor)

    async def append(
        self, actor: Actor, message: MessageReceived, *, if_last_seq: int | None
    ) -> Outcome:
        """Append a message under its conditions."""
        request = pb.AppendRequest(message=message.json_bytes(), if_last_seq=if_last_seq)
        return _outcome(await self._call(self.stub.Append, request, actor))

    async def verdict(
        self, actor: Actor, log: str, client_msg_id: str, body_hash: str, *, wait_ms: int
    ) -> Outcome:
        """Return what became of a message."""
        request = pb.GetVerdictRequest(
            log=log, client_msg_id=client_msg_id, body_hash=body_hash, wait_ms=wait_ms
        )
        timeout_s = wait_ms / 1000 + _VERDICT_MARGIN_S
        return _outcome(await self._call(self.stub.GetVerdict, request, actor, timeout_s))

    async def read(
        self, actor: Actor, log: str, *, after: int, before: int | None = None, limit: int
    ) -> LogPage:
        """Return entries of a log."""
        request = pb.ReadLogRequest(log=log, after=after, before=before, limit=limit)
        response: pb.ReadLogResponse = await self._call(self.stub.ReadLog, request, actor)
        return LogPage(
            response.epoch,
            response.head,
            [orjson.loads(entry) for entry in response.entries],
            response.unanswered,
        )

    async def snapshot(self, actor: Actor, log: str) -> LogSnapshot:
        """Return the present state of a log."""
        request = pb.GetSnapshotRequest(log=log)
        response: pb.Snapshot = await self._call(self.stub.GetSnapshot, request, actor)
        return log_snapshot(response.state, response.unanswered)

    async def heads(self, logs: Sequence[str]) -> Heads:
        """Return where logs end."""
        request = pb.GetHeadsRequest(logs=logs)
        response: pb.GetHeadsResponse = await self._call(self.stub.GetHeads, request, SERVICE_ACTOR)
        return Heads(response.epoch, {head.log: head.seq for head in response.heads})

    async def _call(self, method: Any, request: Any, actor: Actor, timeout_s: float = 2.0) -> Any:
        return await rpc.call(method, request, signer=self.signer, actor=actor, timeout_s=timeout_s)


def log_snapshot(state: bytes, unanswered: int) -> LogSnapshot:
    """Return a snapshot for a `LogState` as JSON."""
    decoded: dict[str, Any] = orjson.loads(state)
    message_ids = [
        entry["data"]["message_id"] for entry in decoded["entries"] if entry["kind"] == "message"
    ]
    return LogSnapshot(
        decoded["epoch"],
        decoded["seq"],
        state,
        message_ids,
        unanswered,
        decoded.get("pending", ()),
    )


def _conversation(found: pb.Conversation) -> Conversation:
    return Conversation(
        session_id=found.session_id,
        title=found.title,
        mode=found.mode or None,
        last_seq=found.last_seq,
        epoch=found.epoch,
        updated_at=found.updated_at,
        home=found.home,
        archived=found.archived,
        pinned=found.pinned,
        unread=found.unread,
    )


def _outcome(response: pb.AppendResponse) -> Outcome:
    return Outcome(
        response.status,
        response.code or None,
        response.message_id or None,
        response.seq or None,
    )
