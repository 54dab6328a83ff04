"""Events that others propose, as proposals of the sequencer."""

from uchat_contracts.events import MessageData, MessageReceived, ReplyProposed
from uchat_contracts.parts import Origin
from uchat_sessions.domain.proposals import MESSAGE, Proposal, message_key, reply_key

_BRAIN = "assistant"
_REJECT = "reject"


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
    """Return the entry that the brain's answer asks for."""
    data = MessageData(
        message_id=event.message_id,
        role="assistant",
        parts=event.parts,
        origin=Origin(interface=_BRAIN),
        mode=event.mode,
        answers=event.answers,
        turn_id=event.turn_id,
        run_id=event.run_id,
        intent=event.intent,
        confidence=event.confidence,
        sources=event.sources,
        model=event.model,
        processing_ms=event.processing_ms,
    )
    return Proposal(
        log=event.session_id,
        kind=MESSAGE,
        data=data.json_bytes(),
        message_id=event.message_id,
        key=reply_key(event.turn_id),
        interface=_BRAIN,
        answers=event.answers,
        trace=trace,
    )
