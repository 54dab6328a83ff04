"""Decisions over HTTP: read, approve, reject; and ending a running answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Query, Response

from uchat_contracts.ids import ClientMessageId, ConversationId, new_ulid
from uchat_contracts.trading import Card
from uchat_contracts.trading.decision import State
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.answers import Cursor, Limit, json_answer, page_answer
from uchat_gateway.doors.decisions.models import (
    Answered,
    Approve,
    DecisionList,
    DecisionProblem,
    Stopping,
)
from uchat_gateway.doors.edge import Door
from uchat_gateway.doors.methods import refuse_other_methods
from uchat_gateway.doors.problems import problem_response, problems
from uchat_gateway.doors.security import CurrentActor, requires
from uchat_gateway.ports.trading import Answer, Decisions, ResolveStatus
from uchat_gateway.service.decisions import Answers
from uchat_gateway.service.runs import Runs
from uchat_platform.errors import InvalidInputError

PREFIX: Final = "/api/v1/unified-chat"
_READ: Final = [requires(Permission.CHAT_READ)]
_REFUSED: Final[Mapping[ResolveStatus, tuple[int, str]]] = {
    "already_resolved": (409, "This decision was answered already"),
    "superseded": (409, "The plan has changed since: look at the new one"),
    "expired": (410, "This decision has expired"),
}
_STATES: Final = 16

OpId = Annotated[
    ClientMessageId | None,
    Header(alias="Idempotency-Key", description="As `op_id`"),
]


def build(decisions: Decisions, answers: Answers, runs: Runs) -> Door:
    """Make the door."""
    router = APIRouter(prefix=PREFIX, tags=["decisions"])
    _add_answering(router, answers)
    _add_reading(router, decisions)

    @router.post(
        "/run/{session_id}/stop",
        status_code=202,
        dependencies=[requires(Permission.CHAT_WRITE)],
        responses=problems(404, 429),
    )
    async def stop_run(actor: CurrentActor, session_id: ConversationId) -> Stopping:
        """End the running answer of a conversation, from any device; what was said stays."""
        await runs.stop(actor, session_id)
        return Stopping(session_id=session_id)

    return Door("decisions", router)


def _add_answering(router: APIRouter, answers: Answers) -> None:
    @router.post(
        "/decision/approve",
        dependencies=[requires(Permission.DECISION_APPROVE_OWN)],
        response_model=Answered,
        responses={
            **problems(404, 429),
            409: {"model": DecisionProblem, "description": "Answered already, or another plan"},
            410: {"model": DecisionProblem, "description": "Expired"},
        },
    )
    async def answer_decision(actor: CurrentActor, body: Approve, key: OpId = None) -> Response:
        """Approve or reject: the first answer counts, every later one is told of it."""
        if body.op_id and key and body.op_id != key:
            raise InvalidInputError(
                "op_id and Idempotency-Key differ", code="idempotency_key_mismatch"
            )
        answer = Answer(
            decision_id=str(body.decision_id),
            choice="approve" if body.approved else "reject",
            plan_hash=body.plan_hash or "",
            op_id=body.op_id or key or new_ulid(),
            wait_ms=int(body.wait * 1000),
        )
        actor = replace(actor, interface=body.interface)
        await answers.admit(actor)
        if body.plan_hash is None:
            resolved = await answers.resolve_what_was_seen(actor, answer)
        else:
            resolved = await answers.resolve(actor, answer)
        card = orjson.Fragment(resolved.card)
        refused = _REFUSED.get(resolved.status)
        if refused is not None:
            status, detail = refused
            return problem_response(status, resolved.status, detail, members={"decision": card})
        return json_answer(orjson.dumps({"status": resolved.status, "decision": card}))

    refuse_other_methods(router, "/decision/approve", "POST")


def _add_reading(router: APIRouter, decisions: Decisions) -> None:
    @router.get("/decisions", dependencies=_READ, response_model=DecisionList)
    async def list_decisions(
        *,
        actor: CurrentActor,
        state: Annotated[
            list[State] | None,
            Query(max_length=_STATES, description="`open`: whatever is still open; absent: all"),
        ] = None,
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> Response:
        """List the caller's decisions, latest first, by cursor."""
        page = await decisions.list(actor, states=state or [], cursor=cursor, limit=limit)
        return page_answer("decisions", page)

    @router.get(
        "/decision/{decision_id}",
        dependencies=_READ,
        response_model=Card,
        responses=problems(404),
    )
    async def get_decision(actor: CurrentActor, decision_id: UUID) -> Any:
        """Return one decision as it stands."""
        return json_answer(await decisions.get(actor, str(decision_id)))
