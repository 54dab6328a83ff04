"""Where orders go."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from uchat_execution.domain.orders import NewOrder, OrderRef, SeenOrder, SymbolRules, VenueOrder
from uchat_platform.errors import UchatError


class RejectedByVenueError(UchatError):
    """The venue refused the order for good: nothing was placed. `code` is stable, snake case."""

    status = 409
    default_code = "rejected_by_venue"


class NotPlacedError(UchatError):
    """The venue certainly did not place it, and a new attempt may succeed: clock, rate limit."""

    status = 503
    default_code = "not_placed"


class AccountUnknownError(NotPlacedError):
    """A paper exchange that began anew does not know the account; it is opened there again."""

    default_code = "venue_account_unknown"


class OutcomeUnknownError(UchatError):
    """Nobody knows whether it was placed. Only evidence from the venue may end this.

    Whatever is not on the list of definite outcomes is this: timeouts, broken connections, 5xx,
    answers that cannot be read.
    """

    status = 503
    default_code = "outcome_unknown"


class Venue(Protocol):
    """A place to trade. Accounts are named by our own ids; keys are the adapter's business."""

    @property
    def name(self) -> str:
        """Return the venue's name, as it stands in plans: `paper`."""
        ...

    @property
    def simulated(self) -> bool:
        """Tell whether no real money moves."""
        ...

    async def open_account(self, account: str, balances: Mapping[str, Decimal]) -> None:
        """Open a paper account; the balances count the first time only. Idempotent.

        Raises:
            UnavailableError: the venue is away.
        """
        ...

    async def rules(self) -> Mapping[str, SymbolRules]:
        """Return the rules of every symbol that can be traded, by base asset. From memory.

        Raises:
            UnavailableError: they were never read.
        """
        ...

    async def place(self, order: NewOrder) -> VenueOrder:
        """Send an order once, never again by itself; returns it with the fills it has by then.

        Raises:
            RejectedByVenueError: refused, nothing placed.
            NotPlacedError: certainly not placed, for a passing reason.
            OutcomeUnknownError: everything else.
        """
        ...

    async def find(self, ref: OrderRef) -> VenueOrder | None:
        """Return the order of our id with all its fills, None if the venue certainly has none.

        None needs three negative answers: the order query, open orders, and trades since
        `ref.since`.

        Raises:
            UnavailableError: one of the questions was not answered: that is no evidence.
        """
        ...

    async def by_number(self, ref: OrderRef, venue_order_id: str) -> SeenOrder | None:
        """Return the account's order of the venue's own number; None: there is none in the symbol.

        Raises:
            UnavailableError: the question was not answered.
        """
        ...

    async def cancel(self, ref: OrderRef) -> VenueOrder | None:
        """Cancel an open order and return it as it stands then; None: the venue has none.

        An order that is filled or cancelled already is returned as it is.

        Raises:
            UnavailableError: not known whether it was cancelled; ask again.
        """
        ...

    async def balances(self, account: str) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return free and reserved units by asset.

        Raises:
            UnavailableError: the venue is away.
        """
        ...
