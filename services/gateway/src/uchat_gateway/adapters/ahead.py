"""Whose next message may go before it is counted."""

import asyncio
import math
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from uchat_gateway.domain.rates import Rate

_PEOPLE: Final = 20_000
_AHEAD_SHARE: Final = 32
_MOST_AHEAD: Final = 16


@dataclass(slots=True)
class Person:
    """What this gateway knows of somebody.

    `known` is the total of the last count (infinite: none yet), `owed` the messages that went
    before they were counted. Who counts holds `turn`, so that no older total comes after a newer.
    """

    known: float = math.inf
    owed: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Ahead:
    """Lets messages go ahead of their count while that cannot lead over the limit.

    That is while the last total, what is owed since and this one are within half of it, and for
    `most` messages at a time. Of one gateway a person then has never more than the limit, as no
    total grows by itself; each further gateway, whose last total may be old, can add `most`. Who
    owes nothing is forgotten once `kept` others came since, and is counted first again.
    """

    def __init__(self, limit: Rate, kept: int = _PEOPLE) -> None:
        self._half = limit.amount // 2
        self.most = max(1, min(limit.amount // _AHEAD_SHARE, _MOST_AHEAD))
        self._kept = kept
        self._people: OrderedDict[str, Person] = OrderedDict()
        self._owing: dict[str, Person] = {}

    def person(self, person_id: str) -> Person:
        """Return what is known of a person."""
        person = self._people.get(person_id)
        if person is None:
            person = self._people[person_id] = self._owing.get(person_id) or Person()
            if len(self._people) > self._kept:
                self._people.popitem(last=False)
        self._people.move_to_end(person_id)
        return person

    def take(self, person_id: str, person: Person) -> bool:
        """Tell whether one message may go; if so it is owed from then on."""
        if person.owed >= self.most or person.known + person.owed >= self._half:
            return False
        person.owed += 1
        self._owing[person_id] = person
        return True

    def owing(self) -> list[tuple[str, Person]]:
        """Return who owes messages."""
        return list(self._owing.items())

    def paid(self, person_id: str, person: Person, messages: int, total: int) -> None:
        """Take note that messages were counted, and of the total then."""
        person.owed -= messages
        person.known = total
        if not person.owed:
            self._owing.pop(person_id, None)
