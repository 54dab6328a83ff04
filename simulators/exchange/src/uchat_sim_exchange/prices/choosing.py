"""Which source the exchange begins with.

`auto` decides once for a journal: live prices if they come within 2 seconds, else synthetic ones.
What was chosen is kept in the journal, so that a start without a network does not value everything
anew at prices of another world.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from uchat_platform.clock import Clock
from uchat_platform.errors import InvalidInputError
from uchat_platform.logging import get_logger
from uchat_sim_exchange.journal import Journal
from uchat_sim_exchange.prices import replay
from uchat_sim_exchange.prices.live import Live, NoPricesError, live_prices
from uchat_sim_exchange.prices.source import Prices
from uchat_sim_exchange.prices.synthetic import Synthetic

SourceName = Literal["auto", "live", "replay", "synthetic"]
_PATIENCE_S: Final = 2.0
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was asked for. `file` and `speed` are of a replay."""

    source: SourceName = "synthetic"
    url: str = ""
    file: Path | None = None
    speed: float = 1.0

    @asynccontextmanager
    async def opened(self, journal: Journal, seed: str, clock: Clock) -> AsyncGenerator[Prices]:
        """Choose a source, note it in the journal, and yield it.

        Raises:
            InvalidInputError: `replay_file_missing`, `replay_unreadable`.
        """
        before = journal.source()
        wanted = before or "auto" if self.source == "auto" else self.source
        if wanted in ("auto", "live"):
            async with live_prices(self.url) as live:
                there = await _answers(live)
                if there or wanted == "live":
                    self._note(journal, before, "live", there=there)
                    yield live
                    return
            wanted = "synthetic"
        self._note(journal, before, wanted, there=True)
        yield Synthetic(seed) if wanted == "synthetic" else self._replay(clock)

    def _replay(self, clock: Clock) -> Prices:
        if self.file is None:
            raise InvalidInputError(
                "A replay needs UCHAT_MARKET_REPLAY_FILE", code="replay_file_missing"
            )
        return replay.read(self.file, int(clock.now().timestamp()), self.speed)

    def _note(self, journal: Journal, before: str | None, chosen: str, *, there: bool) -> None:
        if before != chosen:
            journal.note_source(chosen)
        if before not in (None, chosen):
            _log.warning("market_source_changed", before=before, now=chosen)
        _log.info("market_source", asked=self.source, chosen=chosen, answers=there)


async def _answers(live: Live) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await live.refresh()
    except (NoPricesError, TimeoutError):
        return False
    return True
