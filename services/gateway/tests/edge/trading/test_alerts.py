"""Alerts and the digest by REST."""

import pytest

from uchat_platform.errors import ConflictError

pytestmark = pytest.mark.integration
V1 = "/api/v1"
WISH = {"kind": "price", "symbol": "BTC", "way": "below", "level": "90000", "interface": "web_ui"}


async def test_an_alert_is_set_once_for_a_key_listed_snoozed_and_deleted(client, execution):
    key = {"Idempotency-Key": "one"}
    made = await client.post(f"{V1}/alerts", json=WISH, headers=key)
    assert made.status_code == 201, made.text
    alert = made.json()
    assert (alert["level"], alert["created_via"]) == ("90000", "web_ui")
    again = await client.post(f"{V1}/alerts", json=WISH, headers=key)
    assert again.json() == alert
    listed = (await client.get(f"{V1}/alerts", params={"active": "true"})).json()
    assert listed["alerts"] == [alert]
    one = f"{V1}/alerts/{alert['alert_id']}"
    assert (await client.get(one)).json() == alert
    snoozed = await client.patch(one, json={"snoozed_until": "2027-01-01T00:00:00Z"})
    assert snoozed.json()["state"] == "snoozed"
    assert (await client.patch(one, json={"snoozed_until": None})).json()["state"] == "armed"
    assert (await client.delete(one)).json()["state"] == "deleted"
    gone = await client.delete(one)
    assert (gone.status_code, gone.json()["code"]) == (404, "alert_not_found")


async def test_alerts_page_by_cursor(client):
    for _ in range(3):
        await client.post(f"{V1}/alerts", json=WISH)
    first = (await client.get(f"{V1}/alerts", params={"limit": 2})).json()
    params = {"limit": 2, "cursor": first["next"]}
    second = (await client.get(f"{V1}/alerts", params=params)).json()
    assert [len(each["alerts"]) for each in (first, second)] == [2, 1]
    assert second["next"] is None


async def test_one_too_many_is_refused_with_its_reason(client, execution):
    execution.refuses["SetAlert"] = ConflictError("You have 100", code="too_many_alerts")
    answer = await client.post(f"{V1}/alerts", json=WISH)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_alerts")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "weather"},
        {"symbol": None},
        {"level": 0},
        {"level": "NaN"},
        {"percent": 5},
        {"colour": "red"},
        {"interface": "telegram"},
    ],
)
async def test_a_wish_that_is_none_reaches_nobody(client, execution, change):
    assert (await client.post(f"{V1}/alerts", json=WISH | change)).status_code == 422
    assert execution.calls == []


async def test_the_digest_is_off_until_somebody_wants_it(client):
    assert (await client.get(f"{V1}/digest")).json()["on"] is False
    wanted = {"on": True, "time": "08:30", "zone": "Europe/Berlin"}
    set_to = (await client.put(f"{V1}/digest", json=wanted)).json()
    assert {name: set_to[name] for name in wanted} == wanted
    for bad in ({"time": "24:00"}, {"zone": "a b"}, {"on": "x"}):
        assert (await client.put(f"{V1}/digest", json=wanted | bad)).status_code == 422
