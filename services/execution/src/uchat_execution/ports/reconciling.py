"""What reconciliation asks of a venue, and where it keeps how far it has come."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from uchat_execution.domain.accounts import Account
from uchat_execution.domain.orders import VenueFill
from uchat_execution.domain.statements import (
    Movement,
    Standing,
    ToldOrder,
    ToldTrade,
    ToldTransfer,
)
from uchat_platform.errors import UchatError


class AccountLostError(UchatError):
    """The venue does not know the account any more, or does not accept its key."""

    status = 409
    default_code = "account_unknown_to_venue"


class Statements(Protocol):
    """What a venue tells of an account, whoever caused it. Symbols are base assets.

    Every method raises UnavailableError (`venue_unavailable`) while the venue does not answer, and
    AccountLostError if it does not know the account.
    """

    async def balances(self, account: Account) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return free and reserved units by asset; assets of which there is none are missing."""
        ...

    async def open_orders(self, account: Account) -> Sequence[ToldOrder]:
        """Return every order that rests."""
        ...

    async def trades(
        self, account: Account, symbol: str, after: str | None, since: datetime
    ) -> tuple[Sequence[ToldTrade], bool]:
        """Return trades after one (none: since a time), oldest first, and whether there are more.

        A page at a time: ask again after the last one.
        """
        ...

    async def client_ids(
        self, account: Account, symbol: str, venue_order_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """Return what whoever placed these orders called them; those not told yet are missing."""
        ...

    async def transfers(self, account: Account, since: datetime) -> Sequence[ToldTransfer]:
        """Return deposits and withdrawals that are completed, oldest first."""
        ...


class Truth(Protocol):
    """Reconciliation's own part of the books, within one transaction."""

    async def touch(self, account: str) -> None:
        """Note that somebody works on the account: it is looked at often, and now."""
        ...

    async def claim_due(self, limit: int, hold: timedelta) -> list[Standing]:
        """Return accounts whose round is due; nobody else gets them for so long."""
        ...

    async def claim(self, account: str, hold: timedelta) -> Standing:
        """Return one account for a round now, whoever has one under way: two do no harm."""
        ...

    async def backlog(self) -> tuple[int, float]:
        """Return how many rounds are due, and by how many seconds the oldest is late."""
        ...

    async def finish(self, standing: Standing, next_in: timedelta, *, adjusted: bool) -> None:
        """Store how far an account has come, and when its next round is due.

        `adjusted`: what an operator asked for is done.
        """
        ...

    async def ask_adjust(self, account: str, by: str) -> None:
        """Note that an operator wants the books adjusted, in a round that is due now."""
        ...

    async def standing(self, account: str) -> Standing | None:
        """Return how far an account has come."""
        ...

    async def ours(self, account: str, client_order_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the ids of our orders by what the venue calls them; others are missing."""
        ...

    async def booked(self, account: str, symbol: str, trade_ids: Sequence[str]) -> set[str]:
        """Return which trades are in the books."""
        ...

    async def add_external(
        self, account: Account, trade: ToldTrade, fill: VenueFill, realised: Decimal
    ) -> bool:
        """Store a trade of the person's own hand; False: it is there already."""
        ...

    async def cursors(self, account: str) -> Mapping[str, str]:
        """Return the last trade that is in the books, by symbol."""
        ...

    async def move_cursor(self, account: str, symbol: str, trade_id: str) -> None:
        """Note that everything until a trade is in the books."""
        ...

    async def note(self, account: str, movement: Movement) -> bool:
        """Store a movement and count what came from outside; False: it is there already."""
        ...

    async def movements(
        self, account: str, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Movement]:
        """Return movements, latest first, before a (time, id)."""
        ...

    async def last_entry(self, account: str) -> int:
        """Return the number of the account's last ledger transaction."""
        ...

    async def reopened(self, account: str) -> None:
        """Note that the venue had lost the account: its numbers of trades begin anew."""
        ...

    async def life(self) -> datetime | None:
        """Compare the database with the one that the books belong to.

        Returns when another one was found to hold them, if ever: they were restored, or a standby
        took over.
        """
        ...

    async def thin_worths(self, after: str, limit: int) -> str | None:
        """Thin out old notes of what accounts after one were worth.

        Of an hour the last one and the highest stay; of what is older than 90 days, of a day.
        Returns the last of these accounts; None: there are no more.
        """
        ...

    async def doubted(self, limit: int) -> list[str]:
        """Return orders that wait to be sent since before the restore, locked."""
        ...
