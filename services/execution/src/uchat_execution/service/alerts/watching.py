"""Watches the market for alerts: looked at by the loop that triggers are looked at by."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Alert
from uchat_execution.domain.alerts.crossing import look, rests
from uchat_execution.domain.alerts.history import LONGEST
from uchat_execution.domain.alerts.wording import Seen
from uchat_execution.domain.market import Quote
from uchat_execution.domain.terms import is_fresh
from uchat_execution.ports.alerts import Alerted, Kept, OnWorth
from uchat_execution.ports.store import Books
from uchat_execution.service.alerts.measuring import Measuring, Worth
from uchat_execution.service.alerts.telling import change, fire, release
from uchat_platform import logging
from uchat_platform.errors import UnavailableError

_BATCH: Final = 500
_RISE: Final = Decimal("1.0001")
_STUCK_FOR_S: Final = 60.0
_log = logging.get_logger(__name__)

Measure = Callable[[Alert, datetime], Awaitable[Seen | None]]


@dataclass(slots=True)
class AlertWatch:
    """Compares the newest quotes with the alerts in the books; runs on every replica.

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
        told = await self._on_prices(quotes)
        told += await self._on_moves()
        return told + await self._on_worth()

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

    async def _on_prices(self, quotes: dict[str, Quote]) -> int:
        newest = max(quote.as_of for quote in quotes.values())
        oldest_s = self.measuring.desk.limits.reference_age_s
        # Without a fresh price nothing is told, so nothing has to be looked at.
        prices = {
            symbol: quote.price
            for symbol, quote in quotes.items()
            if is_fresh(quote, newest, oldest_s)
        }
        told, after = 0, ""
        while True:
            page = await self.alerted.crossed(prices, after, _BATCH)
            for alert_id in page:
                told += await self._apart(
                    alert_id, lambda each: self._judge(each, self.measuring.of_market)
                )
            if len(page) < _BATCH:
                return told
            after = page[-1]

    async def _on_moves(self) -> int:
        told, after = 0, ""
        while True:
            page = await self.alerted.on_moves(after, _BATCH)
            for alert in page.items:
                told += await self._apart(alert.alert_id, lambda _, each=alert: self._on_move(each))
            if page.last is None:
                return told
            after = page.last

    async def _on_move(self, alert: Alert) -> bool:
        # `now` is the quote's own time: whether it is fresh is asked under the lock.
        seen = await self.measuring.of_market(alert, self._seen or alert.created_at)
        if seen is None or not look(alert, seen.value).changes(alert):
            return False
        return await self._judge(alert.alert_id, self.measuring.of_market)

    async def _on_worth(self) -> int:
        told, after = 0, ""
        while True:
            page = await self.alerted.on_worth(after, _BATCH)
            for each in page.items:
                told += await self._apart(
                    each.kept.alert.alert_id, lambda _, each=each: self._on_account(each)
                )
            if page.last is None:
                return told
            after = page.last

    async def _on_account(self, each: OnWorth) -> bool:
        alert, mark = each.kept.alert, each.kept.mark
        held = Worth(each.balances, each.deposited, each.simulated, alert.quote_currency, mark)

        async def measure(alert: Alert, now: datetime) -> Seen | None:
            return await self.measuring.of_worth(alert, held, now)

        seen = await measure(alert, self._seen or alert.created_at)
        if seen is None:
            return False
        if mark is not None and seen.price is not None:
            await self._raise(each.kept, seen.price, each.deposited)
        if not look(alert, seen.value).changes(alert):
            return False
        return await self._judge(alert.alert_id, measure)

    async def _raise(self, kept: Kept, total: Decimal, deposited: Decimal) -> None:
        # The mark is written when it rises by a hundredth of a percent: what a crash loses is less.
        if kept.mark is None or total <= (kept.mark + deposited) * _RISE:
            return
        async with self.books.unit() as unit:
            held = await unit.alerts.get(kept.alert.alert_id, lock=True)
            if held is not None:
                await unit.alerts.save(replace(held, mark=total - deposited))

    async def _judge(self, alert_id: str, measure: Measure) -> bool:
        async with self.books.unit() as unit:
            kept = await unit.alerts.get(alert_id, lock=True)
            if kept is None:
                return False
            now = await unit.now()
            seen = await measure(kept.alert, now)
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
