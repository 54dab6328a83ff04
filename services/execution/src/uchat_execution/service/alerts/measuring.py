"""Measures what alerts are on: prices, moves within a window, what an account is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from uchat_contracts.trading import AlertRequest
from uchat_execution.domain.accounts import Balance, worth
from uchat_execution.domain.alerts.history import PriceHistory
from uchat_execution.domain.alerts.wording import Seen
from uchat_execution.domain.money import ZERO
from uchat_execution.domain.terms import is_fresh
from uchat_execution.service.desk import Desk

_BOOKS = "books"


@dataclass(frozen=True, slots=True)
class Worth:
    """What an account is worth: units, what came from outside, and the highest profit so far."""

    balances: Mapping[str, Balance]
    deposited: Decimal
    simulated: bool
    currency: str
    mark: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Measuring:
    """Reads quotes that are fresh, and the history beside them; without them there is no figure."""

    desk: Desk
    history: PriceHistory

    async def of_market(self, alert: AlertRequest, now: datetime) -> Seen | None:
        """Return the price that an alert is on, or how far it has moved (percent)."""
        symbol = alert.symbol or ""
        quote = (await self.desk.quotes([symbol])).get(symbol)
        if quote is None or not is_fresh(quote, now, self.desk.limits.reference_age_s):
            return None
        seen = Seen(quote.price, quote.quote_currency, quote.source, quote.simulated, quote.as_of)
        if alert.kind == "price":
            return seen
        window = timedelta(seconds=alert.window_s or 0)
        moved = self.history.move(symbol, alert.way, window, quote.as_of, quote.price)
        return Seen(moved, "%", seen.source, seen.simulated, seen.as_of, quote.price)

    async def of_worth(self, alert: AlertRequest, held: Worth, now: datetime) -> Seen | None:
        """Return what an account is worth, or how far it is below its best (percent)."""
        assets = [
            asset
            for asset, balance in held.balances.items()
            if asset != held.currency and balance.quantity
        ]
        quotes = await self.desk.quotes(assets)
        prices = {symbol: quote.price for symbol, quote in quotes.items()}
        total = worth(held.balances, prices, held.currency)
        if total is None or not all(
            is_fresh(quote, now, self.desk.limits.reference_age_s) for quote in quotes.values()
        ):
            return None
        source = ", ".join(sorted({quote.source for quote in quotes.values()})) or _BOOKS
        as_of = min((quote.as_of for quote in quotes.values()), default=now)
        simulated = held.simulated or any(quote.simulated for quote in quotes.values())
        if alert.kind == "portfolio":
            return Seen(total, held.currency, source, simulated, as_of)
        best = total if held.mark is None else max(total, held.mark + held.deposited)
        below = (best - total) / best * 100 if best > 0 else ZERO
        return Seen(below, "%", source, simulated, as_of, total)
