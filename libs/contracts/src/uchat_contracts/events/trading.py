"""Decisions and orders as internal subscribers read them. No text of a conversation."""

from typing import Literal

from pydantic import AwareDatetime, Field

from uchat_contracts.events.base import Event
from uchat_contracts.ids import InterfaceName, MessageId, PersonId
from uchat_contracts.money import Amount
from uchat_contracts.trading.decision import Approval, Reason, Result, State
from uchat_contracts.trading.plan import Plan, PlanRequest, Symbol


class DecisionProposed(Event):
    """A stored answer proposes a decision. `decision_id` is uuid5 of turn and ordinal."""

    type: Literal["decision_proposed.v1"] = "decision_proposed.v1"
    decision_id: str
    ordinal: int = Field(ge=0)
    user_id: PersonId
    turn_id: str
    message_id: MessageId
    interface: InterfaceName
    request: PlanRequest


class DecisionChanged(Event):
    """A decision entered a state; `rev` counts its events from 1."""

    type: Literal["decision_changed.v1"] = "decision_changed.v1"
    decision_id: str
    rev: int = Field(ge=1)
    version: int = Field(ge=1)
    state: State
    user_id: PersonId
    plan_hash: str | None = None
    plan: Plan | None = None
    resolved: Approval | None = None
    result: Result | None = None
    reason: Reason | None = None


class OrderChanged(Event):
    """An order entered a state: ready, submitting, unknown, open, filled or cancelled.

    Of what a person said about it: `by` whom, and what (`said`: check_again, on_exchange or
    not_there).
    """

    type: Literal["order_changed.v1"] = "order_changed.v1"
    order_id: str
    rev: int = Field(ge=1)
    decision_id: str
    leg: int
    user_id: PersonId
    state: State
    client_order_id: str
    venue: str
    symbol: Symbol
    side: Literal["buy", "sell"]
    quantity: Amount
    filled: Amount
    average_price: Amount | None = None
    at: AwareDatetime
    by: PersonId | None = None
    said: str | None = None
