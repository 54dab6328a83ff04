"""A decision as every interface shows it: one card, the same in all logs."""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from uchat_contracts.ids import ConversationId, InterfaceName, MessageId, PersonId
from uchat_contracts.model import Model
from uchat_contracts.money import Amount
from uchat_contracts.trading.plan import Plan, PlanRequest, Symbol, WithheldRequest

State = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
"""Known today: proposed, awaiting_approval, denied, approved, rejected, expired, superseded,
cancelled, executing, executed, partially_executed, failed, needs_human."""

OPEN_STATES: Final = frozenset(
    {"proposed", "awaiting_approval", "approved", "executing", "needs_human"}
)
"""What may still change by itself or by a person: a card in any other state is history."""

Choice = Literal["approve", "reject"]


class Reason(Model):
    """Why something is as it is: a stable code and a sentence that a person understands."""

    code: str
    text: str


class Effect(Model):
    """What the plan would change, in quote currency and in units of each asset.

    `shares_after` are the parts of the portfolio's value after it, 0 to 1, by asset.
    """

    cash_before: Amount
    cash_after: Amount
    holdings_before: dict[Symbol, Amount]
    holdings_after: dict[Symbol, Amount]
    shares_after: dict[str, Amount] = {}


class Approval(Model):
    """Who decided, where and when. `mandate_id`: by a limit that the person signed beforehand."""

    choice: Choice
    by: PersonId
    via: InterfaceName
    at: AwareDatetime
    display_name: str = ""
    op_id: str | None = None
    mandate_id: str | None = None


class OrderResult(Model):
    """What became of one leg."""

    leg: int
    order_id: str
    client_order_id: str
    symbol: Symbol
    side: str
    status: str
    quantity: Amount
    filled: Amount
    average_price: Amount | None = None
    fee: Amount
    fee_asset: Symbol
    at: AwareDatetime


class Change(Model):
    """One thing that a version changes over the former: `text` says it as a person would.

    `was` and `now` are figures or words, absent for what was not there or is no more. `what` is
    legs, quantity, price, limit_price, trigger_price, total or fees; `leg` is that of `now`.
    """

    what: str
    leg: int | None = None
    symbol: Symbol | None = None
    was: str | None = None
    now: str | None = None
    text: str


class Result(Model):
    """What was executed: quantities, averages and fees of all legs, and when."""

    orders: list[OrderResult]
    at: AwareDatetime


class Owner(Model):
    """Whose decision it is: masked, and of which organisation."""

    name: str
    organisation: str


class Card(Model):
    """`data` of decision, decision.resolved and execution entries.

    `rev` counts the events of the decision: a lower one never replaces a higher one. `version`
    counts its plans. Approving binds to `plan_hash`. `reason` says why it was denied, expired,
    superseded or failed. `changes` is what this version changes over the former.

    `approvals` are those of this version so far, of `approvals_needed`; `resolved` is the answer
    that decided. `remedy` would finish or undo what was done in part: a wish that needs an
    approval of its own. `follows` is the decision that this one quotes again or remedies. `owner`
    is there only in the copy of somebody else: of an approver, who may be the second person.
    """

    decision_id: str
    rev: int = Field(ge=1)
    version: int = Field(ge=1)
    state: State
    session_id: ConversationId
    user_id: PersonId
    message_id: MessageId | None = None
    turn_id: str | None = None
    interface: InterfaceName
    proposed_at: AwareDatetime
    updated_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    request: PlanRequest | WithheldRequest
    plan: Plan | None = None
    plan_hash: str | None = None
    effect: Effect | None = None
    warnings: list[Reason] = []
    changes: list[Change] = []
    approvals: list[Approval] = []
    approvals_needed: int = Field(default=1, ge=1)
    resolved: Approval | None = None
    result: Result | None = None
    reason: Reason | None = None
    superseded_by: str | None = None
    follows: str | None = None
    remedy: PlanRequest | None = None
    owner: Owner | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it still waits for somebody or something."""
        return self.state in OPEN_STATES
