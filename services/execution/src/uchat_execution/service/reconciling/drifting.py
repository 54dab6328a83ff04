"""Holds an account back while its venue has other balances than the books, and nobody knows why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Reason
from uchat_execution.domain import ledger, statements
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.statements import Movement, Standing
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.changed import portfolio_changed
from uchat_execution.service.desk import Desk
from uchat_execution.service.reconciling import metrics
from uchat_execution.service.states import RECONCILIATION, set_trading_state
from uchat_platform import logging

CONFIRMED: Final = 2
"""So many rounds in a row the same difference, and it is no matter of who was asked first."""
_IN_FLIGHT: Final = frozenset({"submitting", "unknown"})
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Drifting:
    """Compares, restricts and releases. Only an operator adjusts the books."""

    books: Books
    desk: Desk

    async def compared(
        self,
        account: Account,
        there: Mapping[str, tuple[Decimal, Decimal]],
        standing: Standing,
        last: int,
    ) -> Standing:
        """Return how the account stands, `there` being what the venue said.

        `last`: the books' last entry before the venue was asked. What was booked since then, or is
        still on its way, says nothing either way.

        Raises:
            UnavailableError: the database is away.
        """
        desk = self.desk.at(account.venue)
        rules = await desk.rules()
        async with self.books.unit() as unit:
            held = await unit.accounts.get(account.account, lock=True)
            balances = await unit.accounts.balances(account.account)
            found = statements.drift(
                statements.differences(balances, there), rules, held.quote_currency
            )
            own = await unit.orders.open_of(account.account)
            moved = await unit.truth.last_entry(account.account) != last
            if moved or any(order.state in _IN_FLIGHT for order in own):
                return standing
            rounds = standing.drift_rounds + 1 if found == standing.drift else 1
            before = standing
            standing = replace(before, drift=found, drift_rounds=rounds if found else 0)
            prices = await desk.prices(found)
            valued = all(asset in prices or asset not in rules for asset in found)
            if rounds >= CONFIRMED and found and standing.adjust_asked_by and valued:
                await self._adjust(unit, held, found, standing.adjust_asked_by)
                standing = replace(standing, drift={}, drift_rounds=0)
            await self._restrict(unit, held, standing, before)
        return standing

    async def _restrict(
        self, unit: Unit, account: Account, standing: Standing, before: Standing
    ) -> None:
        if standing.drift_rounds >= CONFIRMED:
            why = _why(standing.drift)
            await set_trading_state(unit, account, "reducing", why, RECONCILIATION)
            if standing.drift_rounds == CONFIRMED:
                metrics.DRIFTED.inc()
                _log.error("account_drifts", account=account.account, drift=standing.drift)
        elif not standing.drift and before.drift_rounds:
            await set_trading_state(unit, account, "active", None, RECONCILIATION)

    async def _adjust(
        self, unit: Unit, account: Account, found: Mapping[str, Decimal], by: str
    ) -> None:
        last, now = await unit.truth.last_entry(account.account), await unit.now()
        prices = await self.desk.at(account.venue).prices(found)
        for asset, units in sorted(found.items()):
            balances = await unit.accounts.balances(account.account)
            key = f"recon:{account.account}:{last}:{asset}"
            posting, value = ledger.adjustment(
                account, key, (asset, units), balances, prices.get(asset)
            )
            if await unit.accounts.post(posting):
                note = f"The books were made to agree with the exchange, by {by}"
                moved = Movement(key, "adjustment", asset, units, value, note, now)
                await unit.truth.note(account.account, moved)
        await portfolio_changed(unit, self.desk, account, now)
        _log.warning("books_adjusted", account=account.account, by=by, assets=sorted(found))


def _why(drift: Mapping[str, Decimal]) -> Reason:
    return Reason(
        code="drift",
        text=f"The exchange says that you have {statements.said(drift)} than the books explain."
        " Until that is settled, only selling is possible.",
    )
