"""The validators that ccxt publishes in its wheel, run by ccxt's own Binance adapter.

Which ones, and why not the others: README.md.
"""

import importlib
from decimal import Decimal

import pytest
from ccxt_alone import binance_of_ccxt
from exchange_client import KEY, SECRET

SYMBOL, CODE = "BTC/USDT", "USDT"
# Every validator of ccxt/test/exchange/async that ccxt's own run calls for a spot exchange and
# that its Binance adapter supports with what is served here, with the arguments that it gets there.
APPLY = {
    "after_construct": (),
    "features": (),
    "load_markets": (),
    "fetch_ticker": (SYMBOL,),
    "fetch_tickers": (SYMBOL,),
    "fetch_last_prices": (SYMBOL,),
    "fetch_ohlcv": (SYMBOL,),
    "fetch_trades": (SYMBOL,),
    "fetch_order_book": (SYMBOL,),
    "fetch_l2_order_book": (SYMBOL,),
    "fetch_status": (),
    "fetch_balance": (),
    "fetch_trading_fee": (SYMBOL,),
    "fetch_trading_fees": (),
    "fetch_orders": (SYMBOL,),
    "fetch_open_orders": (SYMBOL,),
    "fetch_closed_orders": (SYMBOL,),
    "fetch_my_trades": (SYMBOL,),
    "fetch_deposits": (CODE,),
    "fetch_withdrawals": (CODE,),
}
# What Binance itself does not tell, so that ccxt cannot either.
UNTOLD = {
    "fetch_order_book": {"timestamp": True, "datetime": True},
    "fetch_l2_order_book": {"timestamp": True, "datetime": True},
    "fetch_deposits": {"updated": True, "fee": True},
    "fetch_withdrawals": {"updated": True},
}


@pytest.fixture
def ccxt():
    with binance_of_ccxt() as module:
        yield module


@pytest.fixture
async def binance(ccxt, url):
    paths = {"public": "api/v3", "private": "api/v3", "v1": "api/v1", "sapi": "sapi/v1"}
    adapter = ccxt.binance(
        {
            "apiKey": KEY,
            "secret": SECRET,
            "enableRateLimit": False,
            "has": {"swap": False, "future": False, "option": False},
            "urls": {"api": {name: f"{url}/{path}" for name, path in paths.items()}},
            "options": {
                "defaultType": "spot",
                "fetchMarkets": {"types": ["spot"]},
                "fetchMargins": False,
                "fetchCurrencies": False,
                "maxRetriesOnFailure": 0,
            },
        }
    )
    try:
        yield adapter
    finally:
        await adapter.close()


async def validate(name, adapter, *args):
    module = importlib.import_module(f"ccxt.test.exchange.async.test_{name}")
    await getattr(module, f"test_{name}")(adapter, UNTOLD.get(name, {}), *args)


async def trade(adapter, ccxt):
    """Place, look up, fill and cancel every type of order; return what ccxt made of them."""
    market = await adapter.create_order(SYMBOL, "market", "buy", 0.02)
    spent = await adapter.create_order(SYMBOL, "market", "buy", None, None, {"cost": 50})
    resting = await adapter.create_order(
        SYMBOL, "limit", "buy", 0.001, 40_000, {"clientOrderId": "resting"}
    )
    found = await adapter.fetch_order(None, SYMBOL, {"clientOrderId": "resting"})
    assert (found["id"], found["status"]) == (resting["id"], "open")
    placed = [market, spent, resting, found]
    for kind, side, price, params in (
        ("limit", "sell", 60_000, {"triggerPrice": 45_000}),
        ("market", "sell", None, {"stopLossPrice": 45_000}),
        ("limit", "sell", 60_000, {"takeProfitPrice": 59_000}),
        ("limit", "buy", 40_000, {"postOnly": True}),
        ("limit", "buy", 51_000, {"timeInForce": "IOC"}),
        ("limit", "buy", 51_000, {"timeInForce": "FOK"}),
    ):
        order = await adapter.create_order(SYMBOL, kind, side, 0.001, price, params)
        placed.append(await adapter.fetch_order(order["id"], SYMBOL))
    cancelled = await adapter.cancel_order(resting["id"], SYMBOL)
    assert cancelled["status"] == "canceled"
    with pytest.raises(ccxt.OrderNotFound):
        await adapter.cancel_order(resting["id"], SYMBOL)
    with pytest.raises(ccxt.InsufficientFunds):
        await adapter.create_order(SYMBOL, "market", "buy", 100)
    return [*placed, cancelled]


async def test_the_validators_of_ccxt_pass_where_they_apply(client, ccxt, binance):
    validate_order = importlib.import_module("ccxt.test.exchange.base.test_order").test_order
    await client.pin("BTC", "50000.00")
    for what in ("deposits", "withdrawals"):
        body = {"account": KEY, "asset": CODE, "amount": "5"}
        assert (await client.http.post(f"/sim/{what}", json=body)).is_success
    await binance.load_markets()
    for order in await trade(binance, ccxt):
        validate_order(binance, {}, "createOrder", order, SYMBOL, binance.milliseconds())
    for name, args in APPLY.items():
        await validate(name, binance, *args)
    assert len(await binance.cancel_all_orders(SYMBOL)) == 4
    assert await binance.fetch_open_orders(SYMBOL) == []
    held = (await binance.fetch_balance())["BTC"]
    assert Decimal(str(held["used"])) == 0
