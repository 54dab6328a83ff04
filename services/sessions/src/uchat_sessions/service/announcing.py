"""Announcing again what a crash or an outage left in the outbox."""

from dataclasses import dataclass

from uchat_sessions.domain.proposals import Proposal
from uchat_sessions.ports import Appended, LogReader, Vault


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
            trace=trace,
        )
        return Appended(proposal, stored)
