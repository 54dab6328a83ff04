"""Reading a log: pages, long poll, and server-sent events."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Header, Query, Response
from starlette.requests import HTTPConnection

from uchat_contracts.events import Verdict
from uchat_contracts.ids import LogId
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.chat.models import History
from uchat_gateway.doors.chat.services import ChatServices
from uchat_gateway.doors.chat.streams import MEDIA_TYPE, EventResponse, EventStream
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import (
    CurrentActor,
    CurrentPrincipal,
    Public,
    Requirement,
    guards_of,
    requires,
)
from uchat_gateway.ports.access import Principal
from uchat_gateway.ports.conversations import LogPage
from uchat_gateway.service.live.follower import Lost
from uchat_gateway.service.live.frames import Durable, Frame, event_of
from uchat_gateway.service.pending import OpenCards
from uchat_platform.auth import Actor
from uchat_platform.errors import InvalidInputError, UchatError

MAX_WAIT_S = 25
Seq = Annotated[int, Query(ge=0, le=2**53)]


@dataclass(frozen=True, slots=True)
class BearerOrTicket(Requirement):
    """As `requires`, but a one-time ticket in the query will do: EventSource sends no headers."""

    async def __call__(self, connection: HTTPConnection) -> None:
        """Let the caller in or refuse."""
        ticket = connection.query_params.get("ticket")
        if ticket is None or isinstance(self.permission, Public):
            # Named, because in a class with slots a bare super() refers to another class.
            await Requirement.__call__(self, connection)
            return
        guards = guards_of(connection)
        principal = await guards.tickets.redeem(ticket)
        guards.access.allow(principal, self.permission)
        connection.state.principal = principal


@dataclass(slots=True, eq=False)
class _Arrival:
    """Waits until anything is added to a log. A sink of the live fan-out."""

    kind: str = "poll"
    principal: Principal | None = None
    busy: bool = False
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def tick(self, _now: float, _wall: float) -> None:
        """Do nothing: the wait has its own end."""

    def announce_drain(self, _retry_after_ms: int) -> None:
        """Answer now with what there is."""
        self.event.set()

    def close(self, _code: int, _reason: str = "") -> None:
        """Answer now with what there is."""
        self.event.set()

    def push(self, frame: Frame) -> None:
        if isinstance(frame, Durable):
            self.event.set()

    def verdict(self, _verdict: Verdict) -> None:
        """Ignore it: nobody waits for a verdict here."""

    def lost(self, _log: str, _reason: Lost) -> None:
        self.event.set()


def router(services: ChatServices) -> APIRouter:
    """Return the routes that read logs."""
    routes = APIRouter()

    @routes.get(
        "/history/{session_id}",
        dependencies=[requires(Permission.CHAT_READ)],
        response_model=History,
        responses=problems(404),
    )
    async def read_history(
        *,
        actor: CurrentActor,
        session_id: LogId,
        after: Seq | None = None,
        before: Seq | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        wait: Annotated[float, Query(ge=0, le=MAX_WAIT_S)] = 0,
    ) -> Response:
        """Return entries after `after`, or the latest ones (before `before`), in order.

        With `wait` (seconds) and nothing after `after` yet, answers as soon as there is.
        """
        if after is not None and before is not None:
            raise InvalidInputError("Give `after` or `before`, not both")
        if wait > 0 and after is not None:
            page = await _long_poll(
                services, actor, session_id, after=after, limit=limit, wait_s=wait
            )
        elif after is not None:
            page = await services.conversations.read(actor, session_id, after=after, limit=limit)
        else:
            page = await services.conversations.read(
                actor, session_id, after=0, before=before or 2**62, limit=limit
            )
        return _history(session_id, page, backwards=after is None)

    @routes.get(
        "/session/{session_id}/events",
        dependencies=[Depends(BearerOrTicket(Permission.CHAT_READ))],
        response_class=Response,
        responses={200: {"content": {MEDIA_TYPE: {}}}, **problems(404, 429)},
    )
    async def follow_events(
        *,
        principal: CurrentPrincipal,
        session_id: LogId,
        after: Seq | None = None,
        epoch: Annotated[str | None, Query(max_length=64)] = None,
        last_event_id: Annotated[str | None, Header(max_length=128)] = None,
        ticket: Annotated[str | None, Query(max_length=256)] = None,  # noqa: ARG001 - redeemed above
    ) -> Response:
        """Stream a log's events, from `Last-Event-ID` or `after` on, else from a snapshot."""
        if last_event_id:
            epoch, after = _cursor(last_event_id)
        return await _events(services, principal, session_id, epoch=epoch, after=after)

    return routes


async def _events(
    services: ChatServices,
    principal: Principal,
    log: str,
    *,
    epoch: str | None,
    after: int | None,
) -> Response:
    stream = EventStream(services.hub, services.connections, services.times, principal)
    follower = await services.hub.follow(principal.actor, log, stream)
    try:
        past = await services.hub.past(
            principal.actor, follower, epoch=epoch, after=after, any_epoch=epoch is None
        )
        pending = await OpenCards(services.decisions, principal.actor).of(past)
        stream.begin()
    except UchatError:
        services.hub.leave(follower)
        raise

    def ended() -> None:
        services.hub.leave(follower)
        stream.end()

    return EventResponse(stream.body(follower, past, pending), ended)


async def _long_poll(
    services: ChatServices, actor: Actor, log: str, *, after: int, limit: int, wait_s: float
) -> LogPage:
    arrival = _Arrival()
    follower = await services.hub.follow(actor, log, arrival)
    services.connections.add(arrival)
    try:
        page = await services.conversations.read(actor, log, after=after, limit=limit)
        if page.entries:
            return page
        await services.hub.now(actor, follower)
        # What came between the two reads is behind the follower: look once more before waiting.
        page = await services.conversations.read(actor, log, after=after, limit=limit)
        if not page.entries:
            await _either(arrival.event, wait_s)
            page = await services.conversations.read(actor, log, after=after, limit=limit)
        return page
    finally:
        services.connections.remove(arrival)
        services.hub.leave(follower)


async def _either(event: asyncio.Event, wait_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await event.wait()


def _history(log: str, page: LogPage, *, backwards: bool) -> Response:
    entries = page.entries
    following: int | None = None
    if backwards and entries and entries[0]["seq"] > 1:
        following = entries[0]["seq"]
    elif not backwards and entries and entries[-1]["seq"] < page.head:
        following = entries[-1]["seq"]
    body = {
        "session_id": log,
        "epoch": page.epoch,
        "seq": page.head,
        "entries": [event_of(entry) for entry in entries],
        "next": following,
    }
    return Response(
        orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _cursor(last_event_id: str) -> tuple[str, int]:
    epoch, _, seq = last_event_id.rpartition(":")
    if not (epoch and seq.isascii() and seq.isdigit()):
        raise InvalidInputError("Expected Last-Event-ID as `<epoch>:<seq>`", code="cursor_invalid")
    return epoch, int(seq)
