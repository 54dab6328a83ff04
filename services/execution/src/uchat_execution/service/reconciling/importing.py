"""Takes trades and transfers of the person's own hand into the books: once, whoever finds them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from uchat_execution.domain import ledger
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.ledger import after
from uchat_execution.domain.money import exact, money, quantity
from uchat_execution.domain.statements import Movement, ToldTrade, ToldTransfer
from uchat_execution.ports.reconciling import Statements
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.alerts.filling import Filled, tell_filled
from uchat_execution.service.changed import portfolio_changed
from uchat_execution.service.desk import Desk
from uchat_execution.service.reconciling import metrics
from uchat_execution.service.reconciling.adopting import Adopting
from uchat_platform import logging

_PAGES: Final = 5
_OVERLAP: Final = timedelta(days=1)
"""A deposit is told by the time that it was seen, and counts once it is confirmed."""
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Importing:
    """Books what is not ours. Everything has an id of the venue's: again, nothing changes."""

    books: Books
    statements: Statements
    desk: Desk
    adopting: Adopting

    async def trades(self, account: Account, symbols: Iterable[str]) -> int:
        """Book new trades in these symbols, and adopt those of our orders; returns how many.

        Raises:
            UnavailableError: the venue or the database is away; nothing is booked in part.
        """
        async with self.books.unit() as unit:
            cursors = await unit.truth.cursors(account.account)
        return sum([await self._symbol(account, each, cursors.get(each)) for each in symbols])

    async def transfers(self, account: Account, moves_from: datetime | None) -> int:
        """Book deposits and withdrawals since a time (with a day's overlap); returns how many.

        Raises:
            UnavailableError: the venue or the database is away.
        """
        since = max(account.opened_at, (moves_from or account.opened_at) - _OVERLAP)
        told = await self.statements.transfers(account, since)
        desk = self.desk.at(account.venue)
        prices = await desk.prices({each.asset for each in told})
        listed = await desk.rules()
        # What has a market waits for its price: without one it would be in the books at no cost.
        told = [each for each in told if each.asset in prices or each.asset not in listed]
        if not told:
            return 0
        async with self.books.unit() as unit:
            held = await unit.accounts.get(account.account, lock=True)
            booked = [each for each in told if await self._transfer(unit, held, each, prices)]
            if booked:
                await portfolio_changed(unit, self.desk, held, await unit.now())
        for each in booked:
            metrics.IMPORTED.labels(each.kind).inc()
            _log.info("transfer_booked", account=account.account, kind=each.kind)
        return len(booked)

    async def _symbol(self, account: Account, symbol: str, last: str | None) -> int:
        count = 0
        for _ in range(_PAGES):
            told, more = await self.statements.trades(account, symbol, last, account.opened_at)
            if not told:
                break
            clear, booked = await self._page(account, symbol, told)
            count += booked
            if clear < len(told) or not more:
                break
            last = told[-1].fill.trade_id
        return count

    async def _page(
        self, account: Account, symbol: str, told: Sequence[ToldTrade]
    ) -> tuple[int, int]:
        """How many trades of the page are in the books now, without a gap, and how many are new."""
        fresh = await self._unbooked(account, symbol, told)
        if not fresh:
            await self._move(account, symbol, told)
            return len(told), 0
        numbers = list(dict.fromkeys(each.venue_order_id for each in fresh))
        names = await self.statements.client_ids(account, symbol, numbers)
        async with self.books.unit() as unit:
            ours = await unit.truth.ours(account.account, list(names.values()))
        foreign: list[ToldTrade] = []
        for each in fresh:
            if each.venue_order_id not in names:
                # Its order is not told yet: perhaps it is one of ours.
                break
            if names[each.venue_order_id] not in ours:
                foreign.append(each)
        for name in sorted(set(names.values()) & ours.keys()):
            await self.adopting.order(ours[name])
        await self._book(account, symbol, foreign)
        return await self._clear(account, symbol, told), len(foreign)

    async def _book(self, account: Account, symbol: str, trades: Sequence[ToldTrade]) -> None:
        if not trades:
            return
        async with self.books.unit() as unit:
            held = await unit.accounts.get(account.account, lock=True)
            balances = await unit.accounts.balances(account.account)
            booked: list[ToldTrade] = []
            for trade in trades:
                fill = held.numbered(trade.fill)
                posting = ledger.external(held, trade, fill, balances)
                if not await unit.truth.add_external(held, trade, fill, posting.realised):
                    continue
                await unit.accounts.post(posting)
                balances = after(balances, posting)
                await unit.truth.note(account.account, _by_hand(held, trade, posting.source_key))
                booked.append(trade)
            now = await unit.now()
            await portfolio_changed(unit, self.desk, held, now, symbol)
            for trade in booked:
                await tell_filled(unit, held, _filled(held, trade), now)
        metrics.IMPORTED.labels("trade").inc(len(trades))
        _log.info("trades_booked", account=account.account, symbol=symbol, trades=len(trades))

    async def _transfer(
        self, unit: Unit, account: Account, told: ToldTransfer, prices: Mapping[str, Decimal]
    ) -> bool:
        balances, price = await unit.accounts.balances(account.account), prices.get(told.asset)
        posting, value = ledger.transfer(account, told, balances, price)
        if not await unit.accounts.post(posting):
            return False
        note = "" if told.asset == account.quote_currency else _valued(told, price)
        came = told.kind == "deposit"
        amount = told.amount if came else -(told.amount + told.fee)
        # Some are told to the second only.
        at = max(told.at, account.opened_at)
        moved = Movement(posting.source_key, told.kind, told.asset, exact(amount), value, note, at)
        await unit.truth.note(account.account, moved)
        return True

    async def _unbooked(
        self, account: Account, symbol: str, told: Sequence[ToldTrade]
    ) -> list[ToldTrade]:
        numbers = [account.numbered(each.fill).trade_id for each in told]
        async with self.books.unit() as unit:
            booked = await unit.truth.booked(account.account, symbol, numbers)
        return [each for each, number in zip(told, numbers, strict=True) if number not in booked]

    async def _clear(self, account: Account, symbol: str, told: Sequence[ToldTrade]) -> int:
        missing = await self._unbooked(account, symbol, told)
        clear = told.index(missing[0]) if missing else len(told)
        if clear:
            await self._move(account, symbol, told[:clear])
        return clear

    async def _move(self, account: Account, symbol: str, told: Sequence[ToldTrade]) -> None:
        async with self.books.unit() as unit:
            await unit.truth.move_cursor(account.account, symbol, told[-1].fill.trade_id)


def _filled(account: Account, trade: ToldTrade) -> Filled:
    fill = trade.fill
    key = f"trade:{account.account}:{trade.symbol}:{account.numbered(fill).trade_id}"
    units = fill.quantity
    return Filled(key, trade.symbol, trade.side, units, units, fill.price, fill.at, by_hand=True)


def _by_hand(account: Account, trade: ToldTrade, source_key: str) -> Movement:
    bought, fill = trade.side == "buy", trade.fill
    return Movement(
        movement_id=source_key,
        kind="external",
        asset=trade.symbol,
        amount=exact(fill.quantity if bought else -fill.quantity),
        value=None,
        note=f"{'Bought' if bought else 'Sold'} at the exchange by hand, at"
        f" {money(fill.price, account.quote_currency)}",
        at=fill.at,
    )


def _valued(told: ToldTransfer, price: Decimal | None) -> str:
    if price is None:
        return "No price was known when it was booked; it is in the books at no cost"
    if told.kind == "withdrawal":
        fee = f", {quantity(told.fee)} {told.asset} of it as the fee" if told.fee else ""
        return f"Valued at the market price when it was booked{fee}"
    return "Its cost is the market price when it was booked"
