"""What every use case looks at before money moves: prices, rules, limits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from uchat_contracts.trading import RiskLimits
from uchat_execution.domain import risk
from uchat_execution.domain.accounts import Balance
from uchat_execution.domain.market import Quote
from uchat_execution.domain.orders import SymbolRules
from uchat_execution.domain.pricing import Terms
from uchat_execution.ports import MarketData, Venue
from uchat_execution.ports.states import Bounds
from uchat_platform.errors import UnavailableError


@dataclass(frozen=True, slots=True)
class Desk:
    """Prices, the venue's rules, and the risk limits that count as long as none were set.

    It is that of paper accounts; those at live exchanges have desks of their own.
    """

    market: MarketData
    venue: Venue
    limits: RiskLimits
    live: Mapping[str, "Desk"] = field(default_factory=dict[str, "Desk"])

    def at(self, venue: str) -> "Desk":
        """Return the desk of a venue: its own prices and rules.

        Raises:
            UnavailableError: `venue_not_configured`.
        """
        if venue == self.venue.name:
            return self
        if venue not in self.live:
            raise UnavailableError(
                "No live exchange is connected to this installation", code="venue_not_configured"
            )
        return self.live[venue]

    async def terms(
        self,
        symbols: Iterable[str],
        now: datetime,
        balances: Mapping[str, Balance] | None = None,
        limits: RiskLimits | None = None,
    ) -> Terms:
        """Return what a plan of these symbols is priced by; what is unknown is missing.

        `balances` are for wishes of all of something; without `limits` the settings' count.
        """
        limits = limits or self.limits
        return Terms(
            rules=await self.rules(),
            quotes=await self.quotes(symbols),
            collar_bps=limits.price_collar_bps,
            now=now,
            balances=balances or {},
            limit_away_bps=limits.limit_away_bps,
            reference_age_s=limits.reference_age_s,
        )

    def limits_of(self, bounds: Bounds) -> RiskLimits:
        """Return the limits that count for an account: each at the tightest of its scopes."""
        return risk.effective(bounds.everybody or self.limits, bounds.narrower)

    async def quotes(self, symbols: Iterable[str]) -> dict[str, Quote]:
        """Return the latest quotes by base asset; a market that is away has none."""
        asked = list(dict.fromkeys(symbols))
        if not asked:
            return {}
        try:
            return await self.market.quotes(asked)
        except UnavailableError:
            return {}

    async def prices(self, symbols: Iterable[str]) -> dict[str, Decimal]:
        """Return the latest mid prices; symbols without one are missing."""
        return {symbol: quote.price for symbol, quote in (await self.quotes(symbols)).items()}

    async def rules(self) -> Mapping[str, SymbolRules]:
        """Return the venue's rules; none while they are not known."""
        try:
            return await self.venue.rules()
        except UnavailableError:
            return {}
