"""Which entries are the cards of open decisions, and for which states of their log."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from uchat_sessions.domain.sequencer import Numbered

FOREVER: Final = 2**63 - 1


@dataclass(slots=True)
class Cards:
    """What new entries change of the open cards.

    `ended`: (log, decision id) of cards before these entries, and from which seq on they count no
    more. `opened`: (log, decision id, seq of the card), and until before which seq it counts.
    """

    ended: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    opened: dict[tuple[str, str, int], int] = field(default_factory=dict[tuple[str, str, int], int])


def cards_of(entries: Iterable[Numbered]) -> Cards:
    """Return what the entries, in order, change: each card ends the one before of its decision."""
    cards = Cards()
    latest: dict[tuple[str, str], tuple[str, str, int]] = {}
    for seq, proposal in ((entry.seq, entry.proposal) for entry in entries):
        if proposal.card_open is None:
            continue
        decision = (proposal.log, proposal.message_id)
        cards.ended.setdefault(decision, seq)
        before = latest.pop(decision, None)
        if before is not None:
            cards.opened[before] = seq
        if proposal.card_open:
            latest[decision] = (*decision, seq)
            cards.opened[latest[decision]] = FOREVER
    return cards
