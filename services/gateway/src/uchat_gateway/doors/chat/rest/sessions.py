"""Conversations: made, listed, changed, erased."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from uchat_contracts.ids import ConversationId, new_ulid
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.chat.models import (
    Key,
    NewSession,
    SessionChange,
    SessionCreated,
    SessionInfo,
    SessionList,
    Ticket,
)
from uchat_gateway.doors.chat.services import ChatServices
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import CurrentActor, CurrentPrincipal, requires
from uchat_gateway.ports.conversations import ConversationChange

_TICKET_S = 30
_READ = [requires(Permission.CHAT_READ)]
_WRITE = [requires(Permission.CHAT_WRITE)]

IdempotencyKey = Annotated[
    Key | None, Header(alias="Idempotency-Key", description="The same key again: the first result")
]


def router(services: ChatServices) -> APIRouter:
    """Return the routes on conversations."""
    routes = APIRouter()
    _add_reading(routes, services)
    _add_writing(routes, services)

    @routes.post("/ws-ticket", dependencies=_READ)
    async def issue_ticket(principal: CurrentPrincipal, response: Response) -> Ticket:
        """Issue a one-time ticket for clients that cannot send headers. It works for 30 s."""
        ticket = await services.tickets.issue(principal, _TICKET_S)
        response.headers["Cache-Control"] = "no-store"
        return Ticket(ticket=ticket, expires_in=_TICKET_S)

    return routes


def _add_reading(routes: APIRouter, services: ChatServices) -> None:
    @routes.get("/sessions", dependencies=_READ, responses=problems(404))
    async def list_sessions(
        actor: CurrentActor,
        cursor: Annotated[str, Query(max_length=256)] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> SessionList:
        """List the caller's conversations, latest first, by cursor."""
        page = await services.conversations.list(actor, cursor=cursor, limit=limit)
        return SessionList(
            sessions=[SessionInfo.of(each) for each in page.conversations], next=page.next
        )

    @routes.get("/session/{session_id}", dependencies=_READ, responses=problems(404))
    async def get_session(actor: CurrentActor, session_id: ConversationId) -> SessionInfo:
        """Return one conversation."""
        return SessionInfo.of(await services.conversations.get(actor, session_id))


def _add_writing(routes: APIRouter, services: ChatServices) -> None:
    @routes.post("/session/new", dependencies=_WRITE, responses=problems(410))
    async def create_session(
        actor: CurrentActor, body: NewSession | None = None, key: IdempotencyKey = None
    ) -> SessionCreated:
        """Begin a conversation. The same Idempotency-Key again gives the same conversation."""
        wanted = body or NewSession()
        made = await services.conversations.create(
            actor, key=key or new_ulid(), title=wanted.title, mode=wanted.mode
        )
        services.messages.knows(actor.person_id, made.session_id)
        return SessionCreated(
            session_id=made.session_id,
            epoch=made.epoch,
            seq=made.last_seq,
            title=made.title,
            mode=made.mode,
            expires=None,
        )

    @routes.patch("/session/{session_id}", dependencies=_WRITE, responses=problems(404))
    async def change_session(
        actor: CurrentActor, session_id: ConversationId, body: SessionChange
    ) -> SessionInfo:
        """Rename a conversation, change its mode, archive or pin it."""
        change = ConversationChange(body.title, body.mode, body.archived, body.pinned)
        return SessionInfo.of(await services.conversations.update(actor, session_id, change))

    @routes.delete(
        "/session/{session_id}", dependencies=_WRITE, status_code=204, responses=problems(404)
    )
    async def erase_session(actor: CurrentActor, session_id: ConversationId) -> None:
        """Erase a conversation for good: its text cannot be read by anybody afterwards."""
        await services.conversations.erase(actor, session_id)
        services.messages.forget(actor.person_id, session_id)
        services.hub.forget(session_id)
