"""The logs by gRPC from the sessions service."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uchat_ai_core.domain.window import MESSAGES
from uchat_ai_core.ports import Context, Waiting
from uchat_contracts.events import LogEntry
from uchat_contracts.rpc.sessions.v1 import sessions_pb2 as pb
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor, ActorSigner

if TYPE_CHECKING:
    from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsAsyncStub

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class GrpcConversations:
    """Asks on ai-core's own behalf, for conversations of whoever."""

    stub: "SessionsAsyncStub"
    signer: ActorSigner

    async def context(self, log: str) -> Context:
        """Return the latest entries of a conversation."""
        answer = await rpc.call(
            self.stub.GetContext,
            pb.GetContextRequest(log=log, limit=MESSAGES),
            signer=self.signer,
            actor=SERVICE_ACTOR,
        )
        return Context(
            epoch=answer.epoch,
            head=answer.head,
            entries=[LogEntry.model_validate_json(entry) for entry in answer.entries],
            waiting=[_waiting(each) for each in answer.unanswered],
            mode=answer.mode or None,
        )

    async def entries(self, log: str, after: int, to: int) -> Sequence[LogEntry]:
        """Return entries with after < seq <= to, ascending; a page of them at most."""
        request = pb.ReadLogRequest(log=log, after=after, limit=min(_PAGE, max(1, to - after)))
        answer = await rpc.call(self.stub.ReadLog, request, signer=self.signer, actor=SERVICE_ACTOR)
        entries = [LogEntry.model_validate_json(entry) for entry in answer.entries]
        return [entry for entry in entries if entry.seq <= to]

    async def waiting(self, older_than_ms: int, limit: int) -> Sequence[Waiting]:
        """Return messages that wait for an answer, oldest first."""
        answer = await rpc.call(
            self.stub.ListUnanswered,
            pb.ListUnansweredRequest(older_than_ms=older_than_ms, limit=limit),
            signer=self.signer,
            actor=SERVICE_ACTOR,
        )
        return [_waiting(each) for each in answer.unanswered]


@dataclass(frozen=True, slots=True)
class GrpcOwnLogs:
    """Asks in the name of a person, for what is theirs; see `ports.OwnLogs`."""

    stub: "SessionsAsyncStub"
    signer: ActorSigner

    async def conversation_at(self, actor: Actor, cursor: str) -> tuple[str, str]:
        """Return a conversation and the next cursor."""
        request = pb.ListConversationsRequest(cursor=cursor, limit=1)
        answer = await rpc.call(
            self.stub.ListConversations, request, signer=self.signer, actor=actor
        )
        found = answer.conversations
        return (found[0].session_id if found else "", answer.next)

    async def latest(self, actor: Actor, log: str) -> Sequence[LogEntry]:
        """Return the messages of a conversation that the brain sees."""
        request = pb.GetContextRequest(log=log, limit=MESSAGES)
        answer = await rpc.call(self.stub.GetContext, request, signer=self.signer, actor=actor)
        return [LogEntry.model_validate_json(entry) for entry in answer.entries]


def _waiting(message: pb.Unanswered) -> Waiting:
    return Waiting(message.log, message.message_id, message.seq)
