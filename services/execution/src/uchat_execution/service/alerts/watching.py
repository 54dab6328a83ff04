"""Watches the market for alerts: looked at by the loop that triggers are looked at by."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from uchat_execution.domain.alerts.crossing import RISE, look, rests
from uchat_execution.domain.alerts.history import LONGEST
from uchat_execution.domain.alerts.wording import Seen
from uchat_execution.domain.market import Quote
from uchat_execution.domain.terms import is_fresh
from uchat_execution.ports.alerts import Alerted, Kept, Window
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.alerts.measuring import Measuring, Worth
from uchat_execution.service.alerts.telling import change, fire, release
from uchat_platform import logging
from uchat_platform.errors import UnavailableError

_BATCH: Final = 500
_STUCK_FOR_S: Final = 60.0
_log = logging.get_logger(__name__)

Measure = Callable[[Unit, Kept, datetime], Awaitable[Seen | None]]
Find = Callable[[str, int], Awaitable[Sequence[str]]]
"""Ids of alerts that look otherwise now: so many, after one."""


@dataclass(slots=True)
class AlertWatch:
    """Compares the newest quotes with the alerts in the books; runs on every replica.

    The database compares, a statement for each kind however many there are: what is read here are
    those alone that look otherwise.

    A crossing is one transaction under the alert's lock: it is looked at once more, its side is
    stored, and it is told by the same outbox row. Whoever looks second finds it crossed.
    """

    books: Books
    alerted: Alerted
    measuring: Measuring
    _seen: datetime | None = None
    _minute: datetime | None = None
    _loaded: bool = field(default=False)
    _stuck: dict[str, float] = field(default_factory=dict[str, float])

    async def look(self) -> int:
        """Tell every alert that the market has crossed; returns how many.

        Raises:
            UnavailableError: the database is away.
        """
        await self._wake()
        quotes = await self._newer()
        if not quotes:
            return 0
        fresh = self._fresh(quotes)
        prices = {symbol: quote.price for symbol, quote in fresh.items()}
        told = await self._each(partial(self.alerted.crossed, prices), self._of_market)
        moves = await self._moves(fresh)
        if moves:
            told += await self._each(partial(self.alerted.moved, moves), self._of_market)
        return told + await self._each(partial(self.alerted.on_worth, prices), self._of_worth)

    async def _newer(self) -> dict[str, Quote]:
        """Return all quotes if there are newer ones than at the last look, and note them."""
        market = self.measuring.desk.market
        listed = [each.symbol for each in await market.instruments()]
        quotes = await self.measuring.desk.quotes(listed)
        newest = max((quote.as_of for quote in quotes.values()), default=None)
        if newest is None or newest == self._seen:
            return {}
        await self._note(quotes, newest)
        self._seen = newest
        return quotes

    async def _note(self, quotes: dict[str, Quote], newest: datetime) -> None:
        history = self.measuring.history
        if not self._loaded:
            history.load(await self.alerted.bars(newest - LONGEST))
            self._loaded = True
        for symbol, quote in quotes.items():
            history.note(symbol, quote.as_of, quote.price)
        minute = newest.replace(second=0, microsecond=0)
        if self._minute is not None and minute != self._minute:
            history.forget(newest)
            await self.alerted.keep_bars(history.of_minute(self._minute), newest - LONGEST)
        self._minute = minute

    def _fresh(self, quotes: dict[str, Quote]) -> dict[str, Quote]:
        # Without a fresh price nothing is told, so nothing has to be looked at.
        newest = max(quote.as_of for quote in quotes.values())
        oldest_s = self.measuring.desk.limits.reference_age_s
        return {
            symbol: quote for symbol, quote in quotes.items() if is_fresh(quote, newest, oldest_s)
        }

    async def _moves(self, quotes: dict[str, Quote]) -> dict[Window, Decimal]:
        """How far each symbol has moved in each window that somebody watches, in percent."""
        history = self.measuring.history
        moves = dict[Window, Decimal]()
        for each in await self.alerted.windows():
            quote = quotes.get(each.symbol)
            if quote is not None:
                window = timedelta(seconds=each.window_s)
                moves[each] = abs(
                    history.move(each.symbol, each.way, window, quote.as_of, quote.price)
                )
        return moves

    async def _each(self, found: Find, measure: Measure) -> int:
        """Judge all that were found, page by page; returns how many are told."""
        told, after = 0, ""
        while True:
            page = await found(after, _BATCH)
            for alert_id in page:
                told += await self._apart(alert_id, lambda each: self._judge(each, measure))
            if len(page) < _BATCH:
                return told
            after = page[-1]

    async def _of_market(self, _unit: Unit, kept: Kept, now: datetime) -> Seen | None:
        return await self.measuring.of_market(kept.alert, now)

    async def _of_worth(self, unit: Unit, kept: Kept, now: datetime) -> Seen | None:
        account = await unit.accounts.of_person(kept.alert.user_id)
        if account is None:
            return None
        held = Worth(
            await unit.accounts.balances(account.account),
            account.deposited,
            account.simulated,
            account.quote_currency,
            kept.mark,
        )
        seen = await self.measuring.of_worth(kept.alert, held, now)
        if seen is None or kept.mark is None or seen.price is None:
            return seen
        if seen.price > (kept.mark + account.deposited) * RISE:
            await unit.alerts.save(replace(kept, mark=seen.price - account.deposited))
        return seen

    async def _judge(self, alert_id: str, measure: Measure) -> bool:
        async with self.books.unit() as unit:
            kept = await unit.alerts.get(alert_id, lock=True)
            if kept is None:
                return False
            now = await unit.now()
            seen = await measure(unit, kept, now)
            if seen is None:
                return False
            step = look(kept.alert, seen.value)
            if not step.changes(kept.alert):
                return False
            if step.fires and rests(kept.alert, now):
                return False
            if not step.fires:
                await change(unit, kept, state=step.state, beyond=step.beyond)
                return False
            fired = await fire(unit, kept, step, seen, now)
        _log.info("alert_told", alert=alert_id, kind=kept.alert.kind)
        return fired

    async def _wake(self) -> None:
        for alert_id in await self.alerted.rested(_BATCH):
            await self._apart(alert_id, self._wake_one)

    async def _wake_one(self, alert_id: str) -> bool:
        async with self.books.unit() as unit:
            kept, now = await unit.alerts.get(alert_id, lock=True), await unit.now()
            if kept is None or kept.alert.state != "snoozed":
                return False
            until = kept.alert.snoozed_until
            if until is None or until > now:
                return True
            if kept.held:
                await release(unit, kept, now)
            else:
                # What holds then is told then: silence is put off, not taken back.
                await change(unit, kept, state="armed", beyond=False, snoozed_until=None)
            return True

    async def _apart(self, alert_id: str, work: Callable[[str], Awaitable[bool]]) -> bool:
        """One that fails for a reason of its own is left alone for a minute, and silences no other.

        Raises:
            UnavailableError: the database is away, for everybody.
        """
        now = asyncio.get_running_loop().time()
        if self._stuck.get(alert_id, now) > now:
            return False
        try:
            return await work(alert_id)
        except (UnavailableError, OSError, TimeoutError):
            raise
        except Exception:  # noqa: BLE001 - see above
            _log.exception("alert_stuck", alert=alert_id)
        self._stuck = {each: until for each, until in self._stuck.items() if until > now}
        self._stuck[alert_id] = now + _STUCK_FOR_S
        return False
