"""One comparison of one account with its venue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Self

from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.orders import RESTING
from uchat_execution.domain.statements import Standing, ToldOrder, differences
from uchat_execution.ports import Venue
from uchat_execution.ports.reconciling import AccountLostError, Statements
from uchat_execution.ports.store import Books
from uchat_execution.ports.venues import VenueGateway
from uchat_execution.service.cancelling import Cancelling
from uchat_execution.service.desk import Desk
from uchat_execution.service.live.rechecking import Rechecking
from uchat_execution.service.reconciling.adopting import Adopting
from uchat_execution.service.reconciling.drifting import CONFIRMED, Drifting
from uchat_execution.service.reconciling.importing import Importing
from uchat_execution.service.reconciling.reopening import Reopening
from uchat_execution.service.recording import Recording
from uchat_platform.errors import UnavailableError

_WHOLE_EVERY: Final = timedelta(minutes=10)
_OFTEN: Final = timedelta(seconds=10)
"""What happens at the venue is in the books within 15 s: a round, and the time that it takes."""
_CONFIRMS: Final = timedelta(seconds=3)
_SELDOM: Final = timedelta(minutes=10)
_ACTIVE: Final = timedelta(hours=1)
_LIVE_OFTEN: Final = timedelta(seconds=30)
_LIVE_SELDOM: Final = timedelta(minutes=5)
_LIVE_ACTIVE: Final = timedelta(minutes=10)
"""Live exchanges count requests by address, for everybody who is here together."""
_AT_ONCE: Final = timedelta(0)
_SYMBOLS: Final = 20


@dataclass(frozen=True, slots=True)
class Rounds:
    """Compares balances and resting orders; looks for trades and transfers if they differ.

    A whole round looks for them in any case: at the start, and every ten minutes. At a live
    exchange it asks what the key may do as well.
    """

    books: Books
    statements: Statements
    desk: Desk
    adopting: Adopting
    importing: Importing
    drifting: Drifting
    reopening: Reopening
    rechecking: Rechecking

    @classmethod
    def of(
        cls,
        books: Books,
        desk: Desk,
        venue: Venue,
        recording: Recording,
        statements: Statements,
        *,
        gateway: VenueGateway,
        cancelling: Cancelling,
    ) -> Self:
        """Return rounds of the accounts of a venue."""
        adopting = Adopting(books, venue, recording)
        return cls(
            books,
            statements,
            desk,
            adopting,
            Importing(books, statements, desk, adopting),
            Drifting(books, desk),
            Reopening(books, venue, recording),
            Rechecking(books, gateway, cancelling),
        )

    async def run(self, standing: Standing, since: datetime) -> None:
        """Compare an account and store how it stands. `since`: a round before is not enough.

        Raises:
            UnavailableError: the venue or the database is away.
            AccountLostError: a live venue does not tell of the account, and yet accepts its key.
        """
        async with self.books.unit() as unit:
            began = await unit.now()
            account = await unit.accounts.get(standing.account)
            balances = await unit.accounts.balances(account.account)
            own = await unit.orders.open_of(account.account)
            last = await unit.truth.last_entry(account.account)
        if not account.at_venue:
            await self._finish(standing, _CONFIRMS, adjusted=False)
            return
        if not await self.desk.at(account.venue).rules():
            # Without them nobody can tell what is listed, nor what is dust.
            raise UnavailableError("The exchange has not told its rules", code="venue_unavailable")
        whole = _is_whole(standing, began, since)
        if whole and not account.simulated and not await self.rechecking.again(account):
            await self._refused(account, standing, began)
            return
        try:
            there = await self.statements.balances(account)
            rests = any(order.state in RESTING for order in own)
            reserved = any(units for _, units in there.values())
            # Whatever rests has something reserved.
            resting: Sequence[ToldOrder] = ()
            if rests or reserved:
                resting = await self.statements.open_orders(account)
        except AccountLostError:
            if not account.simulated:
                if whole or await self.rechecking.again(account):
                    raise
                await self._refused(account, standing, began)
                return
            await self.reopening.again(account)
            await self._finish(replace(standing, full_at=None), _AT_ONCE, adjusted=False)
            return
        asked_by = standing.adjust_asked_by
        await self.adopting.differing(account, own, resting)
        found = differences(balances, there)
        if whole or found:
            booked = await self._look(account, standing, balances, found, whole=whole)
            if booked:
                async with self.books.unit() as unit:
                    last = await unit.truth.last_entry(account.account)
                there = await self.statements.balances(account)
            standing = replace(
                standing,
                full_at=began if whole else standing.full_at,
                moves_from=began,
                turn=standing.turn + 1,
            )
        standing = await self.drifting.compared(account, there, standing, last)
        standing = replace(standing, reconciled_at=began)
        adjusted = asked_by is not None and standing.drift_rounds == 0
        await self._finish(standing, _next(account, standing, began), adjusted=adjusted)

    async def _look(
        self,
        account: Account,
        standing: Standing,
        balances: Mapping[str, Balance],
        found: Mapping[str, Decimal],
        *,
        whole: bool,
    ) -> int:
        async with self.books.unit() as unit:
            cursors = await unit.truth.cursors(account.account)
        listed = sorted(await self.desk.at(account.venue).rules())
        cash = account.quote_currency
        near = {*found, *cursors, *balances} if whole else {*found}
        if cash in found and len(found) == 1:
            # Something was bought and sold again: only a look at everything can tell what.
            near |= {*cursors, *balances, *_turn(listed, standing.turn)}
        booked = await self.importing.trades(account, _tradable(near, listed, cash))
        return booked + await self.importing.transfers(account, standing.moves_from)

    async def _refused(self, account: Account, standing: Standing, began: datetime) -> None:
        # Nothing was compared. The next round asks for the key first, and looks at everything.
        next_in = _next(account, standing, began)
        await self._finish(replace(standing, full_at=None), next_in, adjusted=False)

    async def _finish(self, standing: Standing, next_in: timedelta, *, adjusted: bool) -> None:
        async with self.books.unit() as unit:
            await unit.truth.finish(standing, next_in, adjusted=adjusted)


def _is_whole(standing: Standing, now: datetime, since: datetime) -> bool:
    done = standing.full_at
    return done is None or done < since or now - done > _WHOLE_EVERY


def _next(account: Account, standing: Standing, now: datetime) -> timedelta:
    if standing.drift and standing.drift_rounds < CONFIRMED:
        return _CONFIRMS
    idle = now - standing.active_at
    if not account.simulated:
        return _LIVE_OFTEN if idle < _LIVE_ACTIVE or standing.drift else _LIVE_SELDOM
    return _OFTEN if idle < _ACTIVE or standing.drift else _SELDOM


def _tradable(symbols: Iterable[str], listed: Sequence[str], cash: str) -> list[str]:
    known = set(listed)
    return sorted(symbol for symbol in symbols if symbol != cash and symbol in known)


def _turn(listed: Sequence[str], turn: int) -> Sequence[str]:
    start = turn * _SYMBOLS % max(len(listed), 1)
    return [*listed[start:], *listed[:start]][:_SYMBOLS]
