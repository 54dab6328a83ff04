"""Alerts and the daily summary in words: what is read, what is done, what is said."""

# ruff: noqa: E501 - a case is read as one line

from decimal import Decimal

import pytest
from account_world import Account
from brain_world import Market, listen, said, turn_in

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.domain.planner.alerts import alert_wish

D = Decimal


def wish(text):
    found = alert_wish(text)
    if found is None:
        return None
    names = ("kind", "symbol", "way", "level", "percent", "window_s", "repeat", "lacks")
    return {name: value for name in names if (value := getattr(found, name)) not in ("", None)}


def of(kind, symbol="", way="either", *, repeat=False, **more):
    named = {"symbol": symbol} if symbol else {}
    return {"kind": kind, **named, "way": way, "repeat": repeat, **more}


HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tell me when BTC drops below 90k", of("price", "BTC", "below", level=D(90_000))),
        ("when BTC hits 100k, tell me", of("price", "BTC", level=D(100_000))),
        ("ping me if bitcoin goes above $100,000", of("price", "BTC", "above", level=D(100_000))),
        ("set a price alert for BTC at 90000", of("price", "BTC", level=D(90_000))),
        ("set an alert for ETH below 2500", of("price", "ETH", "below", level=D(2_500))),
        ("alert BTC 90k", of("price", "BTC", level=D(90_000))),
        (
            "tell me every time BTC crosses 100000",
            of("price", "BTC", level=D(100_000), repeat=True),
        ),
        (
            "alert me if ETH moves 5% in an hour",
            of("percent", "ETH", percent=D(5), window_s=HOUR),
        ),
        (
            "warn me if solana crashes 10% within 30 minutes",
            of("percent", "SOL", "below", percent=D(10), window_s=1800),
        ),
        ("tell me when bitcoin rises 3% today", of("percent", "BTC", "above", percent=D(3), window_s=DAY)),
        ("let me know if my portfolio falls 10%", of("drawdown", percent=D(10))),
        ("alert me on a drawdown of 8%", of("drawdown", percent=D(8))),
        ("tell me if my portfolio is worth more than 12000", of("portfolio", way="above", level=D(12_000))),
        ("let me know when my account drops below $9,000", of("portfolio", way="below", level=D(9_000))),
        ("notify me when my BTC order is filled", of("fill", "BTC")),
        ("tell me whenever an order of mine gets filled", of("fill", repeat=True)),
        ("tell me when it falls to 2000", of("price", way="below", level=D(2_000), lacks="asset")),
        ("tell me when BTC drops", of("price", "BTC", "below", lacks="price")),
        ("notify me when i have made 10% profit", of("portfolio", way="above", lacks="level")),
        ("tell me about BTC", None),
        ("tell me the price of BTC", None),
        ("tell me when to sell", None),
        ("alert me to buy 0.01 BTC", None),
        ("remind me tomorrow to check BTC", None),
        ("buy 0.01 BTC if it falls to 60000", None),
        ("how do alerts work?", None),
        ("cancel my orders", None),
        ("stop all trading", None),
    ],
)  # fmt: skip
def test_what_one_wants_to_be_told_of_is_read(text, expected):
    assert wish(text) == expected


@pytest.mark.parametrize(
    ("text", "action", "symbol", "every"),
    [
        ("what alerts do I have", "list", "", False),
        ("show my alerts", "list", "", False),
        ("delete the BTC one", "delete", "BTC", False),
        ("cancel all my alerts", "delete", "", True),
        # This must never be read as a stop of trading.
        ("stop all alerts", "delete", "", True),
        ("stop alerting me about ETH", "delete", "ETH", False),
        ("snooze the BTC one", "snooze", "BTC", False),
        ("mute the ETH alert until tomorrow", "snooze", "ETH", False),
        ("resume my BTC alert", "resume", "BTC", False),
    ],
)
def test_which_alerts_are_meant_is_read(text, action, symbol, every):
    found = alert_wish(text)
    assert found is not None
    assert (found.action, found.symbol, found.every) == (action, symbol, every)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("send me a summary every day at 8", ("digest", "08:00", "")),
        ("send me a daily digest at 7:30 pm Europe/Berlin", ("digest", "19:30", "Europe/Berlin")),
        ("every evening at 9 tell me how my portfolio is doing", ("digest", "21:00", "")),
        ("i want a daily summary", ("digest", "", "")),
        ("stop the daily summary", ("digest_off", "", "")),
        ("when is my daily summary?", ("digest_when", "", "")),
    ],
)
def test_the_daily_summary_is_read(text, expected):
    found = alert_wish(text)
    assert found is not None
    assert (found.action, found.time, found.zone) == expected


