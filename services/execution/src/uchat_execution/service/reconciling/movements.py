"""What came or went otherwise than by a decision, as people are shown it."""

from dataclasses import dataclass
from datetime import datetime

from uchat_contracts.trading import Movement
from uchat_execution.ports.store import Books
from uchat_execution.service.accounts import AccountKeeper


@dataclass(frozen=True, slots=True)
class Movements:
    """Answers with deposits, withdrawals, trades by hand and adjustments."""

    books: Books
    keeper: AccountKeeper

    async def of(
        self,
        person: str,
        before: tuple[datetime, str] | None,
        limit: int,
        venue: str | None = None,
    ) -> list[Movement]:
        """Return a person's movements, latest first, before a (time, id).

        Raises:
            NotPermittedError: the person has been joined with another one.
            UnavailableError: the database is away.
        """
        account = await self.keeper.of(person, venue)
        async with self.books.unit() as unit:
            found = await unit.truth.movements(account.account, before, limit)
        return [
            Movement(
                movement_id=each.movement_id,
                kind=each.kind,
                asset=each.asset,
                amount=each.amount,
                source="external",
                note=each.note,
                at=each.at,
            )
            for each in found
        ]
