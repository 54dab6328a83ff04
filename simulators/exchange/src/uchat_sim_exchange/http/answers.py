"""How the API writes what the exchange knows. Decimals are strings with eight decimals."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from starlette.responses import Response

from uchat_sim_exchange.domain.accounts import Account, Balance, Permissions
from uchat_sim_exchange.domain.instruments import QUOTE
from uchat_sim_exchange.domain.money import Fees
from uchat_sim_exchange.domain.orders import Order, Trade
from uchat_sim_exchange.domain.reports import text
from uchat_sim_exchange.errors import ExchangeError


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
    account: Account, balances: Mapping[str, Balance], fees: Fees, may: Permissions, at_ms: int
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
        "uid": account.uid,
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