@pytest.fixture
def account():
    return Account()


@pytest.fixture
def ask(account):
    async def asked(text, **more):
        brain = PydanticBrain([], Market(), account)
        return (await listen(brain, turn_in(text, **more))).final

    return asked


async def test_an_alert_is_set_by_a_sentence_and_listed(ask, account):
    answer = await ask("tell me when BTC drops below 90k")
    assert answer.startswith("Alert set: BTC price. I tell you once, on every interface")
    [alert] = account.kept
    assert (alert.kind, alert.way, alert.level) == ("price", "below", D(90_000))
    assert "1 alert is set: BTC price." in await ask("what alerts do I have?")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("avísame si btc baja de 90000", "Alerta creada: te aviso en todas las interfaces cuando BTC baje de 90,000.00 USDT."),
        ("sag bescheid wenn btc unter 90000 fällt", "Alarm gesetzt: Ich sage dir auf allen Oberflächen Bescheid, wenn BTC unter 90,000.00 USDT fällt."),
    ],
)  # fmt: skip
async def test_an_alert_is_confirmed_in_the_language_of_its_sentence(ask, account, text, says):
    assert (await ask(text)).startswith(says)
    assert len(account.kept) == 1


async def test_what_is_left_open_is_asked_for_and_nothing_is_set(ask, account):
    assert "at which price? Nothing is set yet." in await ask("tell me when BTC drops")
    assert account.kept == []


async def test_the_asset_that_was_spoken_of_is_meant(ask, account):
    history = (said("what is the price of ETH?", 1), said("…", 2, role="assistant"))
    await ask("tell me when it falls to 2000", history=history)
    assert [each.symbol for each in account.kept] == ["ETH"]


async def test_the_only_one_that_fits_is_changed_and_of_several_none(ask, account):
    for text in ("alert me when BTC hits 100k", "alert me when BTC hits 110k", "alert ETH 3k"):
        await ask(text)
    assert "Several fit" in await ask("delete the BTC alert")
    assert len(account.kept) == 3
    assert (await ask("snooze the ETH one for 2 hours")).startswith("Silent until ")
    assert (await ask("delete all BTC alerts")).startswith("Deleted: BTC price; BTC price.")
    assert [each.symbol for each in account.kept] == ["ETH"]
    assert "no alert on SOL to delete" in await ask("delete the SOL alert")


async def test_alerts_on_fills_are_paused_by_their_kind_and_the_others_go_on(ask, account):
    await ask("alert me when BTC hits 100k")
    await ask("tell me every time an order of mine is filled")
    await ask("tell me when my ETH order is filled")
    said = await ask("pause my fill alerts for 2 hours")
    assert said.startswith("Silent until ")
    assert "What is filled by then, I tell you then." in said
    fills = [each.alert_id for each in account.kept if each.kind == "fill"]
    assert [each for each in account.asked if "snooze" in each] == [f"snooze {n}" for n in fills]
    assert (await ask("resume my fill alerts")).startswith("On again")


async def test_the_daily_summary_keeps_the_zone_that_was_chosen(ask, account):
    await ask("send me a summary every day at 8 Europe/Berlin")
    answer = await ask("send me a summary every day at 9:30")
    assert "every day at 09:30 (Europe/Berlin)" in answer
    assert "off now" in await ask("stop the daily summary")
    assert not account.daily.on


async def test_an_account_that_is_away_sets_nothing(ask, account):
    account.away = True
    assert "cannot reach your account" in await ask("tell me when BTC drops below 90k")
