"""Portfolio, orders, trades, limits, mandates and the kill switch over HTTP."""

import asyncpg
import pytest

from uchat_platform.errors import ConflictError

pytestmark = pytest.mark.integration
V1 = "/api/v1"


async def test_a_portfolio_is_passed_on_as_it_is(client, execution):
    answer = await client.get(f"{V1}/portfolio")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["cash"] == "9000"
    assert "total" not in answer.json()
    ((actor, _),) = execution.of("GetPortfolio")
    assert actor.person_id == client.person


async def test_every_list_pages(client):
    for name, key in (
        ("positions", "symbol"),
        ("orders", "order_id"),
        ("trades", "trade_id"),
        ("movements", "movement_id"),
    ):
        found, cursor = [], ""
        while cursor is not None:
            params = {"limit": 2, "cursor": cursor}
            answer = (await client.get(f"{V1}/{name}", params=params)).json()
            found += [each[key] for each in answer[name]]
            cursor = answer["next"]
        assert len(found) == len(set(found)) == 3


async def test_filters_reach_execution(client, execution):
    await client.get(f"{V1}/orders", params={"open": "true", "symbol": "BTC"})
    await client.get(f"{V1}/trades", params={"symbol": "ETH"})
    await client.get(f"{V1}/pnl", params={"period": "month"})
    await client.get(f"{V1}/allocation", params={"amount": "5E+3", "profile": "bold"})
    (_, orders), (_, trades) = execution.of("ListOrders") + execution.of("ListTrades")
    assert (orders.open_only, orders.symbol, trades.symbol) == (True, "BTC", "ETH")
    assert execution.of("GetPnl")[0][1].period == "month"
    wanted = execution.of("PlanAllocation")[0][1]
    assert (wanted.amount, wanted.profile) == ("5000", "bold")


async def test_orders_are_cancelled_all_or_some(client, execution):
    some = await client.post(f"{V1}/orders/cancel", json={"order_ids": ["o1"], "symbol": "BTC"})
    assert some.json()["orders"][0]["order_id"] == "o1"
    assert (await client.post(f"{V1}/orders/cancel", json={})).status_code == 200
    requests = [request for _, request in execution.of("CancelOrders")]
    assert [list(request.order_ids) for request in requests] == [["o1"], []]


async def test_a_mandate_is_granted_listed_and_revoked(client, execution):
    wanted = {
        "per_day": "100",
        "symbols": ["BTC"],
        "expires_at": "2027-01-01T00:00:00+01:00",
        "interface": "web_ui",
    }
    granted = await client.post(f"{V1}/mandates", json=wanted)
    assert granted.status_code == 201, granted.text
    assert (granted.json()["per_day"], granted.json()["granted_via"]) == ("100", "web_ui")
    assert execution.of("GrantMandate")[0][1].op_id
    listed = (await client.get(f"{V1}/mandates", params={"active": "true"})).json()
    assert listed["mandates"] == [granted.json()]
    gone = await client.delete(f"{V1}/mandates/{granted.json()['mandate_id']}?interface=web_ui")
    assert (gone.json()["state"], gone.json()["revoked_via"]) == ("revoked", "web_ui")
    assert (await client.delete(f"{V1}/mandates/none")).status_code == 404


async def test_any_trader_stops_their_own_trading(client):
    assert (await client.get(f"{V1}/kill-switch")).json()["on"] is False
    thrown = (await client.post(f"{V1}/kill-switch", json={"on": True})).json()
    assert (thrown["on"], thrown["changed_via"]) == (True, "api")
    assert thrown["effective_at"]
    assert (await client.get(f"{V1}/kill-switch")).json() == thrown
    assert (await client.get(f"{V1}/risk/limits")).json()["price_collar_bps"] == 50


