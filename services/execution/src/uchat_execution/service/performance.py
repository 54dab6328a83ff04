"""How a person's account did: profit by asset and by day, week or month, its curve, its ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar, cast, get_args

from uchat_contracts.trading import CostMethod, Equity, LedgerEntry, Pnl
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.lots import Result
from uchat_execution.domain.periods import Period, Span, began, span_began, starts, zone_of
from uchat_execution.ports.results import Told
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service import figures
from uchat_execution.service.converting import converted
from uchat_execution.service.figures import Seen
from uchat_execution.service.portfolio import Portfolios
from uchat_execution.service.preferences import Choices
from uchat_execution.service.projecting import Projecting
from uchat_platform.errors import InvalidInputError

if TYPE_CHECKING:
    from decimal import Decimal

_POINTS: Final = 200
_FiguresT = TypeVar("_FiguresT", Pnl, Equity)


@dataclass(frozen=True, slots=True)
class Performance:
    """Answers how an account did. With `own_currency` in that of the person, if it is quoted."""

    books: Books
    portfolios: Portfolios
    choices: Choices
    projecting: Projecting

    async def pnl(
        self,
        person: str,
        period: str,
        method: str = "average",
        *,
        own_currency: bool = False,
        venue: str | None = None,
    ) -> Pnl:
        """Return profit and loss of the period that runs where the person lives.

        Raises:
            InvalidInputError: a period other than day, week, month and all; a method other than
                average and fifo.
        """
        asked = cast("Period", _one_of(period, get_args(Period)))
        how = cast("CostMethod", _one_of(method, get_args(CostMethod)))
        account = await self.portfolios.keeper.of(person, venue)
        await self.projecting.catch_up(account)
        async with self.books.unit() as unit:
            told, now = await self.choices.within(unit, person), await unit.now()
            begins = began(asked, now, zone_of(told.time_zone))
            seen = await self._seen(unit, account, told, begins, how)
            pnl = await _pnl(unit, seen, begins)
            parts = starts(asked, now, zone_of(told.time_zone), account.opened_at)
            sums = await unit.results.by_part(account.account, parts)
            notes = await unit.results.valued(account.account, parts)
        results = figures.periods(seen, parts, sums, notes)
        pnl = pnl.model_copy(update={"results": results})
        return await self._told(pnl, told) if own_currency else pnl

    async def equity(
        self, person: str, span: str, *, own_currency: bool = False, venue: str | None = None
    ) -> Equity:
        """Return the value over a span of 1, 7, 30 or 365 days until now, or over all the time.

        Raises:
            InvalidInputError: a span other than day, week, month, year and all.
        """
        asked = cast("Span", _one_of(span, get_args(Span)))
        account = await self.portfolios.keeper.of(person, venue)
        async with self.books.unit() as unit:
            told = await self.choices.within(unit, person)
            begins = span_began(asked, await unit.now())
            seen = await self._seen(unit, account, told, begins)
            notes = await unit.results.curve(account.account, seen.since, _POINTS)
        equity = figures.equity(seen, notes)
        return await self._told(equity, told) if own_currency else equity

    async def ledger(
        self, person: str, before: tuple[int, int] | None, limit: int, venue: str | None = None
    ) -> Sequence[LedgerEntry]:
        """Return entries of the ledger, latest first, before a (transaction, number)."""
        account = await self.portfolios.keeper.of(person, venue)
        async with self.books.unit() as unit:
            return await unit.results.ledger(account.account, before, limit)

    async def _seen(
        self,
        unit: Unit,
        account: Account,
        told: Told,
        begins: datetime | None,
        how: CostMethod = "average",
    ) -> Seen:
        shown = await self.portfolios.shown(unit, account)
        since = max(begins or account.opened_at, account.opened_at)
        return Seen(account, shown, await unit.now(), since, zone_of(told.time_zone).key, how)

    async def _told(self, made: _FiguresT, told: Told) -> _FiguresT:
        conversion, note = await self.choices.conversion(told)
        if conversion is None:
            return made.model_copy(update={"currency_note": note})
        own = {"currency": conversion.currency, "conversion": conversion}
        return converted(made, conversion).model_copy(update=own)


async def _pnl(unit: Unit, seen: Seen, begins: datetime | None) -> Pnl:
    account = seen.account.account
    by_asset = await unit.results.by_asset(account, begins)
    costs: Mapping[str, Decimal] = {}
    if seen.method == "fifo":
        costs = await unit.results.costs(account)
    notes = await unit.results.curve(account, seen.since, _POINTS)
    sums = sum(by_asset.values(), start=Result())
    return figures.pnl(seen, figures.assets(seen, by_asset, costs), sums, notes)


def _one_of(value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise InvalidInputError(f"Expected one of {', '.join(known)}, found {value[:40]!r}")
    return value
