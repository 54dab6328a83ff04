"""Events that others propose, as proposals of the sequencer."""

from dataclasses import replace
from typing import Final

import orjson

from uchat_contracts.events import MessageData, MessageReceived, OutcomeProposed, ReplyProposed
from uchat_contracts.ids import derived_decision_id
from uchat_contracts.model import Model
from uchat_contracts.parts import Origin, Part
from uchat_contracts.state import DECISION_KINDS
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
from uchat_platform.errors import InvalidInputError
from uchat_sessions.domain.proposals import (
    MESSAGE,
    Proposal,
    message_key,
    outcome_key,
    reply_key,
)

BRAIN: Final = "assistant"
DECISION: Final = "decision"
_REJECT: Final = "reject"
# What the service itself writes is nobody's to propose.
_RESERVED: Final = ("message", "session.", "link.")
_SHAPES: Final[dict[str, type[Model]]] = {
    **dict.fromkeys(DECISION_KINDS, Card),
    "portfolio.changed": Portfolio,
    "kill_switch": KillSwitch,
    "mandate": Mandate,
    "trading": Trading,
    "alert": Alert,
    "alert.changed": Alert,
    "digest": Digest,
    "venue_key": KeyChanged,
}
_MOVED: Final = (
    "This conversation was linked with another account meanwhile, so nothing was proposed."
    " Please ask again."
)


def from_message(
    event: MessageReceived, trace: str = "", if_last_seq: int | None = None
) -> Proposal:
    """Return the entry that a person's message asks for."""
    data = MessageData(
        message_id=event.message_id,
        role="user",
        parts=event.parts,
        origin=event.origin,
        mode=event.mode,
        user_id=event.user_id,
        client_msg_id=event.client_msg_id,
        policy=event.policy,
    )
    return Proposal(
        log=event.session_id,
        kind=MESSAGE,
        data=data.json_bytes(),
        message_id=event.message_id,
        key=message_key(event.user_id, event.client_msg_id),
        body_hash=event.body_hash(),
        author=event.user_id,
        client_msg_id=event.client_msg_id,
        interface=event.origin.interface,
        if_last_seq=if_last_seq,
        only_if_idle=event.policy == _REJECT,
        trace=trace,
    )


def from_reply(event: ReplyProposed, trace: str = "") -> Proposal:
    """Return the entry that the brain's answer asks for, with its proposed decisions."""
    # Only what is proposed becomes a card: the brain places none itself.
    answer = _answer(event, [part for part in event.parts if part.type != DECISION])
    proposal = Proposal(
        log=event.session_id,
        kind=MESSAGE,
        data=answer.json_bytes(),
        message_id=event.message_id,
        key=reply_key(event.turn_id),
        interface=BRAIN,
        answers=event.answers,
        trace=trace,
    )
    return _with_decisions(proposal, event, answer) if event.proposals else proposal


def from_outcome(event: OutcomeProposed, trace: str = "") -> Proposal:
    """Return the entry that something which happened to a person's trading asks for.

    Raises:
        InvalidInputError: it is not for others to tell, or not of the shape of its kind.
        ValidationError: likewise.
    """
    if event.kind.startswith(_RESERVED):
        raise InvalidInputError(f"{event.kind!r} is not an outcome", code="reserved_kind")
    shape = _SHAPES.get(event.kind)
    told = shape.model_validate(event.data) if shape else None
    card = told if isinstance(told, Card) else None
    if card is not None and not _fits(card, event):
        raise InvalidInputError("The card is not what the outcome is about", code="card_mismatch")
    return Proposal(
        log=event.session_id,
        kind=event.kind,
        data=orjson.dumps(event.data),
        message_id=card.decision_id if card else "",
        key=outcome_key(event.about, event.rev),
        owner=event.user_id,
        about=event.about,
        rev=event.rev,
        card_open=card.is_open if card else None,
        trace=trace,
    )


def _fits(card: Card, event: OutcomeProposed) -> bool:
    # The copy of an approver is about somebody else's decision, and says so.
    whose = card.owner is not None or card.user_id == event.user_id
    return whose and (card.rev, f"decision:{card.decision_id}") == (event.rev, event.about)


def _with_decisions(proposal: Proposal, event: ReplyProposed, answer: MessageData) -> Proposal:
    decisions = [derived_decision_id(event.turn_id, n) for n in range(len(event.proposals))]
    cards = [
        Part.model_validate(
            {
                "type": DECISION,
                "decision_id": decision,
                "request": request.model_dump(mode="json", exclude_none=True),
            }
        )
        for decision, request in zip(decisions, event.proposals, strict=True)
    ]
    proposing = {"parts": [*answer.parts, *cards], "decisions": decisions}
    plain = {"parts": [*answer.parts, Part(type="text", text=_MOVED)]}
    return replace(
        proposal,
        data=answer.model_copy(update=proposing).json_bytes(),
        plain=answer.model_copy(update=plain).json_bytes(),
        owner=event.user_id or "",
    )


def _answer(event: ReplyProposed, parts: list[Part]) -> MessageData:
    return MessageData(
        message_id=event.message_id,
        role="assistant",
        parts=parts,
        origin=Origin(interface=BRAIN),
        mode=event.mode,
        user_id=event.user_id,
        answers=event.answers,
        asked_via=event.interface,
        turn_id=event.turn_id,
        run_id=event.run_id,
        intent=event.intent,
        confidence=event.confidence,
        sources=event.sources,
        model=event.model,
        processing_ms=event.processing_ms,
    )
