"""Which orders somebody has to keep an eye on. Plain reads: whoever acts on them looks again."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from uchat_execution.domain.orders import Order


class Watched(Protocol):
    """Orders that wait for a price, and accounts that the venue may tell something about."""

    async def waiting_symbols(self) -> Sequence[str]:
        """Return the symbols that orders kept here wait for.

        Raises:
            UnavailableError: the database is away.
        """
        ...

    async def reached(self, symbol: str, price: Decimal, limit: int) -> Sequence[Order]:
        """Return orders whose trigger the market has reached at a price, oldest first.

        Raises:
            UnavailableError: the database is away.
        """
        ...

    async def accounts_resting(self, limit: int) -> Sequence[str]:
        """Return accounts with orders that rest at the venue, or may, those longest first.

        Raises:
            UnavailableError: the database is away.
        """
        ...

    async def resting(self, account: str) -> Sequence[Order]:
        """Return an account's orders that rest at the venue, or may.

        Raises:
            UnavailableError: the database is away.
        """
        ...

    async def by_client_id(self, venue: str, account: str, client_order_id: str) -> Order | None:
        """Return the order that has this id at a venue.

        Raises:
            UnavailableError: the database is away.
        """
        ...
