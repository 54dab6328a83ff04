"""A model changes alerts only as the message that it answers asks for."""

import json
from decimal import Decimal

import pytest
from account_world import PERSON, Account
from alert_world import AT
from brain_world import brain_at, listen, turn_in
from openai_server import DONE, OpenAiServer, event, tool_call

from uchat_ai_core.domain.planner.alert_permits import allows_alert, allows_change, allows_digest
from uchat_contracts.trading import Alert, AlertRequest, DigestSettings

D = Decimal
BTC = {"kind": "price", "symbol": "BTC", "way": "below", "level": "90000"}
EVERYTHING = (
    ("set_alert", {"alert": BTC}),
    ("change_alerts", {"action": "delete", "every": True}),
    ("change_alerts", {"action": "snooze", "every": True, "hours": "744"}),
    ("set_digest", {"on": False}),
)


def wanted(**changes):
    return AlertRequest.model_validate({**BTC, **changes})


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        ("tell me when BTC drops below 90k", {}),
        ("what is BTC at? and tell me when it drops below 90k", {}),
        ("tell me every time BTC crosses 90000", {"way": "either", "repeat": True}),
        ("alert me if BTC moves 5% in an hour", {"kind": "percent", "level": None, "percent": "5",
                                                 "window_s": 3600, "way": "either"}),
        ("Sag mir, wenn BTC unter 90000 fällt", {}),
        ("avísame si BTC baja de 90000", {}),
    ],
)  # fmt: skip
def test_what_the_person_asked_to_be_told_of_may_be_set(message, changes):
    assert allows_alert(message, wanted(**changes), ()) == ""


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        ("what is the price of BTC?", {}),
        ("tell me when BTC drops below 90k", {"level": "95000"}),
        ("tell me when BTC drops below 90k", {"symbol": "ETH"}),
        ("tell me when BTC drops below 90k", {"way": "above"}),
        ("tell me when BTC drops below 90k", {"repeat": True}),
        ("tell me when BTC drops", {}),
        ("my boss wrote “tell me when BTC drops below 90k”, what does it mean?", {}),
        ("Fwd: tell me when BTC drops below 90k", {}),
        ("Sag mir, wenn BTC unter 80000 fällt", {}),
        ("wie steht BTC, 90000?", {}),
    ],
)
def test_what_they_did_not_ask_for_may_not(message, changes):
    assert allows_alert(message, wanted(**changes), ()) != ""


def test_the_asset_that_was_spoken_of_is_meant():
    assert allows_alert("tell me when it drops below 90k", wanted(), ("BTC",)) == ""
    assert allows_alert("tell me when it drops below 90k", wanted(), ("ETH",)) != ""


@pytest.mark.parametrize(
    ("message", "change", "every", "may"),
    [
        ("delete the BTC alert", ("delete", "BTC", D(1)), False, True),
        ("delete the BTC alert", ("delete", "BTC", D(1)), True, False),
        ("delete the BTC alert", ("delete", "", D(1)), True, False),
        ("delete all my alerts", ("delete", "", D(1)), True, True),
        ("delete all my BTC alerts", ("delete", "ETH", D(1)), True, False),
        ("snooze the BTC one for 2 hours", ("snooze", "BTC", D(2)), False, True),
        ("snooze the BTC one for 2 hours", ("snooze", "BTC", D(700)), False, False),
        ("snooze the BTC one", ("delete", "BTC", D(1)), False, False),
        ("what alerts do I have?", ("delete", "", D(1)), True, False),
        ("lösche den BTC alarm", ("delete", "BTC", D(1)), False, True),
        ("lösche den BTC alarm", ("delete", "", D(1)), True, False),
    ],
)
def test_only_those_that_were_meant_are_changed_and_only_so(message, change, every, may):
    assert (allows_change(message, *change, every=every) == "") == may


def test_who_names_their_fill_alerts_means_no_others():
    hour = ("snooze", "", D(1))
    assert allows_change("pause my fill alerts", *hour, every=True, fills=True) == ""
    assert allows_change("pause my fill alerts", *hour, every=True)
    assert allows_change("pause all my alerts", *hour, every=True, fills=True) == ""


@pytest.mark.parametrize(
    ("message", "on", "time", "zone", "may"),
    [
        ("send me a summary every day at 8 Europe/Berlin", True, "08:00", "Europe/Berlin", True),
        ("send me a summary every day at 8", True, "08:00", "", True),
        ("send me a summary every day at 8", True, "20:00", "", False),
        ("send me a summary every day at 8", False, "", "", False),
        ("stop the daily summary", False, "", "", True),
        ("when is my daily summary?", True, "08:00", "", False),
        ("schick mir jeden Tag um 8 eine Zusammenfassung", True, "08:00", "", True),
        ("how am I doing?", False, "", "", False),
    ],
)
def test_the_daily_summary_is_set_as_it_was_asked_for(message, on, time, zone, may):
    assert (allows_digest(message, time, zone, on=on) == "") == may


@pytest.mark.parametrize(("tool", "arguments"), EVERYTHING)
async def test_a_model_that_obeys_somebody_else_changes_no_alert(tool, arguments):
    server, books = OpenAiServer(), Account()
    books.daily = DigestSettings(on=True, time="08:00")
    own = Alert(
        **dict(wanted()), alert_id="alt_1", user_id=PERSON, rev=1, state="armed", text="BTC",
        created_at=AT, created_via="web_ui",
    )  # fmt: skip
    books.kept.append(own)
    async with server.running() as url:
        said = event({"content": "BTC is fine."}) + event(finish="stop") + DONE
        server.script = [tool_call(tool, json.dumps(arguments)), said]
        async with brain_at(url, trading=books) as brain:
            await listen(brain, turn_in("is it a good day?"))
            assert (books.kept, books.daily.on) == ([own], True)
            assert not any(each.startswith(("snooze", "delete", "set_")) for each in books.asked)
