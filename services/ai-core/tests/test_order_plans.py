"""Several orders in one message, orders put right in the same breath, and cancels beside orders."""

import pytest

from uchat_ai_core.domain.planner.orders import read_orders
from uchat_ai_core.domain.planner.permits import allows, allows_orders, coins_cancelled
from uchat_ai_core.domain.planner.requests import Kind, requested
from uchat_ai_core.domain.planner.said_orders import sentence_of
from uchat_ai_core.domain.planner.wishes import wishes

PLANS = {
    "buy $300 of sol now and another $300 if it drops to 130": [
        "buy 300 USDT of SOL", "buy 300 USDT of SOL if it falls to 130",
    ],
    "buy 0.01 btc now then 0.02 more if we dip below 49k": [
        "buy 0.01 BTC", "buy 0.02 BTC if it falls to 49000",
    ],
    "when sol is over 155 sell 25%, when its over 175 sell another 4 coins": [
        "sell 25% of my SOL if it rises to 155", "sell 4 SOL if it rises to 175",
    ],
    "set a stop loss at 60000 and a take profit at 120000 for my BTC": [
        "sell all of my BTC if it falls to 60000", "sell all of my BTC if it rises to 120000",
    ],
    "eth tp 3.1k sl 2.7k both 50%": [
        "sell 50% of my ETH if it rises to 3100", "sell 50% of my ETH if it falls to 2700",
    ],
    "sell half my ETH if it rises to 4000 and buy 0.01 BTC if it falls to 50000": [
        "sell 50% of my ETH if it rises to 4000", "buy 0.01 BTC if it falls to 50000",
    ],
    "ladder me in on sol, limit buys, $200 at 135, $100 at 128": [
        "buy 200 USDT of SOL at 135", "buy 100 USDT of SOL at 128",
    ],
    "swap $500 of my eth into btc": ["sell 500 USDT of ETH", "buy 500 USDT of BTC"],
    "buy 1 eth, sorry, make that 2 eth": ["buy 2 ETH"],
    "sell all my btc, no hang on, just half of it": ["sell 50% of my BTC"],
    "limit buy 1 eth at 2,500, correction, 2,550": ["buy 1 ETH at 2550"],
    "bitcoin at 48k would be great, put 300 dollars in for me at that price": [
        "buy 300 USDT of BTC at 48000",
    ],
    "100k sats pls, buying": ["buy 0.001 BTC"],
}  # fmt: skip

UNCERTAIN = """
if btc falls to 45000 sell half my btc and buy $100 of eth
buy $75 of that and $75 of xrp
if btc drops to 48k buy 500 dollars of it and if eth drops to 2600 buy 500 of that
sell 20 percent over market, 0.05 btc
my cousin says sell 1 eth, no wait, sell 2 eth
should i buy 1 eth, or no, 2 eth?
after next_week, buy $400 of avax
swap 1 eth into btc
""".replace("_", " ")


@pytest.mark.parametrize("text", PLANS)
def test_each_order_of_a_message_has_its_own_size_and_price(text):
    request = requested(text)
    assert request is not None
    assert request.kind is Kind.ORDER
    read = read_orders(request.sentence)
    assert [sentence_of(wish) for wish in read.wishes] == PLANS[text]
    assert allows_orders(text, read.wishes, ()) == ""
    assert allows_orders(text, read.wishes[:-1], ())


@pytest.mark.parametrize("text", UNCERTAIN.strip().splitlines())
def test_what_could_be_meant_in_two_ways_orders_nothing(text):
    request = requested(text)
    assert request is None or not read_orders(request.sentence).wishes


def test_orders_that_are_cancelled_beside_others_that_are_placed_are_two_wishes():
    text = "cancel all orders then get me 300 usd of sol"
    assert wishes(text) == ("cancel my orders.", "buy $300 of SOL")
    assert allows(Kind.CANCEL, text) == ""
    assert coins_cancelled(text) == set()
    assert coins_cancelled("cancel my eth order and buy $200 of btc") == {"ETH"}
    sentence = "buy $300 of SOL"
    assert allows_orders(text, read_orders(sentence).wishes, ()) == ""


def test_a_share_is_no_coin():
    assert read_orders("buy 1 share of apple").symbols == ()


@pytest.mark.parametrize(
    ("text", "sized"),
    [
        ("100 bux of ada pls", "$100"),
        ("buy ada for 100 buks", "$100"),
        ("buy 100 dolers of ada", "$100"),
    ],
)
def test_misspelt_dollars_are_no_number_of_coins(text, sized):
    assert requested(text).sentence == f"buy {sized} of ADA"


@pytest.mark.parametrize(
    "text",
    [
        "convert 2500 dollars to xrp for me, just the number not a trade",
        "convert 0.5 eth to dollars, no trade",
        "100 blorps of ada pls",
    ],
)
def test_a_figure_that_is_wanted_and_a_unit_that_nobody_knows_order_nothing(text):
    assert requested(text) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("panic!! sell all my bitcoin this instant", 1),
        ("cancel my btc orders, sell half my sol, buy $1,000 of eth. In that order please.", 2),
    ],
)
def test_a_cry_and_the_order_of_things_are_no_wishes(text, parts):
    assert len(wishes(text)) == parts
