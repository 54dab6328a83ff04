"""A paper exchange that lost its journal gets its accounts back as the books have them."""

from dataclasses import dataclass
from typing import Final

from uchat_contracts.trading import Reason
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.orders import RESTING
from uchat_execution.ports import Venue
from uchat_execution.ports.store import Books
from uchat_execution.service.recording import Recording
from uchat_platform import logging

LOST: Final = Reason(
    code="lost_by_venue",
    text="The paper exchange began anew and no longer has this order; what was filled stays.",
)
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reopening:
    """Opens a paper account again at the venue, with the balances of the ledger."""

    books: Books
    venue: Venue
    recording: Recording

    async def again(self, account: Account) -> None:
        """Open it again. What rested there is over; repeated after a crash, it does no harm.

        The venue counts its trades from one again: those of this life get a name of their own.

        Raises:
            UnavailableError: the venue or the database is away.
        """
        async with self.books.unit() as unit:
            held = await unit.accounts.get(account.account, lock=True)
            if held.reopened != account.reopened:
                # Somebody else has: counting on would name the same trades twice.
                return
            await unit.truth.reopened(account.account)
            balances = await unit.accounts.balances(account.account)
            own = await unit.orders.open_of(account.account)
        for order in own:
            if order.state in RESTING:
                await self.recording.forgotten(order, LOST)
        units = {asset: held.quantity for asset, held in balances.items() if held.quantity > 0}
        await self.venue.open_account(account.account, units)
        _log.warning("account_reopened", account=account.account, lost_orders=len(own))
