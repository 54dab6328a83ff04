"""Alerts and the digest on Telegram: told once, silenced and deleted by a button."""

from datetime import date
from decimal import Decimal

import pytest
from services.telegram.tests.around import NOW
from services.telegram.tests.conftest import Replica, World

from uchat_contracts.trading import Alert, AlertFiring, Digest, KeyChanged, Order
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]
TEXT = "BTC is at 89,950.00 USDT, at or below 90,000 USDT. Simulated, source: paper, 14:03 UTC."


def alert(world: World, user, number: int = 1, *, fired: bool = True) -> Alert:
    person, _ = world.sessions.person(user.id)
    firing = AlertFiring(
        n=1, text=TEXT, value=Decimal(89_950), unit="USDT", source="paper", simulated=True,
        as_of=NOW, at=NOW,
    )  # fmt: skip
    made = Alert(
        kind="price", symbol="BTC", way="below", level=Decimal(90_000),
        alert_id=f"alt_01J9ZK3V7Q8W4X5Y6Z7A8B9C{number:02}", user_id=person, rev=2,
        state="done" if fired else "armed", text=f"BTC falls to {number}0,000 USDT or below",
        created_at=NOW, created_via="web_ui", fired=firing if fired else None,
    )  # fmt: skip
    world.execution.alerts.alerts[made.alert_id] = made
    return made


async def told(world: World, user, count: int = 1):
    async def there():
        found = world.told(user)
        return found if len(found) >= count else None

    return await eventually(there)


async def test_an_alert_is_told_with_its_figure_and_source_once(world: World, replica: Replica):
    user = world.join()
    made = alert(world, user)
    first = await world.deliver(user, "alert", f"alert:{made.alert_id}", made)
    [message] = await told(world, user)
    assert TEXT in world.text_of(message)
    assert world.labels(message) == ["Snooze 1 h", "Delete"]
    await eventually(lambda: world.notifier.statuses(first) == ["delivered"])


async def test_its_buttons_silence_and_delete_it(world: World, replica: Replica):
    user = world.join()
    made = alert(world, user)
    await world.deliver(user, "alert", f"alert:{made.alert_id}", made)
    [message] = await told(world, user)
    world.press(user, message, world.data_of(message, "Snooze 1 h"))
    await eventually(lambda: "Silent until" in world.texts(user)[0])
    assert world.execution.alerts.alerts[made.alert_id].state == "snoozed"
    for said in ("Deleted.", "deleted already"):
        world.press(user, message, f"x:{made.alert_id}")
        await eventually(lambda said=said: said in world.texts(user)[0])
    assert world.labels(world.told(user)[0]) == []


async def test_the_command_lists_them_and_the_list_follows_its_buttons(
    world: World, replica: Replica
):
    user = world.join()
    for number in (1, 2, 3):
        alert(world, user, number, fired=False)
    world.write(user, "/alerts")
    [message] = await told(world, user)
    assert "3. BTC falls to 30,000 USDT or below" in world.text_of(message)
    assert len(world.labels(message)) == 6
    world.press(user, message, world.data_of(message, "2. Delete"))
    await eventually(lambda: "2. BTC falls to 30,000" in world.texts(user)[0])


async def test_who_has_none_is_told_how_to_set_one(world: World, replica: Replica):
    user = world.join()
    world.write(user, "/alerts")
    [message] = await told(world, user)
    assert "tell me when BTC drops below 90k" in world.text_of(message)


async def test_a_key_that_can_move_funds_out_is_told_of(world: World, replica: Replica):
    user = world.join()
    person, _ = world.sessions.person(user.id)
    key = KeyChanged(
        venue="binance", account="acct_1", masked="…ab12", may_trade=True, may_withdraw=True,
        connected_at=NOW, connected_via="web_ui", user_id=person, rev=1,
        text="Your key at Binance can move funds out.", at=NOW,
    )  # fmt: skip
    await world.deliver(user, "venue_key", "venue_key:acct_1", key)
    [message] = await told(world, user)
    assert "Real orders are stopped." in world.text_of(message)
    assert "can move funds out" in world.text_of(message)


async def test_sales_that_are_still_open_there_are_cancelled_by_a_button(
    world: World, replica: Replica
):
    user = world.join()
    person, _ = world.sessions.person(user.id)
    order = Order(
        order_id="ord_1", client_order_id="c", symbol="BTC", side="sell", type="limit",
        status="open", quantity=Decimal("0.01"), filled=Decimal(0), limit_price=Decimal(110_000),
        fee=Decimal(0), fee_asset="USDT", created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    key = KeyChanged(
        venue="binance", account="acct_1", masked="…ab12", may_trade=True, may_withdraw=True,
        connected_at=NOW, connected_via="web_ui", user_id=person, rev=1,
        text="Your key at Binance can move funds out.", at=NOW, still_open=[order],
    )  # fmt: skip
    await world.deliver(user, "venue_key", "venue_key:acct_1", key)
    [message] = await told(world, user)
    label = "Cancel the orders on Binance"
    assert world.labels(message) == [label]
    world.press(user, message, world.data_of(message, label))
    wish = "cancel all my orders on Binance"
    await eventually(lambda: [each.parts[0].text for each in world.messages()] == [wish])


async def test_the_digest_of_the_day_is_told(world: World, replica: Replica):
    user = world.join()
    person, _ = world.sessions.person(user.id)
    digest = Digest(
        user_id=person, day=date(2026, 11, 23), zone="UTC", text="Your portfolio is worth 1 USDT.",
        quote_currency="USDT", open_orders=0, pending=0, source="paper", simulated=True,
        as_of=NOW, at=NOW,
    )  # fmt: skip
    await world.deliver(user, "digest", "digest:2026-11-23", digest)
    [message] = await told(world, user)
    assert "Your day, 23 November" in world.text_of(message)
    assert "worth 1 USDT" in world.text_of(message)
