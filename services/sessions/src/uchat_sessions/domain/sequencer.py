"""How proposals become entries: numbered without gaps, once each, or rejected for good.

The caller holds the locks of all the logs concerned, so that what it hands in is the present state
and nobody else changes it until the decision is written.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from uchat_sessions.domain.proposals import (
    CONFLICT,
    ERASED,
    ID_TAKEN,
    NOT_FOUND,
    NOT_WAITING,
    OUTDATED,
    RUN_ACTIVE,
    SEQ_MISMATCH,
    Outcome,
    Proposal,
)


@dataclass(slots=True)
class Head:
    """The state of a locked log; `waiting` counts the messages without an answer.

    `former` are the people whose it was before they were linked with `person`.
    """

    log: str
    person: str
    last_seq: int
    waiting: int
    erased: bool
    former: Collection[str] = ()

    @property
    def is_conversation(self) -> bool:
        """Tell whether people may write into it."""
        return self.log != self.person


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that is taken: by an entry, or by a rejection (`code`)."""

    message_id: str
    seq: int
    body_mac: bytes
    code: str = ""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A proposal that became an entry."""

    seq: int
    proposal: Proposal


@dataclass(slots=True)
class Decision:
    """All that has to be written, and the outcome of each proposal in order."""

    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    entries: list[Numbered] = field(default_factory=list[Numbered])
    claims: dict[tuple[str, str], Claim] = field(default_factory=dict[tuple[str, str], Claim])
    waiting: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    answered: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    revs: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])


@dataclass(frozen=True, slots=True)
class Sequencer:
    """Decides about proposals in order.

    `heads`: the locked logs (changed as entries are numbered). `claims`: the keys already taken, of
    those proposed. `waiting`: (log, message id) of the messages without an answer, of those that
    replies and messages name. `revs`: the latest event of each (log, thing) that outcomes are
    about. `mac`: what a body is recognised by. `unique=False` takes the keys away, to show that the
    tests would notice.
    """

    heads: Mapping[str, Head]
    claims: Mapping[tuple[str, str], Claim]
    waiting: frozenset[tuple[str, str]]
    mac: Callable[[Proposal], bytes]
    revs: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    unique: bool = True

    def decide(self, proposals: Iterable[Proposal]) -> Decision:
        """Return what to write for the proposals, each seeing those before it."""
        decision = Decision()
        for proposal in proposals:
            outcome = self._known(proposal, decision) if self.unique and proposal.key else None
            decision.outcomes.append(outcome or self._new(proposal, decision))
        return decision

    def _known(self, proposal: Proposal, decision: Decision) -> Outcome | None:
        place = (proposal.log, proposal.key)
        claim = decision.claims.get(place) or self.claims.get(place)
        if claim is None:
            return None
        if claim.code:
            return Outcome("rejected", code=claim.code)
        if proposal.from_person and claim.body_mac != self.mac(proposal):
            return Outcome("rejected", code=CONFLICT)
        return Outcome("duplicate", claim.message_id, claim.seq)

    def _new(self, proposal: Proposal, decision: Decision) -> Outcome:
        head = self.heads.get(proposal.log)
        code = self._obstacle(proposal, head, decision)
        if head is None or code:
            self._claim(proposal, decision, Claim(proposal.message_id, 0, b"", code))
            return Outcome("rejected", code=code)
        if proposal.plain and head.person != proposal.owner:
            proposal = replace(proposal, data=proposal.plain, owner="")
        head.last_seq += 1
        if proposal.about:
            decision.revs[proposal.log, proposal.about] = proposal.rev
        decision.entries.append(Numbered(head.last_seq, proposal))
        self._keep_waiting(proposal, head, decision)
        mac = self.mac(proposal) if proposal.from_person else b""
        self._claim(proposal, decision, Claim(proposal.message_id, head.last_seq, mac))
        return Outcome("accepted", proposal.message_id, head.last_seq)

    def _obstacle(self, proposal: Proposal, head: Head | None, decision: Decision) -> str:
        if head is None or not _may_write(proposal, head):
            return NOT_FOUND
        if head.erased:
            return ERASED
        if proposal.if_last_seq is not None and proposal.if_last_seq != head.last_seq:
            return SEQ_MISMATCH
        if proposal.only_if_idle and head.waiting:
            return RUN_ACTIVE
        if proposal.about and proposal.rev <= self._rev(proposal, decision):
            return OUTDATED
        return self._misnamed(proposal, decision) if self.unique else ""

    def _misnamed(self, proposal: Proposal, decision: Decision) -> str:
        if proposal.answers and not self._waits(proposal.log, proposal.answers, decision):
            return NOT_WAITING
        if proposal.from_person and self._waits(proposal.log, proposal.message_id, decision):
            return ID_TAKEN
        return ""

    def _rev(self, proposal: Proposal, decision: Decision) -> int:
        place = (proposal.log, proposal.about)
        return decision.revs.get(place) or self.revs.get(place, 0)

    def _waits(self, log: str, message_id: str, decision: Decision) -> bool:
        place = (log, message_id)
        return place in decision.waiting or (
            place in self.waiting and place not in decision.answered
        )

    def _keep_waiting(self, proposal: Proposal, head: Head, decision: Decision) -> None:
        place = (proposal.log, proposal.answers)
        if proposal.from_person:
            decision.waiting[proposal.log, proposal.message_id] = head.last_seq
            head.waiting += 1
        elif decision.waiting.pop(place, None) is not None:
            head.waiting -= 1
        elif place in self.waiting and place not in decision.answered:
            decision.answered.append(place)
            head.waiting -= 1

    def _claim(self, proposal: Proposal, decision: Decision, claim: Claim) -> None:
        # A reply that is refused leaves no trace: nobody waits to hear what became of it.
        if self.unique and proposal.key and (proposal.from_person or not claim.code):
            decision.claims[proposal.log, proposal.key] = claim


def _may_write(proposal: Proposal, head: Head) -> bool:
    if proposal.about and proposal.owner != head.person:
        return proposal.owner in head.former
    return not proposal.from_person or (head.is_conversation and head.person == proposal.author)
