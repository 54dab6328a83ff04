"""Alerts on an account: what it is worth, how far it fell, and what is filled on it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from services.execution.tests.alert_rows import end_silences, firings
from services.execution.tests.world import buy

from uchat_contracts import ids
from uchat_contracts.trading import AlertRequest
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
D = Decimal


async def test_what_an_account_is_worth_and_how_far_it_fell_are_watched(world, person):
    await world.bought(person, buy("0.02"))
    app = world.app
    worth = AlertRequest(kind="portfolio", level=D(9_900), way="below")
    fall = AlertRequest(kind="drawdown", percent=D(2))
    await app.alerting.set(person, worth, via="api")
    await app.alerting.set(person, fall, via="api")
    await world.pin("BTC", "85000.00")

    async def told():
        return await firings(world) == 2

    await eventually(told)
    texts = [row["text"] for row in await world.pool.fetch(
        "SELECT body->>'text' AS text FROM alert_event ORDER BY 1"
    )]  # fmt: skip
    assert texts[0].startswith("Your portfolio is 2.2")
    assert texts[1].startswith("Your portfolio is worth 9,77")


async def test_how_far_an_account_fell_is_measured_anew_once_it_is_another_one(world, person):
    stays = ids.new_person_id()
    await world.bought(person, buy("0.02"))
    await world.app.portfolios.of(stays)
    fall = AlertRequest(kind="drawdown", percent=D(2))
    alert = await world.app.alerting.set(person, fall, via="api")
    await world.pin("BTC", "130000.00")

    async def risen():
        mark = "SELECT mark FROM alert WHERE alert_id = $1"
        return await world.pool.fetchval(mark, alert.alert_id) > 600

    await eventually(risen)
    # What they had is not what the account that is kept has lost.
    await world.app.merging.begin("l1", person, stays)
    await world.app.merging.finish("l1", person, stays)
    for price_now in ("131000.00", "132000.00"):
        await world.pin("BTC", price_now)
        await world.app.alert_watch.look()
    assert await firings(world) == 0
    await world.bought(stays, buy("0.01"))
    await world.pin("BTC", "100000.00")

    async def told():
        return await firings(world) == 1

    await eventually(told)


async def test_a_fill_is_told_once_for_each_order(world, person):
    wish = AlertRequest(kind="fill", symbol="BTC", repeat=True)
    alert = await world.app.alerting.set(person, wish, via="api")
    await world.bought(person, buy("0.01"))
    await world.bought(person, buy("0.1", "ETH"))
    await world.bought(person, buy("0.002"))
    kept = await world.app.alerting.get(person, alert.alert_id)
    assert (kept.state, kept.fired.n) == ("armed", 2)
    assert kept.fired.text.startswith("An order is filled: bought 0.002 BTC at 96,")
    assert "Simulated, source: paper" in kept.fired.text


async def test_a_silent_alert_on_fills_tells_at_the_end_what_was_filled(world, person):
    alerting, watch = world.app.alerting, world.app.alert_watch
    wish = AlertRequest(kind="fill", symbol="BTC", repeat=True)
    alert = await alerting.set(person, wish, via="api")
    until = datetime.now(UTC) + timedelta(hours=1)
    assert (await alerting.snooze(person, alert.alert_id, until)).state == "snoozed"
    await world.bought(person, buy("0.01"))
    await world.bought(person, buy("0.002"))
    silent = await alerting.get(person, alert.alert_id)
    assert (silent.state, silent.fired) == ("snoozed", None)
    await end_silences(world)

    async def told():
        await watch.look()
        return (await alerting.get(person, alert.alert_id)).fired

    fired = await eventually(told)
    assert "2 orders were filled" in fired.text
    assert "bought 0.01 BTC" in fired.text
    assert "bought 0.002 BTC" in fired.text
    await world.bought(person, buy("0.003"))
    kept = await alerting.get(person, alert.alert_id)
    assert (kept.state, kept.fired.n) == ("armed", 2)
    assert kept.fired.text.startswith("An order is filled: bought 0.003 BTC")


async def test_an_alert_on_fills_whose_silence_is_taken_back_tells_them_at_once(world, person):
    alerting = world.app.alerting
    alert = await alerting.set(person, AlertRequest(kind="fill"), via="api")
    await alerting.snooze(person, alert.alert_id, datetime.now(UTC) + timedelta(hours=1))
    await world.bought(person, buy("0.01"))
    back = await alerting.snooze(person, alert.alert_id, None)
    assert back.fired.text.startswith("While this was silent: An order is filled: bought 0.01 BTC")
    assert (back.state, back.fired.n) == ("done", 1)
