"""What the exchange lists and demands, read from exchangeInfo and kept in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from uchat_execution.adapters.binance_api import BinanceApi, NoAnswerError
from uchat_execution.adapters.binance_words import FEATURES
from uchat_execution.domain.instruments import Instrument
from uchat_execution.domain.orders import Feature, Side, SymbolRules
from uchat_platform.errors import UnavailableError

_STANDARD_FEE_BPS: Final = Decimal(10)  # Binance's standard schedule, maker and taker
_NONE: Final = Decimal(0)


@dataclass(slots=True)
class Listings:
    """Instruments and rules by base asset, of one quote currency, in the exchange's order.

    `without`: kinds of orders that are not used, whatever the exchange has.
    """

    api: BinanceApi
    quote_currency: str = "USDT"
    without: frozenset[Feature] = frozenset()
    instruments: dict[str, Instrument] = field(default_factory=dict[str, Instrument])
    rules: dict[str, SymbolRules] = field(default_factory=dict[str, SymbolRules])

    async def refresh(self) -> None:
        """Read everything anew.

        Raises:
            UnavailableError: `market_data_unavailable`; what is known stays.
        """
        try:
            answer = await self.api.public("/api/v3/exchangeInfo")
        except NoAnswerError as e:
            raise UnavailableError(
                "The exchange does not answer", code="market_data_unavailable"
            ) from e
        if not answer.ok:
            raise UnavailableError(
                f"The exchange answered HTTP {answer.status}", code="market_data_unavailable"
            )
        try:
            self._take(answer.body["symbols"])
        except (KeyError, TypeError, ValueError, ArithmeticError) as e:
            raise UnavailableError(
                "The exchange's list cannot be read", code="market_data_unavailable"
            ) from e

    def pair(self, symbol: str) -> str:
        """Return what the exchange calls a symbol: BTCUSDT."""
        return symbol + self.quote_currency

    def _take(self, symbols: list[dict[str, Any]]) -> None:
        listed = [
            entry
            for entry in symbols
            if entry["quoteAsset"] == self.quote_currency and entry["status"] == "TRADING"
        ]
        rules = {entry["baseAsset"]: rules_of(entry, self.without) for entry in listed}
        instruments = {entry["baseAsset"]: _instrument(entry) for entry in listed}
        self.rules, self.instruments = rules, instruments


def rules_of(entry: Mapping[str, Any], without: frozenset[Feature]) -> SymbolRules:
    """Return the rules of an entry of exchangeInfo, without some kinds of orders.

    Raises:
        KeyError, TypeError, ValueError, ArithmeticError: it cannot be read.
    """
    filters: dict[str, Mapping[str, Any]] = {each["filterType"]: each for each in entry["filters"]}
    lot = filters["LOT_SIZE"]
    notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL") or {}
    up, down = _range(filters)
    offers: set[Feature] = set()
    for kind in entry["orderTypes"]:
        offers.update(FEATURES.get(kind, ()))
    return SymbolRules(
        symbol=entry["baseAsset"],
        quote_currency=entry["quoteAsset"],
        quantity_step=Decimal(lot["stepSize"]),
        min_quantity=Decimal(lot["minQty"]),
        max_quantity=Decimal(lot["maxQty"]),
        price_tick=Decimal(filters["PRICE_FILTER"]["tickSize"]),
        min_notional=Decimal(notional.get("minNotional", _NONE)),
        taker_fee_bps=_STANDARD_FEE_BPS,
        maker_fee_bps=_STANDARD_FEE_BPS,
        offers=frozenset(offers - without),
        price_up=up,
        price_down=down,
        max_market_quantity=Decimal(filters.get("MARKET_LOT_SIZE", {}).get("maxQty", _NONE)),
    )


def _range(
    filters: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[Side, Decimal], dict[Side, Decimal]]:
    # Source: https://developers.binance.com/docs/binance-spot-api-docs/filters
    both = filters.get("PERCENT_PRICE")
    if both is not None:
        up, down = Decimal(both["multiplierUp"]), Decimal(both["multiplierDown"])
        return {"buy": up, "sell": up}, {"buy": down, "sell": down}
    sides = filters.get("PERCENT_PRICE_BY_SIDE")
    if sides is None:
        return {}, {}
    return (
        {"buy": Decimal(sides["bidMultiplierUp"]), "sell": Decimal(sides["askMultiplierUp"])},
        {"buy": Decimal(sides["bidMultiplierDown"]), "sell": Decimal(sides["askMultiplierDown"])},
    )


def _instrument(entry: Mapping[str, Any]) -> Instrument:
    filters = {each["filterType"]: each for each in entry["filters"]}
    return Instrument(
        symbol=entry["baseAsset"],
        # Only the simulator tells full names.
        name=entry.get("baseAssetName", entry["baseAsset"]),
        tick=Decimal(filters["PRICE_FILTER"]["tickSize"]),
        quote_currency=entry["quoteAsset"],
    )
