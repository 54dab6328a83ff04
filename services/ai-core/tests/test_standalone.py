"""What is left out is filled in from the person's own words before it, and from nothing else."""

from decimal import Decimal

import pytest
from brain_world import said, turn_in
from hypothesis import given
from hypothesis import strategies as st

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.decide import understood_in
from uchat_ai_core.domain.planner.orders import Wish, read_orders
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.said_orders import sentence_of
from uchat_ai_core.domain.planner.standalone import declines, standalone
from uchat_ai_core.domain.planner.wishes import wishes


def turn(*texts):
    history = [
        said(text, 2 * n + 1 + k, role=role, interface="telegram")
        for n, text in enumerate(texts[:-1])
        for k, (text, role) in enumerate(((text, "user"), ("…", "assistant")))
    ]
    return turn_in(texts[-1], history=history)


@pytest.mark.parametrize(
    ("texts", "alone"),
    [
        (("buy BTC", "$50"), "buy $50 of BTC"),
        (("buy BTC", "0.5"), "buy 0.5 BTC"),
        (("sell ETH", "half"), "sell 50% of my ETH"),
        (("sell SOL", "all of it"), "sell all of my SOL"),
        (("buy $50", "ETH please"), "buy $50 of ETH"),
        (("buy 1 BTC limit", "45,000"), "buy 1 BTC limit at 45000"),
        (("buy $100 of BTC", "no, ETH"), "buy 100 USDT of ETH"),
        (("buy $100 of BTC", "no, sell"), "sell 100 USDT of BTC"),
        (("buy 0.1 BTC", "make it 0.2"), "buy 0.2 BTC"),
        (("buy 0.1 BTC at 50000", "sorry, at 48000"), "buy 0.1 BTC at 48000"),
        (("buy $100 of BTC", "half of that"), "buy 50 USDT of BTC"),
        (("buy 2 ETH", "double it"), "buy 4 ETH"),
        (("compare SOL and ADA", "buy $60 of the second one"), "buy $60 of ADA"),
        (("price of ETH", "buy 3 of it"), "buy 3 ETH"),
        (("compra BTC", "50 dólares"), "buy $50 of BTC"),
        (("buy BTC", "what is the weather like"), "what is the weather like"),
        (("price of BTC", "no, ETH"), "price of ETH"),
        (("price of BTC", "ok buy $100"), "buy $100 of BTC"),
        (("analyse SOL", "looks good, put 80 dollars in"), "buy $80 of SOL"),
        (("how is LINK", "I'll take $30"), "buy $30 of LINK"),
        (("wie steht SOL", "kauf für 100 Dollar"), "buy $100 of SOL"),
        (("tell me about ETH", "sounds good, buy"), "buy some ETH"),
        (("compare BTC and ETH", "buy $100"), "buy $100"),
        (("how is LINK", "thanks", "buy $100"), "buy $100"),
        (("how is LINK", "I have $30"), "I have $30"),
        (("how is LINK", "should I buy $30?"), "should I buy $30?"),
        (("how is LINK", "he bought $30"), "he bought $30"),
        (("how is ETH", "RSI?"), "RSI of ETH"),
        (("how is SOL doing", "and over the last week?"), "how is SOL doing over the last week"),
        (("what's my pnl", "just for solana"), "what's my pnl for SOL"),
        (("price of eth", "in euros?"), "price of eth in euros"),
        (("any good entries", "less risky please"), "any good entries less risky please"),
        (("buy $50 of BTC", "and over the last week?"), "and over the last week?"),
        (("compare BTC and ETH", "which is better?"), "which is better, BTC or ETH?"),
        (("compare BTC and ETH", "what's my portfolio"), "what's my portfolio"),
        (("compare BTC and ETH", "what is a limit order?"), "what is a limit order?"),
        (("he said buy BTC", "$50"), "$50"),
        (("buy BTC", "my friend has $50"), "my friend has $50"),
    ],
)
def test_a_message_reads_alone(texts, alone):
    assert standalone(turn(*texts)) == alone


def test_only_what_began_an_order_can_be_taken_back():
    assert declines(turn("buy BTC", "never mind"))
    assert declines(turn("buy $5 of BTC", "actually, no thanks"))
    assert not declines(turn("price of BTC", "never mind"))
    assert not declines(turn_in("no"))


