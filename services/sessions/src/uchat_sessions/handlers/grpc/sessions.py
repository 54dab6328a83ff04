"""Queries and idempotent commands over gRPC, for the gateway and the brain."""

from dataclasses import dataclass
from typing import Any, Final

from opentelemetry import trace
from pydantic import ValidationError

from uchat_contracts.events import MessageReceived
from uchat_contracts.rpc.sessions.v1 import sessions_pb2 as pb
from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsServicer
from uchat_platform.auth import Actor
from uchat_platform.errors import InvalidInputError
from uchat_platform.rpc import Requires, current_actor
from uchat_sessions.domain.proposals import Outcome
from uchat_sessions.domain.views import ConversationChange, ConversationView, Waiting
from uchat_sessions.handlers.grpc import cursors
from uchat_sessions.ports import Epoch
from uchat_sessions.service.reading import Reading
from uchat_sessions.service.tracing import traceparent
from uchat_sessions.service.writing import Writing

_SERVICE: Final = "/uchat.sessions.v1.Sessions"
_GATEWAY: Final = frozenset({"gateway"})
_BRAIN: Final = frozenset({"ai-core"})
_DOORS: Final = frozenset({"gateway", "telegram"})
_READERS: Final = _DOORS | _BRAIN | {"notifier"}
_READ: Final = frozenset({"viewer", "trader", "approver", "admin"})
_WRITE: Final = frozenset({"trader", "approver", "admin"})

