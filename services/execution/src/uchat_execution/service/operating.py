"""What operators set of an account's trading: halted, only selling, or as it was."""

from dataclasses import dataclass

from uchat_contracts.trading import Reason, Trading, TradingState
from uchat_execution.domain.accounts import Account
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.states import DRAWDOWN, OPERATOR, set_trading_state
from uchat_platform.errors import InvalidInputError, NotFoundError


@dataclass(frozen=True, slots=True)
class Operating:
    """Sets and releases trading states for operators."""

    books: Books

    async def trading(self, person: str) -> Trading:
        """Return how a person trades.

        Raises:
            NotFoundError: the person has no account.
        """
        async with self.books.unit() as unit:
            account = await _account(unit, person)
            return (await unit.states.standing(person, account.account)).as_shown(person)

    async def set(self, person: str, state: TradingState, why: str, *, via: str) -> Trading:
        """Halt a person's account, let it only sell, or (active) take back whatever holds it.

        Releasing it from a drawdown lets its high-water mark begin anew. What reconciliation still
        finds comes back with its next round.

        Raises:
            InvalidInputError: no reason.
            NotFoundError: the person has no account.
        """
        if state != "active" and not why.strip():
            raise InvalidInputError("Expected why, for the person to read", code="reason_missing")
        async with self.books.unit() as unit:
            account = await _account(unit, person)
            standing = await unit.states.standing(person, account.account)
            if state != "active":
                reason = Reason(code="operator", text=why.strip())
                after = await set_trading_state(unit, account, state, reason, OPERATOR, via=via)
                return after.as_shown(person)
            for demand in standing.demands:
                if demand.source == DRAWDOWN:
                    await unit.states.begin_mark(account.account)
                standing = await set_trading_state(
                    unit, account, "active", None, demand.source, via=via
                )
            return standing.as_shown(person)


async def _account(unit: Unit, person: str) -> Account:
    account = await unit.accounts.of_person(person, lock=True)
    if account is None:
        raise NotFoundError(f"Expected a person with an account, found {person!r}")
    return account
