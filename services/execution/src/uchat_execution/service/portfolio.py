"""What a person owns and did: read from the projections, valued at the market's mid prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Holding, Order, Portfolio, Trade
from uchat_execution.domain import orders as domain
from uchat_execution.domain.accounts import Account, Balance, worth
from uchat_execution.domain.instruments import Instrument
from uchat_execution.domain.market import Quote
from uchat_execution.domain.money import ZERO, exact, ratio, share
from uchat_execution.domain.periods import began, zone_of
from uchat_execution.domain.pricing import is_fresh
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.desk import Desk

_PERCENT: Final = Decimal("0.01")
_COMPARED_WITHIN: Final = timedelta(minutes=15)
"""A live account is compared every five minutes at least, as long as its exchange answers."""


@dataclass(frozen=True, slots=True)
class Portfolios:
    """Answers what a person owns and did."""

    books: Books
    keeper: AccountKeeper
    desk: Desk

    async def of(self, person: str, venue: str | None = None) -> Portfolio:
        """Return everything that a person owns at a venue; none: on paper.

        Raises:
            NotPermittedError: the person has been joined with another one.
            NotFoundError: `venue_not_connected`, as for every other question about a venue.
            UnavailableError: the database is away.
        """
        account = await self.keeper.of(person, venue)
        async with self.books.unit() as unit:
            return await self.shown(unit, await unit.accounts.get(account.account))

    async def of_account(self, account_id: str) -> tuple[str, Portfolio]:
        """Return the owner of an account and what it holds.

        Raises:
            NotFoundError: there is no such account.
            UnavailableError: the database is away.
        """
        async with self.books.unit() as unit:
            account = await unit.accounts.get(account_id)
            return account.person, await self.shown(unit, account)

    async def orders(
        self,
        person: str,
        symbol: str | None,
        *,
        open_only: bool,
        before: tuple[datetime, str] | None,
        limit: int,
        venue: str | None = None,
    ) -> list[Order]:
        """Return a person's orders, latest first."""
        account = await self.keeper.of(person, venue)
        async with self.books.unit() as unit:
            found = await unit.orders.page(
                account.account, symbol, open_only=open_only, before=before, limit=limit
            )
        return [shown_order(order) for order in found]

    async def trades(
        self,
        person: str,
        symbol: str | None,
        before: tuple[datetime, str] | None,
        limit: int,
        venue: str | None = None,
    ) -> list[Trade]:
        """Return a person's fills, latest first."""
        account = await self.keeper.of(person, venue)
        async with self.books.unit() as unit:
            return await unit.orders.trades(account.account, symbol, before, limit)

    async def shown(self, unit: Unit, account: Account) -> Portfolio:
        """Return what an account holds, within a unit."""
        now = await unit.now()
        balances = await unit.accounts.balances(account.account)
        quote = account.quote_currency
        assets = [
            asset for asset, balance in balances.items() if asset != quote and balance.quantity
        ]
        desk = self.desk.at(account.venue)
        quotes = await desk.quotes(assets)
        listed = {each.symbol: each for each in await desk.market.instruments()}
        prices = {symbol: quote.price for symbol, quote in quotes.items()}
        total = worth(balances, prices, quote)
        holdings = [_holding(balances[asset], quotes, listed, total) for asset in assets]
        holdings.sort(key=lambda held: (-(held.value or ZERO), held.symbol))
        told = await unit.results.told_in(account.person)
        midnight = began("day", now, zone_of(told.time_zone if told else "UTC"))
        start = await unit.accounts.worth_at(account.account, midnight or now)
        cash = balances.get(quote, Balance(quote))
        known_at = await _outdated(unit, account, now)
        return Portfolio(
            account=account.account,
            venue=account.venue,
            simulated=account.simulated,
            quote_currency=quote,
            cash=cash.free,
            cash_reserved=cash.reserved,
            total=None if total is None else exact(total),
            deposited=account.deposited,
            realised=sum((balance.realised for balance in balances.values()), ZERO),
            unrealised=_sum([held.unrealised for held in holdings if held.quantity]),
            change_today=None if total is None or start is None else exact(total - start),
            holdings=holdings,
            as_of=min([*(each.as_of for each in quotes.values()), known_at or now]),
            stale=known_at is not None or any(not is_fresh(each, now) for each in quotes.values()),
            price_source=next((each.source for each in quotes.values()), None),
            prices_simulated=any(each.simulated for each in quotes.values()) if quotes else None,
        )


async def _outdated(unit: Unit, account: Account, now: datetime) -> datetime | None:
    """Of when the books of a live account are, if that is long ago: nobody could ask since."""
    if account.simulated:
        return None
    standing = await unit.truth.standing(account.account)
    compared = standing.reconciled_at if standing is not None else None
    known_at = max(compared or account.opened_at, account.opened_at)
    keys = await unit.venues.keys(account.person)
    refused = any(key.refused_at for key in keys if key.account == account.account)
    return known_at if refused or now - known_at > _COMPARED_WITHIN else None


def _holding(
    balance: Balance,
    quotes: Mapping[str, Quote],
    listed: Mapping[str, Instrument],
    total: Decimal | None,
) -> Holding:
    symbol, units = balance.asset, balance.quantity
    quote = quotes.get(symbol)
    value = exact(units * quote.price) if quote else None
    unrealised = None if value is None else exact(value - balance.cost)
    return Holding(
        symbol=symbol,
        name=listed[symbol].name if symbol in listed else symbol,
        free=balance.free,
        reserved=balance.reserved,
        quantity=units,
        average_cost=ratio(balance.cost, units) if units else None,
        price=quote.price if quote else None,
        value=value,
        share=share(value, total) if value is not None and total else None,
        unrealised=unrealised,
        unrealised_pct=_percent(unrealised, balance.cost),
        realised=balance.realised,
        change_24h_pct=quote.change_24h_pct if quote else None,
    )


def shown_order(order: domain.Order) -> Order:
    """Return an order as every interface shows it."""
    worse, worse_bps = order.worse_by(order.arrival_price) or (None, None)
    _, than_approved_bps = order.worse_by(order.price) or (None, None)
    return Order(
        order_id=order.order_id,
        decision_id=order.decision_id,
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=order.side,
        type=order.type,
        status=order.state,
        quantity=order.quantity,
        filled=order.filled,
        limit_price=order.limit_price,
        trigger_price=order.trigger_price,
        time_in_force=order.time_in_force,
        post_only=order.post_only,
        kept_here=order.kept_here,
        cancelling=order.cancel_at is not None and order.state not in domain.SETTLED,
        average_price=order.average_price,
        fee=order.fee,
        fee_asset=order.fee_asset,
        approved_price=order.price,
        arrival_price=order.arrival_price,
        slippage=worse,
        slippage_bps=worse_bps,
        slippage_approved_bps=than_approved_bps,
        created_at=order.created_at,
        updated_at=order.updated_at,
    )


def _percent(part: Decimal | None, whole: Decimal) -> Decimal | None:
    return None if part is None or whole <= 0 else (ratio(part, whole) * 100).quantize(_PERCENT)


def _sum(values: list[Decimal | None]) -> Decimal | None:
    total = ZERO
    for value in values:
        if value is None:
            return None
        total += value
    return total
