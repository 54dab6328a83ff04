"""Watches how far accounts are below their best: then they only sell, and mandates stop."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Reason, RiskLimits
from uchat_execution.domain import risk
from uchat_execution.domain.accounts import worth
from uchat_execution.ports.states import Watched
from uchat_execution.ports.store import Books
from uchat_execution.service.desk import Desk
from uchat_execution.service.mandates import suspend
from uchat_execution.service.repeating import repeat, tried
from uchat_execution.service.states import DRAWDOWN, set_trading_state

_EVERY_S: Final = 10.0
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class DrawdownWatch:
    """Looks at every account that holds more than cash, on every replica: it changes nothing twice.

    What is proposed and claimed is checked anyway; this is for the state that people see.
    """

    books: Books
    desk: Desk

    async def run(self) -> None:
        """Look until cancelled."""
        await repeat(self.look, _EVERY_S, "drawdown_not_watched")

    async def look(self) -> None:
        """Look at every account once.

        Raises:
            UnavailableError: the database is away.
        """
        after = ""
        while True:
            async with self.books.unit() as unit:
                page = await unit.states.watched(after, _PAGE)
            prices = {
                venue: await self.desk.at(venue).prices(
                    {asset for each in page if each.venue == venue for asset in each.balances}
                )
                for venue in {each.venue for each in page}
            }
            for each in page:
                total = worth(each.balances, prices[each.venue], each.quote_currency)
                if total is not None:
                    await tried(self._judge(each, total), "account_waits", account=each.account)
            if len(page) < _PAGE:
                return
            after = page[-1].account

    async def _judge(self, seen: Watched, total: Decimal) -> None:
        most = seen.most if seen.everybody_is_set else _least(seen.most, self.desk.limits)
        why = risk.drawdown(total, seen.peak, most, seen.quote_currency)
        if (why is not None) != seen.reduced:
            async with self.books.unit() as unit:
                account = await unit.accounts.get(seen.account, lock=True)
                state = "active" if why is None else "reducing"
                await set_trading_state(unit, account, state, why, DRAWDOWN)
        if seen.mandate_id is not None and seen.mandate_peak is not None:
            await self._stop(seen, seen.mandate_id, risk.below(total, seen.mandate_peak))

    async def _stop(self, seen: Watched, mandate_id: str, lost: Decimal) -> None:
        if seen.drawdown_stop is None or lost < seen.drawdown_stop:
            return
        async with self.books.unit() as unit:
            mandate = await unit.safety.mandate(mandate_id, seen.person, lock=True)
            why: Reason | None = mandate.stopped_by(lost)
            if why is not None:
                await suspend(unit, mandate, why, await unit.now())


def _least(narrower: Decimal | None, limits: RiskLimits) -> Decimal | None:
    shares = [share for share in (narrower, limits.drawdown_share) if share is not None]
    return min(shares, default=None)
