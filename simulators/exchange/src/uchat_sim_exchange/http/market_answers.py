"""How the API writes what anybody may know. Decimals are strings with eight decimals."""

from decimal import Decimal
from typing import Any

from uchat_sim_exchange.domain.instruments import QUOTE, Instrument
from uchat_sim_exchange.domain.orders import ORDER_TYPES
from uchat_sim_exchange.domain.reports import text
from uchat_sim_exchange.market import Bar, Ticker


def ticker_body(ticker: Ticker) -> dict[str, Any]:
    """Return the last 24 hours as ticker/24hr answers them."""
    bid, ask = ticker.book.bids, ticker.book.asks
    mean = (ticker.open + ticker.high + ticker.low + ticker.last) / 4
    return {
        "symbol": ticker.instrument.pair,
        "priceChange": text(ticker.last - ticker.open),
        "priceChangePercent": format(ticker.change_pct, "f"),
        "weightedAvgPrice": text(mean),
        "prevClosePrice": text(ticker.open),
        "lastPrice": text(ticker.last),
        "lastQty": text(ticker.instrument.step),
        "bidPrice": text(bid[0].price if bid else Decimal(0)),
        "bidQty": text(bid[0].quantity if bid else Decimal(0)),
        "askPrice": text(ask[0].price if ask else Decimal(0)),
        "askQty": text(ask[0].quantity if ask else Decimal(0)),
        "openPrice": text(ticker.open),
        "highPrice": text(ticker.high),
        "lowPrice": text(ticker.low),
        "volume": text(ticker.volume),
        "quoteVolume": text(ticker.volume * mean),
        "openTime": ticker.at_ms - 24 * 3600 * 1000,
        "closeTime": ticker.at_ms,
        "firstId": 0,
        "lastId": 0,
        "count": 0,
    }


def bar_body(bar: Bar, length_s: int) -> list[Any]:
    """Return a candle as klines answers it, in Binance's order of fields."""
    quote = bar.volume * (bar.open + bar.close) / 2
    return [
        bar.opens * 1000,
        text(bar.open),
        text(bar.high),
        text(bar.low),
        text(bar.close),
        text(bar.volume),
        (bar.opens + length_s) * 1000 - 1,
        text(quote),
        0,
        text(bar.volume / 2),
        text(quote / 2),
        "0",
    ]


def symbol_body(instrument: Instrument, filters: list[dict[str, object]]) -> dict[str, Any]:
    """Return an instrument as exchangeInfo answers it; `baseAssetName` is this simulator's own."""
    return {
        "symbol": instrument.pair,
        "status": "TRADING",
        "baseAsset": instrument.symbol,
        "baseAssetName": instrument.name,
        "baseAssetPrecision": 8,
        "quoteAsset": QUOTE,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": list(ORDER_TYPES),
        "icebergAllowed": False,
        "ocoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "cancelReplaceAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": filters,
        "permissions": ["SPOT"],
        "permissionSets": [["SPOT"]],
    }


def trade_body(bar: Bar) -> dict[str, Any]:
    """Return the trades of a second as one, as trades answers it."""
    return {
        "id": bar.opens,
        "price": text(bar.close),
        "qty": text(bar.volume),
        "quoteQty": text(bar.close * bar.volume),
        "time": bar.opens * 1000,
        "isBuyerMaker": bar.close < bar.open,
        "isBestMatch": True,
    }


def aggregate_body(bar: Bar) -> dict[str, Any]:
    """Return the trades of a second as one, as aggTrades answers it."""
    return {
        "a": bar.opens,
        "p": text(bar.close),
        "q": text(bar.volume),
        "f": bar.opens,
        "l": bar.opens,
        "T": bar.opens * 1000,
        "m": bar.close < bar.open,
        "M": True,
    }
