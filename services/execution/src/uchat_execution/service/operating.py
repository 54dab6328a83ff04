"""What operators set of a person's trading: halted, only selling, or as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from uchat_contracts.trading import Reason, Trading, TradingState
from uchat_execution.domain.accounts import Account
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.accounts import accounts_of
from uchat_execution.service.states import DRAWDOWN, OPERATOR, set_trading_state
from uchat_platform.errors import InvalidInputError, NotFoundError


@dataclass(frozen=True, slots=True)
class Operating:
    """Sets and releases trading states for operators."""

    books: Books

    async def trading(self, person: str) -> Mapping[str, Trading]:
        """Return how a person trades, by venue.

        Raises:
            NotFoundError: the person has no account.
        """
        async with self.books.unit() as unit:
            return {
                each.venue: (await unit.states.standing(person, each.account)).as_shown(person)
                for each in await _accounts(unit, person)
            }

    async def set(
        self, person: str, state: TradingState, why: str, *, via: str
    ) -> Mapping[str, Trading]:
        """Halt a person's accounts, let them only sell, or (active) take back whatever holds them.

        All of them, also those at live exchanges; returns how the person trades then, by venue.
        Releasing one from a drawdown lets its high-water mark begin anew. What reconciliation still
        finds comes back with its next round.

        Raises:
            InvalidInputError: no reason.
            NotFoundError: the person has no account.
        """
        if state != "active" and not why.strip():
            raise InvalidInputError("Expected why, for the person to read", code="reason_missing")
        reason = None if state == "active" else Reason(code="operator", text=why.strip())
        async with self.books.unit() as unit:
            for account in await _accounts(unit, person):
                if reason is None:
                    await _release(unit, account, via)
                else:
                    await set_trading_state(unit, account, state, reason, OPERATOR, via=via)
        return await self.trading(person)


async def _release(unit: Unit, account: Account, via: str) -> None:
    standing = await unit.states.standing(account.person, account.account)
    for demand in standing.demands:
        if demand.source == DRAWDOWN:
            await unit.states.begin_mark(account.account)
        await set_trading_state(unit, account, "active", None, demand.source, via=via)


async def _accounts(unit: Unit, person: str) -> Sequence[Account]:
    found = await accounts_of(unit, person)
    if not found:
        raise NotFoundError(f"Expected a person with an account, found {person!r}")
    return found
