"""Words, figures and buttons, without any server."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uchat_contracts.events import Delivery
from uchat_platform.errors import InvalidInputError
from uchat_sim_telegram import formatting
from uchat_telegram.adapters.updates import parse
from uchat_telegram.domain import answers, callbacks, figures, markdown, words
from uchat_telegram.domain.view import Button
from uchat_telegram.service.pacing import Bucket
from uchat_telegram.service.showing import chat_id_of

_marks = st.sampled_from(
    ["**", "*", "_", "`", "```\n", "\n", "\n\n", "- ", "# ", "<", "&", " ", "😀"]
)
_markdown = st.lists(st.one_of(_marks, st.text(max_size=12)), max_size=60).map("".join)


@given(_markdown)
@settings(max_examples=150, deadline=None)
def test_whatever_is_said_becomes_html_that_telegram_takes(text):
    plain, entities = formatting.parse(markdown.to_html(text), "HTML")
    length = formatting.units(plain)
    assert all(0 <= e["offset"] <= e["offset"] + e["length"] <= length for e in entities)


@given(_markdown, st.integers(min_value=40, max_value=200))
@settings(max_examples=150, deadline=None)
def test_pieces_fit_and_lose_no_word(text, limit):
    pieces = markdown.split(text, limit)
    assert all(markdown.units(piece) <= limit for piece in pieces)

    def letters(value):
        return [c for c in value if not c.isspace() and c != "`"]

    assert letters("".join(pieces)) == letters(text)


def test_markdown_is_shown_as_meant():
    shown = markdown.to_html(
        "# Head\n- **a** & `b<c`\n[x](https://e.org/?a=1&b=2)\n```\nif a<b\n```"
    )
    assert shown == (
        "<b>Head</b>\n• <b>a</b> &amp; <code>b&lt;c</code>\n"
        '<a href="https://e.org/?a=1&amp;b=2">x</a>\n<pre>if a&lt;b</pre>'
    )


def test_a_cut_code_block_is_closed_and_opened_again():
    pieces = markdown.split("```\n" + "\n".join(["line"] * 60) + "\n```", 120)
    assert len(pieces) > 1
    assert all(piece.count("```") == 2 for piece in pieces)


def test_an_unfinished_answer_fits_into_one_draft():
    plain, _ = formatting.parse(answers.preview("**word** " * 2000), "HTML")
    assert len(plain) <= 4096
    assert plain.endswith("…")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("960.125", "960.12 USDT"),
     ("0.00001234", "0.000012 USDT"),
     ("0.69408", "0.69 USDT"), ("0.00195", "0.0020 USDT"), ("0", "0.00 USDT"),
     ("12345.6", "12,345.60 USDT"), ("-3.5", "-3.50 USDT")],
)  # fmt: skip
def test_money_never_looks_free(value, shown):
    assert figures.money(Decimal(value), "USDT") == shown


def test_quantities_and_times():
    assert figures.quantity(Decimal("0.0100")) == "0.01"
    assert figures.quantity(Decimal(100)) == "100"
    at = datetime(2026, 11, 3, 9, 5, 7, tzinfo=UTC)
    assert (figures.clock(at), figures.exact_clock(at)) == ("09:05 UTC", "09:05:07 UTC")
    assert figures.day(at) == "3 November 2026"
    assert figures.via("some_new_one") == "by some new one"


def test_buttons_say_what_they_carry():
    decision = "da6c608b-7403-5d23-bccd-e7edeefdaf4c"
    proof = "0123456789abcdef"
    data = callbacks.approve(decision, proof * 4)
    assert callbacks.parse(data) == callbacks.Press("approve", decision, proof)
    assert callbacks.parse(f"d:{decision}:approve") is None
    assert callbacks.parse(f"d:{decision}:steal:{proof}") is None
    assert callbacks.parse(f"d:../../x:approve:{proof}") is None
    assert callbacks.parse(callbacks.mode("quick")) == callbacks.Press("mode", "quick")
    assert callbacks.parse(callbacks.trade("manual")) == callbacks.Press("trade", "manual")
    for make in (callbacks.quote, callbacks.remedy, callbacks.check, callbacks.absent):
        assert callbacks.parse(make(decision)) is not None
        assert callbacks.parse(make("../x")) is None
    assert callbacks.parse("") is None
    assert callbacks.link("x" * 63) is None
    agreed = callbacks.link("x" * 43)
    assert agreed is not None
    assert callbacks.parse(agreed) == callbacks.Press("link", "x" * 43)
    assert all(len(data.encode()) <= 64 for data in (data, agreed))


def test_a_link_that_ran_out_is_asked_for_anew():
    keyboard = ((Button("More", data="m:1"), words.web_button("http://x/#continue=1")),)
    aged = words.aged(keyboard)
    assert [button.data for button in aged[0]] == ["m:1", callbacks.WEB]
    assert words.renewed(aged, "http://x/#continue=2")[0][1].url == "http://x/#continue=2"


async def test_what_matters_goes_first_and_nobody_beyond_the_pace():
    bucket, order = Bucket(rate=50, burst=1), []
    await bucket.take()

    async def turn(priority):
        await bucket.take(priority)
        order.append(priority)

    started = asyncio.get_running_loop().time()
    await asyncio.gather(*(turn(priority) for priority in (2, 1, 0, 2, 0)))
    assert order == [0, 0, 1, 2, 2]
    assert asyncio.get_running_loop().time() - started >= 0.09
    assert not bucket.try_take()


async def test_a_turn_that_is_given_up_is_not_lost():
    bucket = Bucket(rate=100, burst=1)
    await bucket.take()
    given_up = asyncio.create_task(bucket.take(0))
    waiting = asyncio.create_task(bucket.take(1))
    await asyncio.sleep(0)
    given_up.cancel()
    async with asyncio.timeout(1):
        await waiting


def test_the_library_is_imported_without_its_weight():
    said = subprocess.run(
        [sys.executable, "-c", _LEAN], capture_output=True, text=True, check=True
    ).stdout.split()
    assert said[0] == "ok"
    assert int(said[1]) < 60, "MiB that the adapter adds to what every service needs"


_LEAN = """
import uchat_platform.process, uchat_platform.bus, uchat_platform.rpc, uchat_platform.db
def mib():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4 // 1024
before = mib()
import uchat_telegram.app
from uchat_telegram.adapters.updates import parse
update = parse(b'{"update_id":1,"message":{"message_id":1,"date":1,"text":"x",'
               b'"chat":{"id":5,"type":"private"},"from":{"id":5,"is_bot":false,"first_name":"A"}}}')
assert update.text == "x" and update.private
print("ok", mib() - before)
"""


@pytest.mark.parametrize("origin", ["forward_origin", "via_bot"])
def test_what_was_forwarded_is_marked_as_such(origin):
    sender = {"id": 7, "is_bot": False, "first_name": "Ann"}
    of = {
        "forward_origin": {"type": "user", "date": 1, "sender_user": sender},
        "via_bot": {"id": 9, "is_bot": True, "first_name": "Bot"},
    }
    message = {
        "message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "from": sender,
        "text": "/kill", origin: of[origin],
    }  # fmt: skip
    update = {"update_id": 1, "message": message}
    assert parse(json.dumps(update).encode()).forwarded
    del message[origin]
    assert not parse(json.dumps(update).encode()).forwarded


def test_an_address_is_the_number_of_a_chat():
    assert chat_id_of(Delivery.model_construct(address="-1001")) == -1001
    for address in ("", "ada", "--1", "²"):
        with pytest.raises(InvalidInputError, match="is no chat"):
            chat_id_of(Delivery.model_construct(address=address))
