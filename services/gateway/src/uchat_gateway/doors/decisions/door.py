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
    Propose,
    QuoteAgain,
    Rebalance,
    Rebalanced,
    Settle,
    Stopping,
)
from uchat_gateway.doors.edge import Door
from uchat_gateway.doors.problems import problem_response, problems
from uchat_gateway.doors.security import CurrentActor, requires
from uchat_gateway.ports.conversations import Conversations
from uchat_gateway.ports.trading import (
    Answer,
    Decisions,
    Modification,
    Resolved,
    ResolveStatus,
    Settlement,
)
from uchat_gateway.service.decisions import Answers
from uchat_gateway.service.runs import Runs
from uchat_platform.auth import Actor
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


def build(decisions: Decisions, answers: Answers, runs: Runs, conversations: Conversations) -> Door:
    """Make the door."""
    router = APIRouter(prefix=PREFIX, tags=["decisions"])
    _add_answering(router, answers)
    _add_reading(router, decisions)
    _add_afterwards(router, decisions, answers)
    _add_proposing(router, decisions, answers, conversations)

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
        """Approve, reject or modify: the first answer counts, every later one is told of it."""
        actor = replace(actor, interface=body.interface)
        await answers.admit(actor)
        op_id = _op_id(body.op_id, key)
        if body.modifications is None:
            resolved = await _decided(answers, actor, body, op_id)
        else:
            resolved = await _modified(answers, actor, body, op_id)
        card = orjson.Fragment(resolved.card)
        refused = _REFUSED.get(resolved.status)
        if refused is not None:
            status, detail = refused
            return problem_response(status, resolved.status, detail, members={"decision": card})
        return json_answer(orjson.dumps({"status": resolved.status, "decision": card}))


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


def _add_afterwards(router: APIRouter, decisions: Decisions, answers: Answers) -> None:
    approves = [requires(Permission.DECISION_APPROVE_OWN)]

    @router.get(
        "/decisions/for-approval",
        dependencies=[requires(Permission.DECISION_APPROVE_OTHERS)],
        response_model=DecisionList,
    )
    async def list_for_approval(
        actor: CurrentActor, cursor: Cursor = "", limit: Limit = 50
    ) -> Response:
        """List decisions of others that wait for the caller's approval as well, by cursor."""
        page = await decisions.for_approval(actor, cursor=cursor, limit=limit)
        return page_answer("decisions", page)

    @router.post(
        "/decision/quote-again",
        dependencies=approves,
        response_model=Card,
        responses=problems(404, 409, 429),
    )
    async def quote_again(actor: CurrentActor, body: QuoteAgain, key: OpId = None) -> Response:
        """Make a new decision of one that is over, at today's prices, or of its remedy."""
        actor = replace(actor, interface=body.interface)
        await answers.admit(actor)
        card = await decisions.quote_again(
            actor, str(body.decision_id), op_id=_op_id(body.op_id, key), remedy=body.remedy
        )
        return json_answer(card)

    @router.post(
        "/decision/settle",
        dependencies=approves,
        response_model=Card,
        responses=problems(404, 409, 429),
    )
    async def settle_order(actor: CurrentActor, body: Settle) -> Response:
        """Say what became of an order of which the venue does not tell. Safe to repeat."""
        actor = replace(actor, interface=body.interface)
        await answers.admit(actor)
        settlement = Settlement(str(body.decision_id), body.leg, body.choice, body.venue_order_id)
        return json_answer(await decisions.settle(actor, settlement))


def _add_proposing(
    router: APIRouter, decisions: Decisions, answers: Answers, conversations: Conversations
) -> None:
    @router.post(
        "/decision/propose",
        status_code=201,
        dependencies=[requires(Permission.DECISION_PROPOSE)],
        response_model=Card,
        responses=problems(404, 409, 429),
    )
    async def propose(actor: CurrentActor, body: Propose, key: OpId = None) -> Response:
        """Propose orders by hand: a card, priced and checked, that waits for an approval."""
        actor = replace(actor, interface=body.interface)
        await answers.admit(actor)
        await conversations.get(actor, body.session_id)
        card = await decisions.propose(
            actor,
            body.session_id,
            request=body.plan.json_bytes(),
            op_id=_op_id(body.op_id, key),
        )
        return json_answer(card, 201)

    @router.post(
        "/decision/rebalance",
        dependencies=[requires(Permission.DECISION_PROPOSE)],
        response_model=Rebalanced,
        responses=problems(429),
    )
    async def plan_rebalance(actor: CurrentActor, body: Rebalance) -> Response:
        """Work out the orders that bring the portfolio to weights. Nothing is proposed by it."""
        await answers.admit(actor)
        weights = {symbol: format(weight, "f") for symbol, weight in body.weights.items()}
        made = await decisions.rebalance(actor, weights, body.profile)
        parts = {name: orjson.Fragment(part) for name, part in made.parts.items() if part}
        warnings = [orjson.Fragment(each) for each in made.warnings]
        return json_answer(orjson.dumps({**parts, "warnings": warnings}))


def _op_id(named: str | None, key: str | None) -> str:
    if named and key and named != key:
        raise InvalidInputError("op_id and Idempotency-Key differ", code="idempotency_key_mismatch")
    return named or key or new_ulid()


async def _decided(answers: Answers, actor: Actor, body: Approve, op_id: str) -> Resolved:
    answer = Answer(
        decision_id=str(body.decision_id),
        choice="approve" if body.approved else "reject",
        plan_hash=body.plan_hash or "",
        op_id=op_id,
        wait_ms=int(body.wait * 1000),
    )
    if body.plan_hash is None:
        return await answers.resolve_what_was_seen(actor, answer)
    return await answers.resolve(actor, answer)


async def _modified(answers: Answers, actor: Actor, body: Approve, op_id: str) -> Resolved:
    if not body.approved or body.modifications is None or body.plan_hash is None:
        raise InvalidInputError(
            "Modifications need `approved` and the plan_hash of what was seen",
            code="modification_incomplete",
        )
    request = body.modifications.json_bytes()
    return await answers.modify(
        actor, Modification(str(body.decision_id), body.plan_hash, request, op_id)
    )
