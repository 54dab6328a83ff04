"""What operators ask about an account, and the one thing that only they may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass

from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.statements import Standing
from uchat_execution.ports.store import Books
from uchat_platform.errors import ConflictError, NotFoundError


@dataclass(frozen=True, slots=True)
class Compared:
    """An account, what the books say, and how the last comparison ended."""

    account: Account
    balances: Mapping[str, Balance]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Asking:
    """Shows how an account stands, and has its books adjusted. `by` names the operator."""

    books: Books
    by: str

    async def show(self, account_id: str) -> Compared:
        """Return how an account stands.

        Raises:
            NotFoundError: there is no such account, or it was never compared.
            UnavailableError: the database is away.
        """
        async with self.books.unit() as unit:
            account = await unit.accounts.get(account_id)
            balances = await unit.accounts.balances(account_id)
            standing = await unit.truth.standing(account_id)
        if standing is None:
            raise NotFoundError(f"{account_id} was never compared with its venue")
        return Compared(account, balances, standing)

    async def account_of(self, person: str) -> str:
        """Return the id of a person's account.

        Raises:
            NotFoundError: the person has none.
        """
        async with self.books.unit() as unit:
            account = await unit.accounts.of_person(person)
        if account is None:
            raise NotFoundError(f"{person} has no account")
        return account.account

    async def adjust(self, account_id: str) -> Standing:
        """Ask for the books of an account to be made to agree with its venue.

        The service does it in its next comparison, with what the venue says then, and once;
        `adjust_asked_by` is empty when it is done. Returns how the account stands now.

        Raises:
            NotFoundError: there is no such account, or it was never compared.
            ConflictError: `no_drift`, there is nothing to adjust.
            UnavailableError: the database is away.
        """
        compared = await self.show(account_id)
        if not compared.standing.drift:
            raise ConflictError("The books agree with the exchange already", code="no_drift")
        async with self.books.unit() as unit:
            await unit.truth.ask_adjust(account_id, self.by)
        return compared.standing
