"""The chat door put together."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import APIRouter, WebSocket

from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.chat.rest import history, messages, sessions
from uchat_gateway.doors.chat.services import ChatServices
from uchat_gateway.doors.chat.ws import endpoint
from uchat_gateway.doors.chat.ws.connections import Connections, LiveTimes
from uchat_gateway.doors.chat.ws.decoding import refuse_undeclared_frames
from uchat_gateway.doors.chat.ws.services import LiveServices
from uchat_gateway.doors.edge import Deps, Door
from uchat_gateway.doors.security import requires_in_hello
from uchat_gateway.ports.conversations import Conversations
from uchat_gateway.ports.trading import Decisions
from uchat_gateway.service.decisions import Answers
from uchat_gateway.service.live.hub import HubTimes, LiveHub
from uchat_gateway.service.messages import Messages
from uchat_gateway.service.recent import RecentMessages
from uchat_gateway.service.replies import Replies
from uchat_gateway.service.runs import Runs

PREFIX: Final = "/api/v1/unified-chat"
_CLOSING_SHARE = 0.6


def build(
    deps: Deps,
    conversations: Conversations,
    decisions: Decisions,
    *,
    times: LiveTimes | None = None,
    hub_times: HubTimes | None = None,
) -> Door:
    """Build the door on the adapters of the sessions and the execution service.

    Raises:
        UndeclaredFrameError: a frame of the protocol declares nothing about who may send it.
    """
    refuse_undeclared_frames()
    services = _services(deps, conversations, decisions, times or LiveTimes(), hub_times)
    deps.guards.access.on_revoked(services.connections.revoked)
    router = APIRouter(prefix=PREFIX, tags=["chat"])
    for part in (sessions, messages, history):
        router.include_router(part.router(services))
    _add_sockets(router, services)
    drain_s = deps.settings.drain_timeout.total_seconds()

    @asynccontextmanager
    async def lifespan() -> AsyncGenerator[None]:
        async with services.hub.running(), asyncio.TaskGroup() as group:
            ticking = group.create_task(services.connections.run())
            try:
                yield
            finally:
                ticking.cancel()

    async def drain() -> None:
        await services.connections.drain(drain_s * _CLOSING_SHARE)

    return Door("chat", router, lifespan, drain, lambda: len(services.connections))


def _services(
    deps: Deps,
    conversations: Conversations,
    decisions: Decisions,
    times: LiveTimes,
    hub_times: HubTimes | None,
) -> ChatServices:
    settings, guards = deps.settings, deps.guards
    hub = LiveHub(deps.bus, conversations, times=hub_times, unguarded=settings.unsafe_guard_off)
    sending = Messages(deps.bus, conversations, RecentMessages(), guards.limiter, deps.clock)
    return ChatServices(
        hub=hub,
        messages=sending,
        replies=Replies(hub, sending, conversations),
        conversations=conversations,
        access=guards.access,
        tickets=guards.tickets,
        clock=deps.clock,
        connections=Connections(deps.clock, times, per_person=settings.connections_per_person),
        times=times,
        reply_timeout=settings.reply_timeout,
        decisions=decisions,
        answers=Answers(decisions, guards.limiter),
        runs=Runs(deps.bus, conversations, guards.limiter),
    )


def _add_sockets(router: APIRouter, services: ChatServices) -> None:
    live = LiveServices(
        hub=services.hub,
        messages=services.messages,
        access=services.access,
        tickets=services.tickets,
        clock=services.clock,
        connections=services.connections,
        times=services.times,
        decisions=services.decisions,
        answers=services.answers,
        runs=services.runs,
    )
    required = [requires_in_hello(Permission.CHAT_READ)]

    @router.websocket("/ws", dependencies=required)
    async def follow_many(websocket: WebSocket) -> None:
        """Follow any logs of one's own."""
        await endpoint.serve(websocket, live, None)

    @router.websocket("/ws/{session_id}", dependencies=required)
    async def follow_one(websocket: WebSocket, session_id: str) -> None:
        """Follow one conversation from the start, and any others."""
        await endpoint.serve(websocket, live, session_id)
