"""One exchange by ccxt: its markets in memory, prices of what is asked for, accounts by key."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from uchat_execution.adapters.binance_api import Answer, NoAnswerError
from uchat_execution.adapters.ccxt_api import rights, words
from uchat_execution.adapters.ccxt_api.account import CcxtAccount
from uchat_execution.adapters.ccxt_api.client import (
    CcxtClient,
    KeyRefusedError,
    RefusedError,
    RestingError,
)
from uchat_execution.adapters.listings import rules_of
from uchat_execution.adapters.venue_clock import VenueClock
from uchat_execution.domain.instruments import Instrument
from uchat_execution.domain.market import Quote
from uchat_execution.domain.orders import PLAIN, SymbolRules
from uchat_execution.domain.venues import Credentials, Rights, Traits
from uchat_platform.clock import Clock
from uchat_platform.errors import InvalidInputError, UnavailableError
from uchat_platform.health import Health
from uchat_platform.logging import get_logger

_MARKETS_EVERY_S: Final = 3600.0
_AGAIN_S: Final = 5.0
_POLL_S: Final = 2.0
_WANTED_S: Final = 600.0
_MOST: Final = 100
"""Prices of so many assets are kept: of those that were asked for in the last ten minutes."""
_STANDARD_FEE_BPS: Final = Decimal(10)
_FAILED: Final = (RefusedError, RestingError, NoAnswerError, KeyRefusedError, *words.UNREADABLE)
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Time:
    client: CcxtClient

    async def public(self, path: str) -> Answer:
        """Answer the only question that a clock has."""
        del path
        return await self.client.told_time()


@dataclass(slots=True)
class CcxtExchange:
    """Everything about one exchange, of one quote currency."""

    client: CcxtClient
    clock: Clock
    health: Health
    quote_currency: str = "USDT"
    known_rules: dict[str, SymbolRules] = field(default_factory=dict[str, SymbolRules])
    _quotes: dict[str, Quote] = field(default_factory=dict[str, Quote])
    _wanted: dict[str, float] = field(default_factory=dict[str, float])
    _unpriced: set[str] = field(default_factory=set[str])
    compared: VenueClock = field(init=False)

    def __post_init__(self) -> None:
        self.compared = VenueClock(_Time(self.client), self._now, self.health)

    @property
    def traits(self) -> Traits:
        """Return what is known of it."""
        return self.client.traits

    def account(self, credentials: Credentials) -> CcxtAccount:
        """Return the account that a key is of; nothing is asked yet."""
        return CcxtAccount(self.client, credentials, self.clock, lambda: self.compared.is_off)

    async def rights(self, credentials: Credentials) -> Rights:
        """Ask what a key may do.

        Raises:
            InvalidInputError: `venue_key_refused`, the exchange does not know it.
            UnavailableError: `venue_unavailable`.
        """
        try:
            async with self.client.asking():
                return await rights.ASK[self.traits.venue](self.client.keyed(credentials))
        except (RefusedError, KeyRefusedError) as e:
            if isinstance(e, KeyRefusedError) or e.key_refused or e.answer.code == -1022:  # noqa: PLR2004 - a wrong secret
                raise InvalidInputError(
                    f"{self.traits.name} does not accept this key; check it and its secret",
                    code="venue_key_refused",
                ) from e
            raise _unavailable(str(e)) from e
        except _FAILED as e:
            raise _unavailable(type(e).__name__) from e

    async def run(self) -> None:
        """Keep markets and prices fresh until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_markets())
            group.create_task(self._keep_prices())
            group.create_task(self.compared.run())

    async def load(self) -> None:
        """Read all spot markets.

        Raises:
            UnavailableError: `venue_unavailable`; what is known stays.
        """
        try:
            async with self.client.asking():
                markets = await self.client.public.load_markets(reload=True)
            self.known_rules = self._rules(markets)
        except _FAILED as e:
            raise _unavailable(type(e).__name__) from e

    def rules(self) -> Mapping[str, SymbolRules]:
        """Return the rules of every symbol, by base asset.

        Raises:
            UnavailableError: `venue_unavailable`, they were never read.
        """
        if not self.known_rules:
            raise _unavailable("its rules were never read")
        return self.known_rules

    def instruments(self) -> list[Instrument]:
        """Return everything that is listed."""
        return [
            Instrument(each.symbol, each.symbol, each.price_tick, each.quote_currency)
            for each in self.known_rules.values()
        ]

    async def quotes(self, symbols: Sequence[str]) -> dict[str, Quote]:
        """Return the latest quote of each listed symbol, from memory after the first time.

        Raises:
            UnavailableError: `market_data_unavailable`.
        """
        now = asyncio.get_running_loop().time()
        listed = [symbol for symbol in symbols if symbol in self.known_rules]
        self._wanted.update(dict.fromkeys(listed, now))
        known = self._quotes.keys() | self._unpriced
        if any(symbol not in known for symbol in listed):
            await self.refresh()
        return {symbol: self._quotes[symbol] for symbol in listed if symbol in self._quotes}

    async def daily_closes(self, symbol: str, days: int) -> list[Decimal]:
        """Return daily closing prices, oldest first.

        Raises:
            UnavailableError: `market_data_unavailable`.
        """
        market = words.pair(symbol, self.quote_currency)
        try:
            async with self.client.asking():
                bars = await self.client.public.fetch_ohlcv(market, "1d", None, days)
            return [Decimal(str(bar[4])) for bar in bars]
        except _FAILED as e:
            raise _away(type(e).__name__) from e

    async def refresh(self) -> None:
        """Read the prices of what was asked for lately.

        Raises:
            UnavailableError: `market_data_unavailable`; the former ones stay.
        """
        asked = set(self._wanted)
        since = asyncio.get_running_loop().time() - _WANTED_S
        latest = sorted(self._wanted.items(), key=lambda each: -each[1])[:_MOST]
        self._wanted = {symbol: at for symbol, at in latest if at >= since}
        if not self._wanted:
            return
        markets = [words.pair(symbol, self.quote_currency) for symbol in sorted(self._wanted)]
        try:
            async with self.client.asking():
                told = await self.client.public.fetch_tickers(markets)
            quotes = [quote for each in told.values() if (quote := self._quote(each))]
        except _FAILED as e:
            raise _away(type(e).__name__) from e
        self._quotes = {quote.symbol: quote for quote in quotes}
        self._unpriced = asked - self._quotes.keys()

    async def _now(self) -> datetime:
        # This host's clock stands for the database's, which signs: both are kept right by NTP.
        return self.clock.now()

    async def _keep_markets(self) -> None:
        while True:
            try:
                await self.load()
            except UnavailableError as e:
                _log.warning("venue_away", venue=self.traits.venue, detail=e.detail)
                await asyncio.sleep(_AGAIN_S)
            else:
                await asyncio.sleep(_MARKETS_EVERY_S)

    async def _keep_prices(self) -> None:
        while True:
            await asyncio.sleep(_POLL_S)
            try:
                await self.refresh()
            except UnavailableError as e:
                _log.warning("prices_away", venue=self.traits.venue, detail=e.detail)

    def _rules(self, markets: Mapping[str, Any]) -> dict[str, SymbolRules]:
        traded = [
            each
            for each in markets.values()
            if each["spot"] and each["active"] and each["quote"] == self.quote_currency
        ]
        return {each["base"]: self._rule(each) for each in traded}

    def _rule(self, market: Mapping[str, Any]) -> SymbolRules:
        if self.traits.venue == "binance":
            # ccxt leaves out how far a price may be from the market's.
            return rules_of(market["info"], frozenset())
        limits, steps = market["limits"], market["precision"]
        return SymbolRules(
            symbol=market["base"],
            quote_currency=market["quote"],
            quantity_step=_number(steps["amount"]),
            min_quantity=_number(limits["amount"]["min"]),
            max_quantity=_number(limits["amount"]["max"]),
            price_tick=_number(steps["price"]),
            min_notional=_number(limits["cost"]["min"]),
            taker_fee_bps=_STANDARD_FEE_BPS,
            maker_fee_bps=_STANDARD_FEE_BPS,
            offers=PLAIN,
        )

    def _quote(self, told: Mapping[str, Any]) -> Quote | None:
        if told["last"] is None:
            # Listed, and not traded yet.
            return None
        last = Decimal(told["last"])
        at = told["timestamp"]
        return Quote(
            symbol=told["symbol"].partition("/")[0],
            quote_currency=self.quote_currency,
            price=last,
            bid=Decimal(told["bid"] or last),
            ask=Decimal(told["ask"] or last),
            change_24h_pct=Decimal(told["percentage"] or 0),
            as_of=datetime.fromtimestamp(at / 1000, UTC) if at else self.clock.now(),
            source=self.traits.venue,
            simulated=False,
        )


def _number(told: object) -> Decimal:
    return Decimal(str(told or 0))


def _unavailable(why: str) -> UnavailableError:
    return UnavailableError(f"The exchange: {why}", code="venue_unavailable")


def _away(why: str) -> UnavailableError:
    return UnavailableError(f"The exchange tells no prices: {why}", code="market_data_unavailable")