REQUIRES: Final = {
    f"{_SERVICE}/{method}": requires
    for method, requires in {
        "ResolveIdentity": Requires(_DOORS, on_own_behalf=True),
        "CreateConversation": Requires(_GATEWAY, _WRITE),
        "GetConversation": Requires(_DOORS, _READ),
        "ListConversations": Requires(_GATEWAY | _BRAIN, _READ),
        "UpdateConversation": Requires(_DOORS, _WRITE),
        "EraseConversation": Requires(_GATEWAY, _WRITE),
        "Append": Requires(_GATEWAY, _WRITE),
        "GetVerdict": Requires(_DOORS, _WRITE),
        "ReadLog": Requires(_READERS, _READ, on_own_behalf=True),
        "GetSnapshot": Requires(_READERS, _READ, on_own_behalf=True),
        "GetHeads": Requires(_READERS, _READ, on_own_behalf=True),
        "GetContext": Requires(_GATEWAY | _BRAIN, _READ, on_own_behalf=True),
        "ListUnanswered": Requires(_BRAIN, on_own_behalf=True),
    }.items()
}
_LONGEST_PAGE: Final = 1000
_DEFAULT_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class SessionsHandlers(SessionsServicer):
    """Decodes a request, calls one use case, encodes the answer."""

    reading: Reading
    writing: Writing
    epoch: Epoch

    async def ResolveIdentity(self, request: pb.ResolveIdentityRequest, context: Any) -> pb.Person:
        person = await self.writing.resolve(
            request.provider, request.external_id, request.display_name
        )
        return pb.Person(
            person_id=person.person,
            home_session_id=person.home,
            display_name=person.display_name,
            created=person.created,
        )

    async def CreateConversation(
        self, request: pb.CreateConversationRequest, context: Any
    ) -> pb.Conversation:
        made = await self.writing.create(_actor(), request.key, request.title, request.mode)
        return self._conversation(made)

    async def GetConversation(
        self, request: pb.GetConversationRequest, context: Any
    ) -> pb.Conversation:
        return self._conversation(await self.writing.get(_actor(), request.session_id))

    async def ListConversations(
        self, request: pb.ListConversationsRequest, context: Any
    ) -> pb.ListConversationsResponse:
        limit = _limit(request.limit, 200)
        before = cursors.decode(request.cursor) if request.cursor else None
        views = await self.writing.page(_actor(), before, limit + 1)
        more = len(views) > limit
        return pb.ListConversationsResponse(
            conversations=[self._conversation(view) for view in views[:limit]],
            next=cursors.encode(views[limit - 1].updated_at, views[limit - 1].log) if more else "",
        )

    async def UpdateConversation(
        self, request: pb.UpdateConversationRequest, context: Any
    ) -> pb.Conversation:
        change = ConversationChange(
            title=request.title if request.HasField("title") else None,
            mode=request.mode if request.HasField("mode") else None,
            archived=request.archived if request.HasField("archived") else None,
            pinned=request.pinned if request.HasField("pinned") else None,
        )
        return self._conversation(await self.writing.change(_actor(), request.session_id, change))

    async def EraseConversation(
        self, request: pb.EraseConversationRequest, context: Any
    ) -> pb.EraseConversationResponse:
        await self.writing.erase(_actor(), request.session_id)
        return pb.EraseConversationResponse()

    async def Append(self, request: pb.AppendRequest, context: Any) -> pb.AppendResponse:
        try:
            event = MessageReceived.model_validate_json(request.message)
        except ValidationError as e:
            raise InvalidInputError(
                f"{e.error_count()} faults in the message", code="malformed_event"
            ) from e
        if_last_seq = request.if_last_seq if request.HasField("if_last_seq") else None
        parent = traceparent(trace.get_current_span())
        return _outcome(await self.writing.append(_actor(), event, if_last_seq, parent))

    async def GetVerdict(self, request: pb.GetVerdictRequest, context: Any) -> pb.AppendResponse:
        outcome = await self.reading.verdict(
            _actor(), request.log, request.client_msg_id, request.body_hash, request.wait_ms
        )
        return pb.AppendResponse(status="unknown") if outcome is None else _outcome(outcome)

    async def ReadLog(self, request: pb.ReadLogRequest, context: Any) -> pb.ReadLogResponse:
        page = await self.reading.read(
            _actor(),
            request.log,
            max(0, request.after),
            request.before if request.HasField("before") else None,
            _limit(request.limit, _LONGEST_PAGE),
        )
        return pb.ReadLogResponse(
            epoch=page.epoch,
            head=page.head.last_seq,
            entries=page.entries,
            unanswered=page.head.waiting,
        )

    async def GetSnapshot(self, request: pb.GetSnapshotRequest, context: Any) -> pb.Snapshot:
        at = request.at if request.HasField("at") else None
        state, waiting = await self.reading.snapshot(_actor(), request.log, at)
        return pb.Snapshot(state=state.json_bytes(), unanswered=waiting)

    async def GetHeads(self, request: pb.GetHeadsRequest, context: Any) -> pb.GetHeadsResponse:
        if len(request.logs) > _LONGEST_PAGE:
            raise InvalidInputError(f"Expected up to {_LONGEST_PAGE} logs", code="too_many_logs")
        epoch, heads = await self.reading.heads(_actor(), list(request.logs))
        return pb.GetHeadsResponse(
            epoch=epoch, heads=[pb.Head(log=head.log, seq=head.last_seq) for head in heads]
        )

    async def GetContext(self, request: pb.GetContextRequest, context: Any) -> pb.Context:
        page, waiting = await self.reading.context(
            _actor(), request.log, _limit(request.limit, 200)
        )
        return pb.Context(
            epoch=page.epoch,
            head=page.head.last_seq,
            entries=page.entries,
            unanswered=[_unanswered(item) for item in waiting],
            person_id=page.head.person,
            mode=page.head.mode,
        )

    async def ListUnanswered(
        self, request: pb.ListUnansweredRequest, context: Any
    ) -> pb.ListUnansweredResponse:
        waiting = await self.reading.unanswered(
            max(0, request.older_than_ms), _limit(request.limit, _LONGEST_PAGE)
        )
        return pb.ListUnansweredResponse(unanswered=[_unanswered(item) for item in waiting])

    def _conversation(self, view: ConversationView) -> pb.Conversation:
        return pb.Conversation(
            session_id=view.log,
            title=view.title,
            mode=view.mode,
            last_seq=view.last_seq,
            epoch=self.epoch.value,
            updated_at=view.updated_at.isoformat().replace("+00:00", "Z"),
            home=view.home,
            archived=view.archived,
            pinned=view.pinned,
        )


def _actor() -> Actor:
    return current_actor().actor


def _limit(limit: int, most: int) -> int:
    if limit < 0 or limit > most:
        raise InvalidInputError(f"Expected a limit from 1 to {most}", code="invalid_limit")
    return limit or min(_DEFAULT_PAGE, most)


def _outcome(outcome: Outcome) -> pb.AppendResponse:
    return pb.AppendResponse(
        status=outcome.status, code=outcome.code, message_id=outcome.message_id, seq=outcome.seq
    )


def _unanswered(item: Waiting) -> pb.Unanswered:
    return pb.Unanswered(log=item.log, message_id=item.message_id, seq=item.seq)
