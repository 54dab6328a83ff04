import time
from urllib.parse import urlencode

import pytest
from exchange_client import KEY, SECRET


def now_ms():
    return int(time.time() * 1000)


async def test_the_signature_of_binances_documentation_is_accepted(client):
    # Keys and request from the official examples; the signature there covers this very string.
    key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
    secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    await client.http.post("/sim/accounts", json={"api_key": key, "secret": secret, "balances": {}})
    query = (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"
        "&timestamp=1499827319559"
    )
    signature = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
    answer = await client.http.post(
        f"/api/v3/order?{query}&signature={signature}", headers={"X-MBX-APIKEY": key}
    )
    # Past the signature; only the time is over.
    assert answer.json()["code"] == -1021


async def test_parameters_may_be_in_the_body_or_in_both(client):
    params = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
    signer = type(client)(client.http)
    import hashlib
    import hmac

    query, body = urlencode({"timestamp": now_ms()}), urlencode(params)
    signature = hmac.new(SECRET.encode(), (query + body).encode(), hashlib.sha256).hexdigest()
    answer = await signer.http.post(
        f"/api/v3/order?{query}",
        content=f"{body}&signature={signature}",
        headers={"X-MBX-APIKEY": KEY, "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.json()["status"] == "FILLED"


@pytest.mark.parametrize(
    ("key", "code"), [("", -2014), ("with space", -2014), ("nobody_has_this_key", -2015)]
)
async def test_unknown_keys_are_refused(client, key, code):
    client.key = key
    answer = await client.signed("GET", "/api/v3/account")
    assert answer.status_code == 401
    assert answer.json()["code"] == code


async def test_a_wrong_or_missing_signature_is_refused(client):
    client.secret = "another_secret_of_somebody"
    assert (await client.signed("GET", "/api/v3/account")).json()["code"] == -1022
    unsigned = await client.http.get(
        f"/api/v3/account?timestamp={now_ms()}", headers={"X-MBX-APIKEY": client.key}
    )
    assert unsigned.json()["code"] == -1102


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"timestamp": 0}, -1021),
        ({"timestamp": "x"}, -1100),
        ({"timestamp": ""}, -1102),
        ({"recvWindow": 60_001}, -1131),
    ],
)
async def test_time_has_to_be_right(client, params, code):
    assert (await client.signed("GET", "/api/v3/account", **params)).json()["code"] == code


async def test_too_old_and_too_new_are_refused_by_the_window(client):
    old = await client.signed("GET", "/api/v3/account", timestamp=now_ms() - 1500, recvWindow=1000)
    assert old.json()["code"] == -1021
    new = await client.signed("GET", "/api/v3/account", timestamp=now_ms() + 5000)
    assert "ahead" in new.json()["msg"]
    fine = await client.signed("GET", "/api/v3/account", timestamp=now_ms() - 1500, recvWindow=5000)
    assert fine.status_code == 200


async def test_the_window_is_checked_again_before_matching(client):
    await client.fault("delay_ms", ms=300)
    late = await client.order(quantity="0.01", recvWindow=200)
    assert late.json()["code"] == -1021
    assert await client.ask("allOrders", symbol="BTCUSDT") == []


async def test_accounts_are_opened_once_and_see_only_themselves(client):
    again = await client.open(USDT="999999")
    assert again == {"api_key": KEY, "created": False, "balances": {"USDT": "10000.00000000"}}
    await client.placed(quantity="0.01", newClientOrderId="mine")
    other = type(client)(client.http, "another_account", "another_secret_of_it")
    await other.open(USDT="5")
    params = {"symbol": "BTCUSDT", "origClientOrderId": "mine"}
    assert (await other.signed("GET", "/api/v3/order", **params)).json()["code"] == -2013
    assert (await other.signed("DELETE", "/api/v3/order", **params)).json()["code"] == -2011
    assert await other.ask("myTrades", symbol="BTCUSDT") == []
    thief = await client.http.post(
        "/sim/accounts", json={"api_key": KEY, "secret": "x" * 20, "balances": {}}
    )
    assert thief.status_code == 409


async def test_a_key_that_is_revoked_opens_nothing_and_every_key_tells_its_account(client):
    further = type(client)(client.http, "a_further_key", "a_secret_of_that_key")
    body = {"account": KEY, "api_key": further.key, "secret": further.secret}
    await client.http.post("/sim/keys", json=body)
    other = type(client)(client.http, "another_account", "another_secret_of_it")
    await other.open(USDT="5")
    own, same, theirs = [(await each.ask("account"))["uid"] for each in (client, further, other)]
    assert own == same != theirs
    assert (await client.http.delete(f"/sim/keys/{further.key}")).status_code == 200
    refused = await further.signed("GET", "/api/v3/account")
    assert (refused.status_code, refused.json()["code"]) == (401, -2015)
    assert (await client.http.delete(f"/sim/keys/{KEY}")).status_code == 401
    assert (await client.ask("account"))["uid"] == own
