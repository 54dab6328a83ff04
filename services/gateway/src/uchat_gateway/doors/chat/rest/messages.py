"""POST message: send, and have the answer at once, later, or as it is written."""

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any

import orjson
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from uchat_contracts.ids import new_ulid, received_message_id
from uchat_contracts.parts import Origin, Part
from uchat_contracts.trading import Card
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.chat.models import Accepted, NewMessage, Reply, Timing
from uchat_gateway.doors.chat.pump import Pump
from uchat_gateway.doors.chat.rest.sessions import IdempotencyKey
from uchat_gateway.doors.chat.services import ChatServices
from uchat_gateway.doors.chat.streams import COMMENT, MEDIA_TYPE, EventResponse, encode, named
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import CurrentActor, requires
from uchat_gateway.ports.access import Principal
from uchat_gateway.service.live.frames import Durable
from uchat_gateway.service.messages import Draft
from uchat_gateway.service.replies import Exchange, refusal
from uchat_platform import logging
from uchat_platform.auth import Actor
from uchat_platform.errors import InvalidInputError, UchatError

_SPOKEN = frozenset({"text", "summary", "detail"})
_AWAITING = "awaiting_approval"
_CARD_S = 3.0
_log = logging.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request that waits for its answer, as the gateway's drain sees it."""

    exchange: Exchange
    kind: str = "reply"
    principal: Principal | None = None

    @property
    def busy(self) -> bool:
        return not self.exchange.settled

    def tick(self, _now: float, _wall: float) -> None:
        """Do nothing: the wait has its own end."""

    def announce_drain(self, _retry_after_ms: int) -> None:
        """Do nothing: the answer may still come in time."""

    def close(self, _code: int, _reason: str = "") -> None:
        """Answer that it is still pending."""
        self.exchange.settle(None)


def router(services: ChatServices) -> APIRouter:
    """Return the route that takes messages."""
    routes = APIRouter()

    @routes.post(
        "/message",
        dependencies=[requires(Permission.CHAT_WRITE)],
        response_model=Reply,
        responses={
            200: {"content": {MEDIA_TYPE: {}}},
            202: {"model": Accepted, "description": "Durable; the answer is still to come"},
            **problems(404, 409, 410, 429),
        },
    )
    async def post_message(
        actor: CurrentActor, body: NewMessage, key: IdempotencyKey = None
    ) -> Response:
        """Send a message and return the answer: at once, as a stream, or (`wait: false`) later."""
        started = time.perf_counter()
        actor = replace(actor, interface=body.interface)
        draft = await _draft(services, actor, body, key)
        if not (body.wait or body.stream):
            return await _fire(services, actor, draft, started)
        if body.stream:
            return await _stream(services, actor, draft, started)
        return await _ask(services, actor, draft, started)

    return routes


async def _draft(services: ChatServices, actor: Actor, body: NewMessage, key: str | None) -> Draft:
    if body.client_msg_id and key and body.client_msg_id != key:
        raise InvalidInputError(
            "client_msg_id and Idempotency-Key differ", code="idempotency_key_mismatch"
        )
    log = body.session_id or await services.messages.home(actor)
    client_msg_id = body.client_msg_id or key or new_ulid()
    return Draft(
        log=log,
        client_msg_id=client_msg_id,
        message_id=received_message_id(actor.person_id, log, client_msg_id),
        parts=[Part(type="text", text=body.message)],
        origin=Origin(interface=body.interface),
        mode=body.mode,
        policy=body.policy,
        if_last_seq=body.if_last_seq,
    )


async def _fire(services: ChatServices, actor: Actor, draft: Draft, started: float) -> Response:
    outcome = await services.messages.send(actor, draft)
    if outcome.status == "rejected":
        raise refusal(outcome.code)
    _told(actor, draft, started, outcome.status)
    return _accepted(draft, outcome.message_id, outcome.status, outcome.seq)


async def _ask(services: ChatServices, actor: Actor, draft: Draft, started: float) -> Response:
    exchange = await services.replies.begin(actor, draft)
    accepted_ms = _since(started)
    waiting = _Waiting(exchange)
    services.connections.add(waiting)
    try:
        entry = await exchange.answer(services.reply_timeout.total_seconds())
        cards = [] if entry is None else await exchange.decisions(entry, _CARD_S)
    finally:
        services.connections.remove(waiting)
        services.replies.end(exchange)
    if entry is None:
        _told(actor, draft, started, "pending")
        return _accepted(draft, exchange.message_id, "pending", exchange.outcome.seq)
    reply = _reply(
        exchange, entry, cards, Timing(accepted_ms=accepted_ms, total_ms=_since(started))
    )
    _told(actor, draft, started, "answered", reply.confidence)
    return JSONResponse(reply.model_dump(mode="json"))


