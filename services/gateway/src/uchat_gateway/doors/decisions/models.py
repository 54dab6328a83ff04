"""Bodies and answers of the decisions door."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from uchat_contracts.ids import ClientInterface, ClientMessageId, ConversationId
from uchat_contracts.money import Amount
from uchat_contracts.trading import Card, Effect, Plan, PlanRequest, Reason
from uchat_contracts.trading.plan import Symbol
from uchat_gateway.doors.models import Body
from uchat_gateway.doors.problems import Problem

Weight = Annotated[Amount, Field(ge=0, le=1)]
PlanHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Approve(Body):
    """An answer to a decision.

    `modifications`, with `approved`, ask for another plan, as a whole: it becomes the next version,
    which waits for an answer of its own. `plan_hash` names what one has seen. `op_id` (or the
    header Idempotency-Key) names the answer: sending it again gives the first outcome. `wait`:
    seconds to wait for the execution.
    """

    decision_id: UUID
    approved: bool
    plan_hash: PlanHash | None = None
    modifications: PlanRequest | None = None
    op_id: ClientMessageId | None = None
    wait: Annotated[float, Field(ge=0, le=10)] = 0
    interface: ClientInterface = "api"


class Propose(Body):
    """Orders that one would like to place: what comes of it is a card that waits for an approval.

    `session_id`: the conversation that is told. `op_id` (or the header Idempotency-Key) names the
    wish: sending it again gives the same card.
    """

    session_id: ConversationId
    plan: PlanRequest
    op_id: ClientMessageId | None = None
    interface: ClientInterface = "api"


class Rebalance(Body):
    """Wanted parts of everything that is owned, 0 to 1 by base asset, or a profile instead.

    Assets that are not named stay as they are; of a profile everything else is sold.
    """

    weights: Annotated[dict[Symbol, Weight], Field(max_length=20)] = {}
    profile: Literal["", "cautious", "balanced", "bold"] = ""


class Rebalanced(BaseModel):
    """The wish that gets there, to be proposed, and what it would become.

    No `request`: every part is as wished already. `denied`: why it would be refused now.
    """

    request: PlanRequest | None = None
    plan: Plan | None = None
    effect: Effect | None = None
    warnings: list[Reason] = []
    denied: Reason | None = None


class QuoteAgain(Body):
    """Ask for today's price of a decision that is over, or (`remedy`) of what would finish it."""

    decision_id: UUID
    remedy: bool = False
    op_id: ClientMessageId | None = None
    interface: ClientInterface = "api"


class Settle(Body):
    """What became of an order of which the venue does not tell.

    check_again: ask it now. on_exchange: it is there, under `venue_order_id`. not_there: it is not;
    this counts if the venue says so as well.
    """

    decision_id: UUID
    leg: Annotated[int, Field(ge=1, le=20)]
    choice: Literal["check_again", "on_exchange", "not_there"]
    venue_order_id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{0,64}$")] = ""
    interface: ClientInterface = "api"


class Answered(BaseModel):
    """The decision as it stands.

    `duplicate`: this very answer was given before. `awaiting_second`: somebody else has to approve
    as well. `modified`: the next version waits for an answer.
    """

    status: Literal["accepted", "awaiting_second", "modified", "duplicate"]
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
