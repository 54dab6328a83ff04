"""The cards that came of an answer, as its log tells them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from uchat_contracts.state import DECISION_KINDS

_UNDECIDED: Final = "proposed"


class Cards:
    """Collects the latest card of each decision, and lets one wait until it was looked at.

    A card that is only `proposed` has not been priced and checked yet.
    """

    def __init__(self) -> None:
        self._latest: dict[str, dict[str, Any]] = {}
        self._changed = asyncio.Event()
        self._given_up = False
        self.waited_for = False

    def take(self, kind: str, data: dict[str, Any]) -> None:
        """Take an entry of the log; an older card never replaces a newer one."""
        if kind not in DECISION_KINDS:
            return
        held = self._latest.get(data["decision_id"])
        if held is None or data["rev"] > held["rev"]:
            self._latest[data["decision_id"]] = data
            self._changed.set()

    def give_up(self) -> None:
        """Let who waits go on with what there is."""
        self._given_up = True
        self._changed.set()

    def of(self, decision_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return the cards that are there, in this order."""
        return [self._latest[each] for each in decision_ids if each in self._latest]

    async def settled(self, decision_ids: Sequence[str], timeout_s: float) -> list[dict[str, Any]]:
        """Return the cards of all these decisions, or those that came in time."""
        self.waited_for = True
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not (self._given_up or self._is_settled(decision_ids)):
                    self._changed.clear()
                    await self._changed.wait()
        self.waited_for = False
        return self.of(decision_ids)

    def _is_settled(self, decision_ids: Sequence[str]) -> bool:
        found = self.of(decision_ids)
        return len(found) == len(decision_ids) and all(c["state"] != _UNDECIDED for c in found)