async def test_what_execution_refuses_is_refused_with_its_reason(client, execution):
    execution.refuses["GrantMandate"] = ConflictError("Stopped", code="kill_switch_on")
    wanted = {"per_day": 1, "expires_at": "2027-01-01T00:00:00Z"}
    answer = await client.post(f"{V1}/mandates", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (409, "kill_switch_on")


AMOUNTS = ("0", "-1", "1e21", "NaN", "Infinity", "x", "1" * 400, "1e-19")


async def test_an_amount_is_a_positive_number_within_bounds(client, execution):
    for amount in AMOUNTS:
        answer = await client.get(f"{V1}/allocation", params={"amount": amount})
        assert answer.status_code == 422, amount
        wanted = {"per_day": amount, "expires_at": "2027-01-01T00:00:00Z"}
        assert (await client.post(f"{V1}/mandates", json=wanted)).status_code == 422, amount
    assert execution.calls == []


MISFITS = (
    ("GET", "/positions?cursor=-1"),
    ("GET", "/positions?limit=0"),
    ("GET", "/positions?limit=201"),
    ("GET", "/orders?open=perhaps"),
    ("GET", "/orders?symbol=btc"),
    ("GET", "/pnl?period=year"),
    ("GET", "/allocation"),
    ("GET", "/trades?cursor=%00"),
    ("DELETE", "/mandates/a%20b"),
    ("POST", "/mandates", b'{"per_day": 1e999, "expires_at": "2027-01-01T00:00:00Z"}'),
    ("POST", "/mandates", b'{"per_day": 1, "expires_at": "0001-01-01T00:00:00+23:59"}'),
    ("POST", "/mandates", b'{"per_day": 1, "expires_at": "2027-01-01T00:00:00"}'),
    ("POST", "/orders/cancel", b'{"order_ids": ["a b"]}'),
    ("POST", "/kill-switch", b"{}"),
    ("POST", "/kill-switch", b'{"on": true, "person": "x"}'),
)


async def test_what_does_not_fit_is_refused(client, execution):
    for method, path, *content in MISFITS:
        answer = await client.request(
            method,
            V1 + path,
            content=content[0] if content else None,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code in (400, 422), (path, answer.text)
    assert {name for name, _, _ in execution.calls} <= {"GetPortfolio"}


READS = ("portfolio", "positions", "orders", "trades", "pnl", "risk/limits", "mandates")
ACTS = (
    ("POST", "/api/v1/orders/cancel", {}),
    ("POST", "/api/v1/kill-switch", {"on": True}),
    ("POST", "/api/v1/mandates", {"per_day": 1, "expires_at": "2027-01-01T00:00:00Z"}),
    ("DELETE", "/api/v1/mandates/m", None),
    ("POST", "/api/v1/unified-chat/decision/approve", {"decision_id": "0" * 32, "approved": True}),
    ("POST", f"/api/v1/unified-chat/run/unified_{'0' * 26}/stop", None),
    ("POST", "/api/v1/links/telegram", None),
)


async def test_a_viewer_reads_and_changes_nothing(gateway, execution):
    await gateway.register()
    dsn = gateway.settings.postgres_dsn.get_secret_value()
    connection = await asyncpg.connect(dsn)
    await connection.execute("UPDATE accounts SET role = 'viewer'")
    await connection.close()
    token = (await gateway.login()).json()["access_token"]
    gateway.http.headers["Authorization"] = f"Bearer {token}"
    for path in READS:
        assert (await gateway.http.get(f"{V1}/{path}")).status_code == 200, path
    called = len(execution.calls)
    for method, path, body in ACTS:
        answer = await gateway.http.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted"), path
    assert len(execution.calls) == called


async def test_without_a_token_nothing_is_shown(gateway, execution):
    for path in READS:
        assert (await gateway.http.get(f"{V1}/{path}")).status_code == 401, path
    for method, path, body in ACTS:
        assert (await gateway.http.request(method, path, json=body)).status_code == 401, path
    assert execution.calls == []