async def _stream(services: ChatServices, actor: Actor, draft: Draft, started: float) -> Response:
    pump = Pump()
    exchange = await services.replies.begin(actor, draft, on_chunk=pump.offer, on_settled=pump.end)
    accepted_ms = _since(started)
    waiting = _Waiting(exchange)
    services.connections.add(waiting)

    def ended() -> None:
        pump.end()
        services.connections.remove(waiting)
        services.replies.end(exchange)

    async def events() -> AsyncGenerator[bytes]:
        accepted = _acceptance(draft, exchange.message_id, "accepted", exchange.outcome.seq)
        yield named("accepted", accepted.model_dump_json().encode())
        async for frame in pump.frames(services.times.comment):
            yield COMMENT if frame is None else encode(frame)
        yield await _last(exchange, started, accepted_ms)

    return EventResponse(events(), ended)


async def _last(exchange: Exchange, started: float, accepted_ms: float) -> bytes:
    try:
        entry = await exchange.answer(0)
    except UchatError as e:
        problem = {"code": e.code, "status": e.status, "detail": e.detail}
        return named("error", orjson.dumps(problem))
    if entry is None:
        pending = _acceptance(exchange.draft, exchange.message_id, "pending", exchange.outcome.seq)
        return named("pending", pending.model_dump_json().encode())
    cards = await exchange.decisions(entry, _CARD_S)
    reply = _reply(
        exchange, entry, cards, Timing(accepted_ms=accepted_ms, total_ms=_since(started))
    )
    _told(exchange.actor, exchange.draft, started, "answered", reply.confidence)
    return named("message", reply.model_dump_json().encode())


def _reply(
    exchange: Exchange, entry: Durable, cards: list[dict[str, Any]], timing: Timing
) -> Reply:
    data = entry.data
    parts = [Part.model_validate(part) for part in data["parts"]]
    spoken = [part.text for part in parts if part.type in _SPOKEN and part.text]
    return Reply(
        session_id=entry.log,
        message_id=data["message_id"],
        answers=exchange.message_id,
        client_msg_id=exchange.draft.client_msg_id,
        seq=entry.seq,
        content="\n\n".join(spoken),
        parts=parts,
        intent=data.get("intent"),
        confidence=data.get("confidence"),
        **_decision(data.get("decisions") or [], cards),
        sources=data.get("sources") or [],
        model=data.get("model"),
        mode=data.get("mode"),
        timing=timing.model_copy(update={"processing_ms": data.get("processing_ms")}),
    )


def _decision(proposed: list[str], cards: list[dict[str, Any]]) -> dict[str, Any]:
    if not proposed:
        return {}
    waiting = [card for card in cards if card["state"] == _AWAITING]
    shown = next(iter(waiting or cards), None)
    return {
        # What has not been looked at yet may still ask for an approval.
        "requires_approval": bool(waiting) or len(cards) < len(proposed),
        "decision_id": proposed[0] if shown is None else shown["decision_id"],
        "decision": None if shown is None else Card.model_validate(shown),
    }


def _accepted(draft: Draft, message_id: str | None, status: str, seq: int | None) -> Response:
    body = _acceptance(draft, message_id or "", status, seq)
    return JSONResponse(body.model_dump(mode="json"), 202)


def _acceptance(draft: Draft, message_id: str, status: str, seq: int | None) -> Accepted:
    return Accepted.model_validate(
        {
            "session_id": draft.log,
            "message_id": message_id,
            "client_msg_id": draft.client_msg_id,
            "status": status,
            "seq": seq,
            "history": f"/api/v1/unified-chat/history/{draft.log}",
        }
    )


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


def _told(
    actor: Actor, draft: Draft, started: float, status: str, confidence: float | None = None
) -> None:
    _log.info(
        "message_taken",
        session_id=draft.log,
        user_id=logging.hashed(actor.person_id),
        interface_type=actor.interface,
        status=status,
        confidence=confidence,
        processing_time=_since(started),
    )
