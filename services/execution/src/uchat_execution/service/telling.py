"""What is published of everything that was told: events for subscribers, outcomes for logs."""

from dataclasses import dataclass
from datetime import datetime

import orjson

from uchat_contracts import subjects
from uchat_contracts.events import DecisionChanged, OrderChanged, OutcomeProposed
from uchat_contracts.trading import (
    Alert,
    Card,
    Digest,
    KeyChanged,
    KillSwitch,
    Mandate,
    Portfolio,
    Trading,
)
from uchat_execution.domain.decisions import KINDS
from uchat_execution.ports.store import Told


@dataclass(frozen=True, slots=True)
class Message:
    """Something to publish: to a stream, under an id that makes it unique there."""

    subject: str
    stream: str
    msg_id: str
    payload: bytes


def messages(told: Told, at: datetime) -> list[Message]:
    """Return what is published, in this order. A portfolio's body is filled in beforehand."""
    if told.what == "decision":
        return _decision(Card.model_validate_json(told.body))
    if told.what == "asked":
        card = Card.model_validate_json(told.body)
        return [_outcome(told, KINDS[card.state], told.person, card.updated_at)]
    if told.what == "order":
        return [_order(OrderChanged.model_validate_json(told.body))]
    kind = "portfolio.changed" if told.what == "portfolio" else told.what
    return [_outcome(told, kind, told.person, _time(told, at))]


def _time(told: Told, at: datetime) -> datetime:
    """Return when it happened, of what says so; what is malformed must not leave."""
    if told.what == "portfolio":
        return Portfolio.model_validate_json(told.body).as_of
    if told.what == "trading":
        return Trading.model_validate_json(told.body).changed_at or at
    if told.what == "kill_switch":
        return KillSwitch.model_validate_json(told.body).changed_at or at
    if told.what == "venue_key":
        return KeyChanged.model_validate_json(told.body).at
    if told.what == "digest":
        return Digest.model_validate_json(told.body).at
    (Mandate if told.what == "mandate" else Alert).model_validate_json(told.body)
    return at


def _decision(card: Card) -> list[Message]:
    about = f"decision:{card.decision_id}"
    told = Told(about, card.rev, "decision", card.user_id, card.session_id, card.json_bytes())
    kind = KINDS[card.state]
    logs = [_outcome(told, kind, log, card.updated_at) for log in (card.session_id, card.user_id)]
    if card.state == "proposed":
        # Its subject is how decisions come in here; whoever follows them has read it already.
        return logs
    event = DecisionChanged(
        occurred_at=card.updated_at,
        session_id=card.session_id,
        decision_id=card.decision_id,
        rev=card.rev,
        version=card.version,
        state=card.state,
        user_id=card.user_id,
        plan_hash=card.plan_hash,
        plan=card.plan,
        resolved=card.resolved,
        result=card.result,
        reason=card.reason,
    )
    return [
        *logs,
        Message(
            subject=subjects.decision(card.state, card.decision_id),
            stream=subjects.TRADING,
            msg_id=f"{about}:{card.rev}",
            payload=event.json_bytes(),
        ),
    ]


def _order(event: OrderChanged) -> Message:
    return Message(
        subject=subjects.order(event.state, event.order_id),
        stream=subjects.TRADING,
        msg_id=f"order:{event.order_id}:{event.rev}",
        payload=event.json_bytes(),
    )


def _outcome(told: Told, kind: str, log: str, at: datetime) -> Message:
    event = OutcomeProposed(
        occurred_at=at,
        session_id=log,
        user_id=told.person,
        kind=kind,
        about=told.about,
        rev=told.rev,
        data=orjson.loads(told.body),
    )
    return Message(
        subject=subjects.proposed("outcome", log),
        stream=subjects.PROPOSED,
        msg_id=event.nats_msg_id(),
        payload=event.json_bytes(),
    )
