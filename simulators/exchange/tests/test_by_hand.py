"""What a person does at the venue without us: trades, cancels, deposits, keys."""

from decimal import Decimal

import pytest
from exchange_client import KEY

READ_KEY, READ_SECRET = "a_key_that_reads", "secret_of_the_reader"


async def by_hand(client, what, **body):
    answer = await client.http.post(f"/sim/{what}", json={"account": KEY, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def wallet(client, path, **params):
    answer = await client.signed("GET", f"/sapi/v1/{path}", **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_trade_by_hand_is_an_order_of_another_client(client):
    done = await by_hand(client, "trades", symbol="BTC", side="buy", quantity="0.01")
    assert done["status"] == "FILLED"
    assert done["clientOrderId"].startswith("web_")
    (trade,) = await client.ask("myTrades", symbol="BTCUSDT")
    assert trade["orderId"] == done["orderId"]
    (entry,) = (await client.get("/sim/journal"))["orders"]
    assert (entry["by_hand"], entry["order_id"]) == (True, done["orderId"])


async def test_by_hand_one_can_spend_an_amount_or_name_a_price_and_cancel(client):
    spent = await by_hand(client, "trades", symbol="ETHUSDT", side="BUY", amount="100")
    assert Decimal(99) < Decimal(spent["cummulativeQuoteQty"]) <= 100
    await client.pin("BTC", "60000.00")
    rests = await by_hand(
        client, "trades", symbol="BTC", side="BUY", quantity="0.01", price="50000.00"
    )
    assert rests["status"] == "NEW"
    await client.limit("BUY", "0.01", "50000.00", newClientOrderId="ours")
    gone = await by_hand(client, "cancels", symbol="BTC", client_order_id="ours")
    assert gone["status"] == "CANCELED"
    assert [each["orderId"] for each in await client.ask("openOrders")] == [rests["orderId"]]
    neither = {"account": KEY, "symbol": "BTC", "side": "BUY"}
    assert (await client.http.post("/sim/trades", json=neither)).json()["code"] == -1128


async def test_deposits_and_withdrawals_change_balances_and_are_listed(client):
    await by_hand(client, "deposits", asset="BTC", amount="1.5")
    await by_hand(client, "deposits", asset="ETH", amount="2")
    await by_hand(client, "withdrawals", asset="BTC", amount="0.4", fee="0.0001")
    assert (await client.balances())["BTC"][0] == "1.09990000"
    found = await wallet(client, "capital/deposit/hisrec")
    assert [(each["coin"], each["amount"], each["status"]) for each in found] == [
        ("ETH", "2", 1),
        ("BTC", "1.5", 1),
    ]
    (only,) = await wallet(client, "capital/deposit/hisrec", coin="BTC")
    assert only["insertTime"] <= found[0]["insertTime"]
    assert await wallet(client, "capital/deposit/hisrec", endTime=1000) == []
    (went,) = await wallet(client, "capital/withdraw/history")
    assert (went["coin"], went["amount"], went["transactionFee"]) == ("BTC", "0.4", "0.0001")
    too_much = {"account": KEY, "asset": "BTC", "amount": "5"}
    assert (await client.http.post("/sim/withdrawals", json=too_much)).json()["code"] == -2010


async def test_keys_may_do_what_they_were_made_for(client):
    assert (await wallet(client, "account/apiRestrictions"))["enableSpotAndMarginTrading"] is True
    body = {"account": KEY, "api_key": READ_KEY, "secret": READ_SECRET}
    made = await client.http.post("/sim/keys", json=body)
    assert made.json() == {"api_key": READ_KEY, "account": KEY}
    reader = type(client)(client.http, READ_KEY, READ_SECRET)
    may = await wallet(reader, "account/apiRestrictions")
    assert (may["enableReading"], may["enableSpotAndMarginTrading"]) == (True, False)
    assert (may["enableWithdrawals"], may["ipRestrict"]) == (False, False)
    assert (await reader.ask("account"))["canTrade"] is False
    refused = await reader.order(quantity="0.01")
    assert (refused.status_code, refused.json()["code"]) == (401, -2015)
    assert (await reader.balances()) == (await client.balances())
    await client.http.post("/sim/keys", json={**body, "enable_spot_trading": True})
    assert (await reader.placed(quantity="0.01"))["status"] == "FILLED"
    thief = {**body, "secret": "another_secret_of_somebody"}
    assert (await client.http.post("/sim/keys", json=thief)).status_code == 409


@pytest.mark.parametrize("what", ["trades", "deposits", "withdrawals", "keys", "cancels"])
async def test_nobodys_account_is_refused(client, what):
    body = {
        "account": "nobody_has_this_key", "symbol": "BTC", "side": "BUY", "quantity": "1",
        "asset": "BTC", "amount": "1", "api_key": "some_new_key", "secret": "s" * 20,
    }  # fmt: skip
    if what == "trades":
        del body["amount"]
    answer = await client.http.post(f"/sim/{what}", json=body)
    assert answer.json()["code"] == -2015


async def test_refused_orders_are_in_the_journal_with_their_code(client):
    await client.order(quantity="0.0000001", newClientOrderId="small")
    await client.order(quantity="100", newClientOrderId="dear")
    await client.order(quantity="0.01", newClientOrderId="late", timestamp=1)
    await client.placed(quantity="0.01", newClientOrderId="fine")
    journal = await client.get("/sim/journal")
    assert [(each["order_id"], each["status"]) for each in journal["orders"]] == [(1, "FILLED")]
    refused = (await client.get("/sim/journal", rejected="true"))["orders"]
    assert [(each["client_order_id"], each["status"], each["code"]) for each in refused] == [
        ("small", "REJECTED", -1013),
        ("dear", "REJECTED", -2010),
        ("late", "REJECTED", -1021),
    ]
    page = await client.get("/sim/journal", rejected="true", after=1, limit=1)
    assert [each["number"] for each in page["orders"]] == [2]
    assert page["next"] == 2