_SIZES = st.decimals("0.001", "9000", places=3)
_WISHES = st.builds(
    lambda side, symbol, size, how, limit: Wish(
        side, symbol, **{how: Decimal("0.5") if how == "portion" else size}, limit_price=limit
    ),
    st.sampled_from(["buy", "sell"]),
    st.sampled_from(["BTC", "ETH", "SOL", "DOGE"]),
    _SIZES,
    st.sampled_from(["quantity", "amount", "portion"]),
    st.none() | st.decimals("1", "90000", places=2),
)


@given(_WISHES)
def test_an_order_in_words_is_read_back_as_the_same_order(wish):
    (read,) = read_orders(sentence_of(wish)).wishes
    assert read == wish


def test_several_wishes_are_told_apart_and_one_is_left_whole():
    assert wishes("how is the market? also buy $5 of BTC") == (
        "how is the market?",
        "buy $5 of BTC",
    )
    assert wishes("price of ETH and buy $50 of it") == ("price of ETH", "buy $50 of ETH")
    assert wishes(
        "I have $5000 to invest, what is BTC at, and alert me if ETH drops below 3000"
    ) == ("I have $5000 to invest", "what is BTC at", "alert me if ETH drops below 3000")
    assert wishes("show my orders and the price of ETH") == ("show my orders", "the price of ETH")
    assert wishes("what's the 24h change of SOL and cancel all my orders") == (
        "what's the 24h change of SOL",
        "cancel all my orders",
    )
    for whole in (
        "buy $5 of BTC and $6 of ETH",
        "alert me when BTC drops below 90k and the price of ETH is above 3000",
        "I have $5000 to invest, what should I buy",
        "compare BTC and ETH",
        "my name is Ada and I like SOL",
    ):
        assert wishes(whole) == (whole,)


@pytest.mark.parametrize(
    ("text", "language", "english"),
    [
        ("¿A cuánto está el Bitcoin?", "es", "what is the price of Bitcoin?"),
        ("vende la mitad de mi ETH", "es", "sell half of my ETH"),
        ("compra 0,05 BTC", "es", "buy 0.05 BTC"),
        ("Verkaufe die Hälfte meiner Ether", "de", "sell half of my ETH"),
        ("Was kostet Bitcoin?", "de", "what is the price of Bitcoin?"),
        ("Wie hoch ist der Kurs von Bitcoin?", "de", "what is the price of Bitcoin?"),
        (
            "sag mir Bescheid, wenn BTC unter 90000 fällt",
            "de",
            "alert me when BTC falls below 90000",
        ),
        ("avísame si BTC baja de 90000", "es", "alert me if BTC falls below 90000"),
        ("buy five hundred dollars of BTC", "en", "buy $500 of BTC"),
        ("quel est le prix du bitcoin", "fr", "price of BTC"),
        ("比特币多少钱", "zh", "price of BTC"),
    ],
)
def test_a_message_is_read_in_its_language(text, language, english):
    plain = plainly(text)
    assert (plain.language, plain.text, plain.sure) == (language, english, True)


@pytest.mark.parametrize("text", ["kaufe 1.500 ADA", "compra BTC como dijo mi primo"])
def test_what_is_not_read_for_certain_asks_for_nothing(text):
    assert not plainly(text).sure


@pytest.mark.parametrize(
    ("texts", "ask", "symbols"),
    [
        (("price of sol", "why is it so low"), Ask.NEWS, ("SOL",)),
        (("is btc safe", "any news about it"), Ask.NEWS, ("BTC",)),
        (("how is eth", "should i buy it"), Ask.SCREEN, ("ETH",)),
        (("how risky is my portfolio", "tell me a joke"), Ask.SMALL_TALK, ()),
        (("buy $50 of btc", "whats my balance"), Ask.PORTFOLIO, ()),
        (("price of sol", "am i up"), Ask.PERFORMANCE, ()),
    ],
)
def test_a_message_that_says_little_goes_on_with_what_was_asked_before(texts, ask, symbols):
    found = understood_in(turn(*texts))
    assert (found.ask, found.mentions.symbols) == (ask, symbols)
