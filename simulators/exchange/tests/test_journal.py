import asyncio
from decimal import Decimal

import httpx
from exchange_client import Client

from uchat_sim_exchange.testing import exchange_process


async def test_whatever_was_answered_is_there_after_a_kill(tmp_path):
    async with exchange_process(tmp_path) as exchange:
        async with httpx.AsyncClient(base_url=exchange.url, timeout=20) as http:
            client = Client(http)
            await client.open(USDT="10000")
            await client.pin("ETH", "3000.00")
            resting = await client.limit(
                "BUY", "0.1", "2000.00", symbol="ETHUSDT", newClientOrderId="rests"
            )
            answered = await _orders_until_killed(client, exchange)
        await exchange.start()
        async with httpx.AsyncClient(base_url=exchange.url, timeout=20) as http:
            client = Client(http)
            journal = (await client.get("/sim/journal"))["orders"]
            balances = await client.balances()
            trades = await client.ask("myTrades", symbol="SOLUSDT", limit=1000)
            opened = await client.ask("openOrders")
            later = await client.placed(symbol="SOLUSDT", quantity="0.1")
            await client.pin("ETH", "1999.00")
            filled = await client.ask("order", symbol="ETHUSDT", origClientOrderId="rests")
    by_id = {each["client_order_id"]: each for each in journal}
    assert len(by_id) == len(journal)
    for client_order_id, order_id in answered.items():
        assert by_id[client_order_id]["order_id"] == order_id
    # What was accepted and not matched when it died has been matched since.
    assert {each["status"] for each in journal if each["symbol"] == "SOLUSDT"} == {"FILLED"}
    assert [each["order_id"] for each in journal] == list(range(1, len(journal) + 1))
    assert later["orderId"] == len(journal) + 1
    spent = sum(Decimal(each["quoteQty"]) + Decimal(each["commission"]) for each in trades)
    assert Decimal(balances["USDT"][0]) == 10_000 - spent - Decimal(balances["USDT"][1])
    assert Decimal(balances["SOL"][0]) == sum(Decimal(each["qty"]) for each in trades)
    assert [each["orderId"] for each in opened] == [resting["orderId"]]
    assert filled["status"] == "FILLED"


async def _orders_until_killed(client, exchange):
    """Place orders in eight lanes; the process dies after fifty answers, amid others."""
    answered = {}

    async def lane(number):
        for count in range(1000):
            client_order_id = f"lane{number}-{count}"
            try:
                answer = await client.order(
                    symbol="SOLUSDT", quantity="0.1", newClientOrderId=client_order_id
                )
            except httpx.TransportError:
                return
            if answer.status_code == 200:
                answered[client_order_id] = answer.json()["orderId"]
            if len(answered) == 50:
                await exchange.kill()

    await asyncio.gather(*(lane(number) for number in range(8)))
    assert len(answered) >= 50
    return answered


async def test_it_ends_with_zero_when_asked_to(tmp_path):
    async with exchange_process(tmp_path) as exchange:
        assert await exchange.stop() == 0
