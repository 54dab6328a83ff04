"""Bodies and answers of the decisions door."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from uchat_contracts.ids import ClientInterface, ClientMessageId
from uchat_contracts.trading import Card
from uchat_gateway.doors.models import Body
from uchat_gateway.doors.problems import Problem

PlanHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Approve(Body):
    """An answer to a decision.

    `plan_hash` names what one has seen. `op_id` (or the header Idempotency-Key) names the answer:
    sending it again gives the first outcome. `wait`: seconds to wait for the execution.
    """

    decision_id: UUID
    approved: bool
    plan_hash: PlanHash | None = None
    op_id: ClientMessageId | None = None
    wait: Annotated[float, Field(ge=0, le=10)] = 0
    interface: ClientInterface = "api"


class Answered(BaseModel):
    """The decision as it stands. `duplicate`: this very answer was given before."""

    status: Literal["accepted", "duplicate"]
    decision: Card


class DecisionList(BaseModel):
    """A page of decisions, latest first; `next` is the cursor of the following page."""

    decisions: list[Card]
    next: str | None = None


class DecisionProblem(Problem):
    """Why an answer does not count: the decision as it stands tells who answered, or what now."""

    decision: Card


class Stopping(BaseModel):
    """The running answer is told to end."""

    session_id: str
    status: Literal["accepted"] = "accepted"
