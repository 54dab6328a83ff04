"""Alerts on real Postgres and NATS: told once for each crossing, over replicas and crashes."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from services.execution.tests.alert_rows import end_silences, firings, make_unreadable, outbox
from services.execution.tests.test_books import outcomes
from services.execution.tests.world import buy

from uchat_contracts import ids
from uchat_contracts.trading import AlertRequest
from uchat_execution.adapters.postgres import alerts as postgres
from uchat_execution.domain.alerts import crossing
from uchat_execution.service.alerts import setting, watching
from uchat_platform import tasks
from uchat_platform.errors import ConflictError, InvalidInputError, NotFoundError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
D = Decimal


def price(level="90000", way="below", symbol="BTC", **more):
    return AlertRequest(kind="price", symbol=symbol, level=D(level), way=way, **more)


@pytest.fixture
def without_pause(monkeypatch):
    """What repeats is told again at once."""
    monkeypatch.setattr(crossing, "PAUSE", timedelta(0))


@pytest.fixture
async def still(still_world):
    """One replica that looks only when it is told to; BTC is at 96,000 USDT."""
    body = {"symbol": "BTC", "price": "96000.00"}
    assert (await still_world.simulator.post("/sim/prices", json=body)).is_success
    await still_world.replica(running=False)
    pricing = asyncio.create_task(still_world.keep_priced())
    yield still_world
    await tasks.end([pricing])


async def test_a_price_that_is_crossed_is_told_once_with_its_figure_and_source(still, person):
    world = still
    alert = await world.app.alerting.set(person, price(), via="web_ui")
    assert (alert.state, alert.beyond) == ("armed", False)
    assert alert.text == "BTC falls to 90,000 USDT or below"
    assert await world.app.alert_watch.look() == 0
    await world.pin("BTC", "89950.00")
    assert await world.app.alert_watch.look() == 1
    await world.pin("BTC", "89900.00")
    assert await world.app.alert_watch.look() == 0
    [told] = await outbox(world)
    fired = told["fired"]
    assert (told["state"], fired["n"], fired["value"], fired["source"]) == (
        "done", 1, "89950", "synthetic",
    )  # fmt: skip
    assert fired["simulated"] is True
    assert fired["text"].startswith(
        "BTC is at 89,950.00 USDT, at or below 90,000 USDT. Simulated, source: synthetic, "
    )


async def test_replicas_that_look_at_once_tell_a_crossing_once(still, person):
    world = still
    others = [await world.replica(running=False) for _ in range(2)]
    for level in ("90000", "90100", "90200", "90300"):
        await world.app.alerting.set(person, price(level, repeat=True), via="api")
    await world.pin("BTC", "89900.00")
    looks = [app.alert_watch.look() for app in (world.app, *others) for _ in range(3)]
    assert sum(await asyncio.gather(*looks)) == 4
    assert len(await outbox(world)) == await firings(world) == 4


async def test_a_crash_between_noticing_and_telling_leaves_one_entry(still, person, bus_for):
    world = still
    await world.app.alerting.set(person, price(), via="api")
    await world.pin("BTC", "89900.00")
    # Nothing of this replica runs: what it noticed stays in the outbox, as after a kill.
    assert await world.app.alert_watch.look() == 1
    assert len(await outbox(world)) == 1
    later = await world.replica()

    async def empty():
        return not await outbox(world) and not await outbox(world, "alert.changed")

    await eventually(empty)
    assert await later.alert_watch.look() == 0
    told = await outcomes(await bus_for("sessions"), person, 2)
    assert [(each.kind, each.rev) for each in told] == [("alert.changed", 1), ("alert", 2)]
    assert await firings(world) == 1


async def test_what_was_crossed_while_nobody_ran_is_told_at_the_start(still, person):
    world = still
    await world.app.alerting.set(person, price(), via="api")
    await world.simulator.post("/sim/prices", json={"symbol": "BTC", "price": "89500.00"})
    later = await world.replica(running=False)
    assert await later.alert_watch.look() == 1


@pytest.mark.usefixtures("without_pause")
async def test_one_that_repeats_waits_until_the_market_has_clearly_gone_back(still, person):
    world = still
    watch = world.app.alert_watch
    alert = await world.app.alerting.set(person, price(repeat=True), via="api")
    told = []
    for pinned in ("89999.00", "90001.00", "89990.00", "90450.00", "89000.00"):
        await world.pin("BTC", pinned)
        told.append(await watch.look())
    assert told == [1, 0, 0, 0, 1]
    assert (await world.app.alerting.get(person, alert.alert_id)).fired.n == 2


async def test_one_that_repeats_is_told_once_a_minute_and_then_if_it_still_holds(still, person):
    world = still
    watch, alerting = world.app.alert_watch, world.app.alerting
    alert = await alerting.set(person, price(repeat=True), via="api")
    told = []
    for pinned in ("89000.00", "95000.00", "89000.00", "89100.00"):
        await world.pin("BTC", pinned)
        told.append(await watch.look())
    assert told == [1, 0, 0, 0]
    waits = await alerting.get(person, alert.alert_id)
    assert (waits.state, waits.beyond) == ("armed", False)
    await world.pool.execute(
        "UPDATE alert SET body = jsonb_set(body, '{fired,at}', to_jsonb(now() - interval '61 s'))"
    )
    await world.pin("BTC", "89200.00")
    assert await watch.look() == 1
    assert (await alerting.get(person, alert.alert_id)).fired.n == 2


async def test_what_has_no_fresh_price_or_waits_holds_up_no_other_one(still, person, monkeypatch):
    world = still
    monkeypatch.setattr(watching, "_BATCH", 1)
    watch, alerting = world.app.alert_watch, world.app.alerting
    waits = await alerting.set(person, price("95000", repeat=True), via="api")
    await alerting.set(person, price("1000000", way="below", symbol="ETH", repeat=True), via="api")
    await world.pool.execute(
        "UPDATE alert SET beyond = false, body = body || '{\"beyond\": false}'"
    )
    newer = await alerting.set(person, price(), via="api")
    market = watch.measuring.desk.market
    quotes = type(market).quotes

    async def of_which_one_is_old(self, symbols):
        told = await quotes(self, symbols)
        old = {s: replace(q, as_of=q.as_of - timedelta(hours=1)) for s, q in told.items()}
        return told | {"ETH": old["ETH"]} if "ETH" in told else told

    monkeypatch.setattr(type(market), "quotes", of_which_one_is_old)
    for pinned, told in (("94000.00", 1), ("96000.00", 0), ("89000.00", 1)):
        await world.pin("BTC", pinned)
        assert await watch.look() == told
    assert (await alerting.get(person, newer.alert_id)).state == "done"
    assert (await alerting.get(person, waits.alert_id)).fired.n == 1


@pytest.mark.parametrize("percent", ["0.01", "0.099"])
async def test_a_move_that_happens_all_the_time_is_nothing_to_be_told_of(still, person, percent):
    wish = AlertRequest(kind="percent", symbol="BTC", percent=D(percent), window_s=60)
    with pytest.raises(InvalidInputError, match="happens all the time") as refused:
        await still.app.alerting.set(person, wish, via="api")
    assert refused.value.code == "percent_too_small"


async def test_one_that_holds_already_is_told_at_the_next_crossing(still, person):
    world = still
    alert = await world.app.alerting.set(person, price("97000"), via="api")
    assert alert.beyond
    assert await world.app.alert_watch.look() == 0
    for pinned, told in (("97600.00", 0), ("96900.00", 1)):
        await world.pin("BTC", pinned)
        assert await world.app.alert_watch.look() == told


async def test_a_level_without_a_side_is_crossed_from_where_the_market_is(still, person):
    alerting = still.app.alerting
    assert (await alerting.set(person, price("97000", "either"), via="api")).way == "above"
    assert (await alerting.set(person, price("95000", "either"), via="api")).way == "below"


async def test_a_snoozed_one_is_silent_and_told_afterwards_if_it_still_holds(still, person):
    world = still
    alert = await world.app.alerting.set(person, price(), via="api")
    until = datetime.now(UTC) + timedelta(hours=1)
    assert (await world.app.alerting.snooze(person, alert.alert_id, until)).state == "snoozed"
    await world.pin("BTC", "89000.00")
    assert await world.app.alert_watch.look() == 0
    await end_silences(world)
    await world.pin("BTC", "88900.00")
    assert await world.app.alert_watch.look() == 1


async def test_a_move_within_a_window_is_measured_over_a_restart(still, person):
    world = still
    await world.app.alert_watch.look()
    wish = AlertRequest(kind="percent", symbol="BTC", percent=D(5), window_s=3600)
    await world.app.alerting.set(person, wish, via="api")
    history = world.app.alert_watch.measuring.history
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    await world.app.alert_watch.alerted.keep_bars(
        history.of_minute(minute) or history.of_minute(minute - timedelta(minutes=1)),
        minute - timedelta(days=1),
    )
    await world.pin("BTC", "93000.00")
    assert await world.app.alert_watch.look() == 0
    await world.simulator.post("/sim/prices", json={"symbol": "BTC", "price": "91000.00"})
    later = await world.replica(running=False)
    assert await later.alert_watch.look() == 1
    [told] = await outbox(world)
    assert told["fired"]["text"].startswith("BTC has fallen 5.21 % within 1 hour, to 91,000")


async def test_the_same_operation_sets_one_alert_and_a_hundred_are_the_most(
    still, person, monkeypatch
):
    alerting = still.app.alerting
    first = await alerting.set(person, price(), via="api", op_id="one")
    assert await alerting.set(person, price("1"), via="api", op_id="one") == first
    monkeypatch.setattr(setting, "MOST", 3)
    made = await asyncio.gather(
        *(alerting.set(person, price(str(n)), via="api") for n in range(1, 6)),
        return_exceptions=True,
    )
    refused = [each for each in made if isinstance(each, ConflictError)]
    assert [each.code for each in refused] == ["too_many_alerts"] * 3


async def test_another_person_finds_none_of_them(still, person):
    alerting = still.app.alerting
    alert = await alerting.set(person, price(), via="api")
    with pytest.raises(NotFoundError):
        await alerting.delete("user_01J9ZK3V7Q8W4X5Y6Z7A8B9C0D", alert.alert_id)
    with pytest.raises(InvalidInputError):
        await alerting.set(person, price(symbol="NOPE"), via="api")
    assert (await alerting.delete(person, alert.alert_id)).state == "deleted"
    page = await alerting.page(person, active_only=False, before=None, limit=5)
    assert page == []


async def test_moves_are_looked_at_page_by_page_to_the_last(still, person, monkeypatch):
    world = still
    monkeypatch.setattr(watching, "_BATCH", 1)
    wish = AlertRequest(kind="percent", symbol="BTC", percent=D(5), window_s=3600, way="below")
    for _ in range(3):
        await world.app.alerting.set(person, wish, via="api")
    assert await world.app.alert_watch.look() == 0
    await world.pin("BTC", "90000.00")
    assert await world.app.alert_watch.look() == 3


@pytest.mark.usefixtures("without_pause")
async def test_what_was_told_of_an_alert_is_not_kept_without_end(still, person, monkeypatch):
    world = still
    monkeypatch.setattr(postgres, "KEPT", 2)
    alert = await world.app.alerting.set(person, price(repeat=True), via="api")
    for pinned in ("89000.00", "95000.00", "89000.00", "95000.00", "89000.00"):
        await world.pin("BTC", pinned)
        await world.app.alert_watch.look()
    told = await world.pool.fetch("SELECT n FROM alert_event ORDER BY n")
    assert [row["n"] for row in told] == [2, 3]
    await world.app.alerting.delete(person, alert.alert_id)
    assert await firings(world) == 0


async def test_one_that_cannot_be_read_silences_nobody_else_and_holds_up_no_fill(still, person):
    world = still
    set_alert = world.app.alerting.set
    stranger = ids.new_person_id()
    on_fill = AlertRequest(kind="fill", symbol="BTC", repeat=True)
    wishes = (
        price(),
        price("90100"),
        on_fill,
        AlertRequest(kind="percent", symbol="BTC", way="below", percent=D(5), window_s=3600),
        AlertRequest(kind="portfolio", way="above", level=D(1)),
        AlertRequest(kind="portfolio", way="below", level=D("9999")),
    )
    await world.app.alert_watch.look()
    for wish in wishes:
        await set_alert(person, wish, via="api")
        await make_unreadable(world, await set_alert(stranger, wish, via="api"))
    await make_unreadable(world, await set_alert(person, on_fill, via="api"))
    asleep = await set_alert(person, price("90200"), via="api")
    await world.app.alerting.snooze(person, asleep.alert_id, datetime.now(UTC) + timedelta(days=1))
    await world.pool.execute(
        "UPDATE alert SET state = 'snoozed', snoozed_until = now() - interval '1 hour'"
        " WHERE alert_id = $1 OR person <> $2 AND level = 90100",
        asleep.alert_id,
        person,
    )
    await world.pool.execute(
        "UPDATE alert SET body = jsonb_set(body, '{snoozed_until}', '\"2026-11-30T00:00:00Z\"')"
        " WHERE alert_id = $1",
        asleep.alert_id,
    )
    await world.pin("BTC", "89000.00")
    assert await world.app.alert_watch.look() == 4
    kinds = {each["kind"] for each in await outbox(world)}
    assert kinds == {"price", "percent"}
    world.start(world.app)
    await world.bought(person, buy("0.01"))
    told = await world.pool.fetch("SELECT kind FROM alert_event JOIN alert USING (alert_id)")
    assert [row["kind"] for row in told].count("fill") == 1
