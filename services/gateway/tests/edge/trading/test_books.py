"""Performance, ledger, files and preferences over HTTP."""

import csv
import io

import pytest

from uchat_gateway.doors.trading.export import cell
from uchat_platform.errors import UnavailableError

pytestmark = pytest.mark.integration
V1 = "/api/v1"


@pytest.fixture
async def client(gateway):
    tokens = await gateway.guest()
    gateway.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return gateway.http


async def test_the_curve_and_both_methods_are_asked_for_in_the_persons_currency(client, execution):
    equity = await client.get(f"{V1}/equity", params={"period": "year"})
    assert equity.json()["points"][0]["drawdown_pct"] == "0"
    assert (await client.get(f"{V1}/pnl", params={"method": "fifo"})).status_code == 200
    (_, asked), (_, pnl) = execution.of("GetEquity") + execution.of("GetPnl")
    assert (asked.span, asked.own_currency) == ("year", True)
    assert (pnl.method, pnl.own_currency) == ("fifo", True)
    assert (await client.get(f"{V1}/pnl", params={"method": "lifo"})).status_code == 422


async def test_the_ledger_pages(client):
    first = (await client.get(f"{V1}/ledger", params={"limit": 200})).json()
    assert (len(first["entries"]), first["next"]) == (200, "200")


async def test_a_file_holds_every_page_and_nothing_that_a_spreadsheet_would_run(client):
    answer = await client.get(f"{V1}/export/ledger.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="ledger.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["n"] for row in rows] == [str(n) for n in range(450)]
    assert rows[3]["amount"] == "-3"
    assert rows[3]["reference"] == "'=cmd"
    for name in ("trades", "orders"):
        found = list(
            csv.DictReader(io.StringIO((await client.get(f"{V1}/export/{name}.csv")).text))
        )
        assert len(found) == 3
        assert found[0]["symbol"] == "BTC"
    assert (await client.get(f"{V1}/export/passwords.csv")).status_code == 422


async def test_a_file_that_cannot_begin_is_an_error(client, execution):
    execution.refuses["ListTrades"] = UnavailableError("away")
    answer = await client.get(f"{V1}/export/trades.csv")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


async def test_files_are_limited_by_person_since_each_reads_everything(
    settings, start_gateway, execution
):
    gateway = await start_gateway(settings.model_copy(update={"limit_exports": "2/minute"}))
    names = ("trades", "orders", "ledger")
    for person in (await gateway.guest(), await gateway.guest()):
        auth = {"Authorization": f"Bearer {person['access_token']}"}
        answers = [
            await gateway.http.get(f"{V1}/export/{name}.csv", headers=auth) for name in names
        ]
        assert [each.status_code for each in answers] == [200, 200, 429]
        assert answers[2].json()["code"] == "rate_limited"
    assert len(execution.of("ListTrades")) == 2


async def test_preferences_are_changed_one_by_one(client, execution):
    assert (await client.get(f"{V1}/preferences")).json() == {
        "time_zone": "UTC",
        "currency": "USDT",
    }
    changed = await client.patch(f"{V1}/preferences", json={"time_zone": "Europe/Berlin"})
    assert changed.json()["time_zone"] == "Europe/Berlin"
    assert execution.of("SetPreferences")[0][1].currency == ""
    wrong = await client.patch(f"{V1}/preferences", json={"time_zone": "Mars/Olympus"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "time_zone_unknown")
    assert (await client.patch(f"{V1}/preferences", json={"zone": "UTC"})).status_code == 422


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        ("-1.5", "-1.5"),
        ("BTC", "BTC"),
        ("=1+1", "'=1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+49", "'+49"),
        ("\t=1", "'\t=1"),
    ],
)
def test_text_is_no_formula(value, written):
    assert cell(value) == written
