"""Keys of live exchanges and consents over HTTP."""

import pytest

from uchat_platform.errors import InvalidInputError

pytestmark = pytest.mark.integration
V1 = "/api/v1"
KEY = {"venue": "binance", "api_key": "key-of-binance", "secret": "a-secret-of-theirs"}


@pytest.fixture
async def client(gateway):
    tokens = await gateway.guest()
    gateway.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    gateway.http.person = tokens["user_id"]
    return gateway.http


async def test_a_key_is_connected_shown_masked_and_removed(client, execution):
    made = await client.post(f"{V1}/venues/keys", json=KEY | {"interface": "web_ui"})
    assert (made.status_code, made.json()["masked"]) == (201, "…ance")
    ((actor, request),) = execution.of("Connect")
    assert (actor.person_id, actor.interface, request.secret) == (
        client.person,
        "web_ui",
        KEY["secret"],
    )
    listed = await client.get(f"{V1}/venues/keys")
    assert [key["venue"] for key in listed.json()["keys"]] == ["binance"]
    assert KEY["secret"] not in listed.text + made.text
    assert (await client.delete(f"{V1}/venues/keys/binance")).status_code == 204
    gone = await client.delete(f"{V1}/venues/keys/binance")
    assert (gone.status_code, gone.json()["code"]) == (404, "venue_not_connected")


async def test_why_a_key_is_refused_is_told_and_the_key_is_not(client, execution):
    execution.refuses["Connect"] = InvalidInputError(
        "This key can move funds out of the account", code="venue_key_can_withdraw"
    )
    refused = await client.post(f"{V1}/venues/keys", json=KEY)
    assert (refused.status_code, refused.json()["code"]) == (400, "venue_key_can_withdraw")
    unclear = await client.post(f"{V1}/venues/keys", json=KEY | {"venue": "No Such", "x": 1})
    assert unclear.status_code == 422
    assert KEY["secret"] not in unclear.text + refused.text


async def test_who_has_a_password_gives_it_again_for_a_key_and_for_a_consent(client, execution):
    account = {"email": "ann@example.org", "password": "Secret-1234", "full_name": "Ann"}
    assert (await client.post(f"{V1}/auth/upgrade", json=account)).status_code == 200
    consent = {"version": "1", "interface": "web_ui"}
    for refused in (
        await client.post(f"{V1}/venues/keys", json=KEY),
        await client.put(f"{V1}/venues/binance/consent", json=consent),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert not execution.of("Connect") + execution.of("Consent")
    # What lowers a risk asks for nothing.
    assert (await client.delete(f"{V1}/venues/binance/consent")).status_code == 204
    await client.post(f"{V1}/auth/step-up", json={"password": account["password"]})
    assert (await client.post(f"{V1}/venues/keys", json=KEY)).status_code == 201
    given = await client.put(f"{V1}/venues/binance/consent", json=consent)
    assert (given.json()["version"], given.json()["given_via"]) == ("1", "web_ui")


async def test_questions_about_a_live_account_name_its_exchange(client, execution):
    at = {"venue": "binance"}
    for path in ("portfolio", "positions", "orders", "trades", "movements", "pnl"):
        assert (await client.get(f"{V1}/{path}", params=at)).status_code == 200
    await client.post(f"{V1}/orders/cancel", json=at)
    methods = ("GetPortfolio", "ListOrders", "ListTrades", "ListMovements", "GetPnl")
    asked = [request for name in (*methods, "CancelOrders") for _, request in execution.of(name)]
    assert len(asked) == 7
    assert {request.venue for request in asked} == {"binance"}
    [binance] = (await client.get(f"{V1}/venues")).json()["venues"]
    assert (binance["spot_only"], binance["live"]) == (True, False)


async def test_nobody_shows_an_exchange_keys_without_end(client, execution):
    tried = [await client.post(f"{V1}/venues/keys", json=KEY) for _ in range(8)]
    assert [each.status_code for each in tried].count(201) == 6 == len(execution.of("Connect"))
    assert tried[-1].status_code == 429
    assert int(tried[-1].headers["Retry-After"]) > 0
