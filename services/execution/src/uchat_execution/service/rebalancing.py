"""Works out how a portfolio gets to wanted weights. Stores and orders nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import PlanRequest
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.money import ZERO
from uchat_execution.domain.pricing import is_fresh
from uchat_execution.domain.rebalancing import Market, rebalance
from uchat_execution.ports.store import Books
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.allocating import Allocating
from uchat_execution.service.desk import Desk
from uchat_execution.service.planning import Planned, Planner
from uchat_platform.clock import Clock
from uchat_platform.errors import InvalidInputError, UnavailableError

_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Rebalanced:
    """What would have to be proposed, and what it would become; neither: nothing is off."""

    request: PlanRequest | None
    planned: Planned | None


@dataclass(frozen=True, slots=True)
class Rebalancing:
    """Makes plans of weights."""

    books: Books
    keeper: AccountKeeper
    desk: Desk
    planner: Planner
    allocating: Allocating
    clock: Clock

    async def plan(self, person: str, weights: Mapping[str, Decimal], profile: str) -> Rebalanced:
        """Return how the person's portfolio gets to weights, or to those of a profile.

        `weights`: 0 to 1 of everything, by base asset; what is not named stays as it is. Of a
        profile (cautious, balanced, bold) everything else is sold.

        Raises:
            InvalidInputError: both or neither, weights that are none (`invalid_weights`), or an
                asset that cannot be traded (`symbol_not_allowed`).
            UnavailableError: a price is missing.
        """
        if bool(weights) == bool(profile):
            raise InvalidInputError("Expected either weights or a profile", code="invalid_weights")
        _check(weights)
        account = await self.keeper.of(person)
        async with self.books.unit() as unit:
            balances = await unit.accounts.balances(account.account)
        wanted = dict(weights) or await self._profile(account, balances, profile)
        market = await self._market(account, wanted, balances)
        legs = rebalance(wanted, balances, market, account.quote_currency)
        if not legs:
            return Rebalanced(None, None)
        request = PlanRequest(
            legs=legs[:_MOST], quote_currency=account.quote_currency, purpose="rebalance"
        )
        async with self.books.unit() as unit:
            planned = await self.planner.plan(unit, account, request, await unit.now())
        return Rebalanced(request, planned)

    async def _profile(
        self, account: Account, balances: Mapping[str, Balance], profile: str
    ) -> dict[str, Decimal]:
        held = _held(account, balances)
        market = await self._market(account, {}, balances)
        total = balances.get(account.quote_currency, Balance(account.quote_currency)).quantity
        total += sum((balances[each].quantity * market.quotes[each].price for each in held), ZERO)
        suggested = await self.allocating.suggest(total, profile)
        wanted = dict.fromkeys(held, ZERO)
        return {**wanted, **{line.symbol: line.weight for line in suggested.lines}}

    async def _market(
        self, account: Account, wanted: Mapping[str, Decimal], balances: Mapping[str, Balance]
    ) -> Market:
        symbols = list(dict.fromkeys([*wanted, *_held(account, balances)]))
        rules = await self.desk.rules()
        unknown = [symbol for symbol in wanted if symbol not in rules]
        if unknown and rules:
            raise InvalidInputError(
                f"{', '.join(unknown)} cannot be traded here", code="symbol_not_allowed"
            )
        quotes = await self.desk.quotes(symbols)
        now = self.clock.now()
        for symbol in symbols:
            quote = quotes.get(symbol)
            if symbol not in rules or quote is None or not is_fresh(quote, now) or quote.bid <= 0:
                raise UnavailableError(
                    f"There is no current price for {symbol}; try again",
                    code="market_data_unavailable",
                )
        return Market(rules, quotes)


def _held(account: Account, balances: Mapping[str, Balance]) -> list[str]:
    return [
        asset
        for asset, balance in balances.items()
        if asset != account.quote_currency and balance.quantity
    ]


def _check(weights: Mapping[str, Decimal]) -> None:
    if len(weights) > _MOST:
        raise InvalidInputError(f"Expected at most {_MOST} weights", code="invalid_weights")
    if any(not weight.is_finite() or not 0 <= weight <= 1 for weight in weights.values()):
        raise InvalidInputError("Expected weights of 0 to 1", code="invalid_weights")
    if sum(weights.values(), ZERO) > 1:
        raise InvalidInputError("Expected weights that sum up to 1 or less", code="invalid_weights")
