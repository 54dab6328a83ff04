"""Keeps lots and results up with the ledger, for whoever asks for them.

They are a projection: what is missing is folded in when somebody looks, under the account's lock, a
page at a time. Nothing waits for it while money moves, and it can be made anew at any time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from uchat_execution.domain.accounts import Account
from uchat_execution.domain.lots import QUARTER, Booked, Lots, Result
from uchat_execution.ports.store import Books, Unit

_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Projecting:
    """Folds the ledger. Every replica may do so: they wait for each other, page by page."""

    books: Books

    async def catch_up(self, account: Account) -> None:
        """Fold whatever is in the ledger now.

        Raises:
            UnavailableError: the database is away; what was folded stays.
        """
        while True:
            async with self.books.unit() as unit:
                if not await unit.results.behind(account.account):
                    return
                await unit.accounts.get(account.account, lock=True)
                await _fold(unit, account)


async def _fold(unit: Unit, account: Account) -> None:
    page = await unit.results.booked(account.account, _PAGE)
    if not page:
        return
    lots = Lots(account.quote_currency)
    for asset, known in (await unit.results.lots(account.account, _taken(page))).items():
        lots.put(asset, known)
    results: dict[tuple[datetime, str], Result] = {}
    for booked in page:
        result = lots.fold(booked)
        if result is not None and booked.trade is not None:
            key = (_quarter(booked.at), booked.trade.symbol)
            results[key] = results.get(key, Result()) + result
    await unit.results.keep(account.account, page[-1].tx_id, lots.touched, results)


def _taken(page: Sequence[Booked]) -> set[str]:
    return {asset for booked in page for asset, units in booked.gains.items() if units < 0}


def _quarter(at: datetime) -> datetime:
    seconds = int(at.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(QUARTER.total_seconds()), UTC)
