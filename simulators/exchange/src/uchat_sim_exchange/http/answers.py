"""How the API writes what the exchange knows. Decimals are strings with eight decimals."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from starlette.responses import Response

from uchat_sim_exchange.domain.accounts import Balance, Permissions
from uchat_sim_exchange.domain.instruments import QUOTE, Instrument
from uchat_sim_exchange.domain.money import Fees
from uchat_sim_exchange.domain.orders import ORDER_TYPES, Order, Trade
from uchat_sim_exchange.domain.reports import text
from uchat_sim_exchange.errors import ExchangeError
from uchat_sim_exchange.market import Bar, Ticker


def answer(body: object, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(orjson.dumps(body), status, media_type="application/json")


def refusal(error: ExchangeError) -> Response:
    """Return Binance's form of an error."""
    response = answer({"code": error.code, "msg": error.message}, error.status)
    response.headers.update(error.headers)
    return response


def order_body(order: Order) -> dict[str, Any]:
    """Return an order as GET order answers it."""
    return {
        **_common(order),
        "stopPrice": text(order.stop_price),
        "icebergQty": "0.00000000",
        "time": order.placed_ms,
        "updateTime": order.updated_ms,
        "isWorking": order.works,
    }


def placed_body(order: Order, trades: list[Trade], form: str) -> dict[str, Any]:
    """Return an order as POST order answers it: ACK, RESULT or FULL."""
    whole = {**_common(order), "transactTime": order.updated_ms}
    if order.stop_price:
        whole["stopPrice"] = text(order.stop_price)
    if form == "ACK":
        kept = ("symbol", "orderId", "orderListId", "clientOrderId", "transactTime")
        return {name: whole[name] for name in kept}
    if form == "FULL":
        whole["fills"] = [
            {
                "price": text(trade.price),
                "qty": text(trade.quantity),
                "commission": text(trade.commission),
                "commissionAsset": QUOTE,
                "tradeId": trade.trade_id,
            }
            for trade in trades
        ]
    return whole


def cancelled_body(order: Order, cancel_id: str) -> dict[str, Any]:
    """Return an order as DELETE order answers it; `clientOrderId` names the cancel there."""
    return {
        **_common(order),
        "clientOrderId": cancel_id,
        "origClientOrderId": order.client_order_id,
        "transactTime": order.updated_ms,
    }


def trade_body(trade: Trade) -> dict[str, Any]:
    """Return a fill as myTrades answers it."""
    return {
        "symbol": trade.pair,
        "id": trade.trade_id,
        "orderId": trade.order_id,
        "orderListId": -1,
        "price": text(trade.price),
        "qty": text(trade.quantity),
        "quoteQty": text(trade.quote),
        "commission": text(trade.commission),
        "commissionAsset": QUOTE,
        "time": trade.at_ms,
        "isBuyer": trade.side == "BUY",
        "isMaker": trade.maker,
        "isBestMatch": True,
    }


def account_body(
    balances: Mapping[str, Balance], fees: Fees, may: Permissions, at_ms: int
) -> dict[str, Any]:
    """Return an account as GET account answers it; old commissions are in basis points."""
    maker, taker = fees.maker_bps, fees.taker_bps
    return {
        "makerCommission": int(maker),
        "takerCommission": int(taker),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {
            "maker": text(maker / 10_000),
            "taker": text(taker / 10_000),
            "buyer": text(Decimal(0)),
            "seller": text(Decimal(0)),
        },
        "canTrade": may.spot_trading,
        "canWithdraw": may.withdrawals,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "accountType": "SPOT",
        "updateTime": at_ms,
        "balances": [
            {"asset": asset, "free": text(balance.free), "locked": text(balance.locked)}
            for asset, balance in sorted(balances.items())
        ],
        "permissions": ["SPOT"],
    }


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


def _common(order: Order) -> dict[str, Any]:
    return {
        "symbol": order.pair,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "price": text(order.price),
        "origQty": text(order.quantity),
        "executedQty": text(order.executed),
        "origQuoteOrderQty": text(order.quote_quantity),
        "cummulativeQuoteQty": text(order.executed_quote),
        "status": order.status,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "side": order.side,
        "workingTime": order.working_ms,
        "selfTradePreventionMode": "NONE",
    }
