"""What entries announce beside themselves, and bringing back what was left in the outbox."""

from dataclasses import dataclass
from typing import Final

from uchat_contracts.events import DecisionProposed, MessageData
from uchat_contracts.trading import PlanRequest
from uchat_platform import logging
from uchat_sessions.domain.proposals import MESSAGE, Proposal
from uchat_sessions.ports import Appended, LogReader, Vault
from uchat_sessions.service.proposing import BRAIN, DECISION

# Spares parsing most entries. No text holds it: in a JSON string its quotes are escaped.
_MARK: Final = b'"decisions":['
_log = logging.get_logger(__name__)


def decisions_of(entry: Appended) -> list[DecisionProposed]:
    """Return the decisions that an entry proposes, in order; of most entries none."""
    proposal, stored = entry.proposal, entry.stored
    if stored.kind != MESSAGE or _MARK not in proposal.data:
        return []
    data = MessageData.model_validate_json(proposal.data)
    person, turn, interface = data.user_id, data.turn_id, data.asked_via
    if data.role != BRAIN or person is None or turn is None or interface is None:
        return []
    if proposal.owner != person:
        _log.warning("decisions_of_former_owner", session_id=entry.log, seq=stored.seq)
        return []
    extras = [part.model_extra or {} for part in data.parts if part.type == DECISION]
    requests = {extra.get("decision_id"): extra.get("request") for extra in extras}
    return [
        DecisionProposed(
            event_id=decision,
            occurred_at=stored.created_at,
            session_id=entry.log,
            decision_id=decision,
            ordinal=ordinal,
            user_id=person,
            turn_id=turn,
            message_id=data.message_id,
            interface=interface,
            request=PlanRequest.model_validate(requests[decision]),
        )
        for ordinal, decision in enumerate(data.decisions or [])
        if decision in requests
    ]


@dataclass(frozen=True, slots=True)
class Recall:
    """Brings entries back as they were when they were appended."""

    logs: LogReader
    vault: Vault

    async def entry(self, log: str, seq: int, trace: str) -> Appended | None:
        """Return an entry of the log, or None if it was erased since."""
        head = await self.logs.head(log)
        stored = await self.logs.entry(log, seq) if head is not None else None
        if head is None or stored is None:
            return None
        (data,) = await self.vault.open(head, [stored])
        proposal = Proposal(
            log=log,
            kind=stored.kind,
            data=data,
            message_id=stored.message_id,
            sealed_by=stored.sealed_by,
            owner=head.person,
            trace=trace,
        )
        return Appended(proposal, stored)
