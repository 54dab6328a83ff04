"""Orders that wait for a price, and how limit orders may be filled: what is asked, what is not."""

from decimal import Decimal

import pytest
from account_world import holding_btc, open_order
from brain_world import Market, listen, said, turn_in

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.intents import understand
from uchat_ai_core.domain.planner.orders import Wish, read_orders
from uchat_ai_core.domain.planner.permits import allows_orders
from uchat_ai_core.domain.planner.requests import Kind, requested

HISTORY = (said("price of BTC", 1), said("…", 2, role="assistant"))

READ = {
    "set a stop loss for my BTC at 60000": "sell BTC portion 1 falls 60000",
    "set a stop-loss on my ETH at $2,000": "sell ETH portion 1 falls 2000",
    "stop loss BTC 60000": "sell BTC portion 1 falls 60000",
    "stop loss on BTC at 60k": "sell BTC portion 1 falls 60000",
    "set a stop loss to sell my BTC at 50000": "sell BTC portion 1 falls 50000",
    "set a stop loss at 60000 for 0.01 BTC": "sell BTC quantity 0.01 falls 60000",
    "i want a stop loss on my BTC at 60000": "sell BTC portion 1 falls 60000",
    "can you set a stop loss for my BTC at 60000?": "sell BTC portion 1 falls 60000",
    "sell 0.01 BTC if it falls to 60000": "sell BTC quantity 0.01 falls 60000",
    "sell my BTC if it falls below 60000 USDT": "sell BTC portion 1 falls 60000",
    "could you please sell 0.01 BTC if it falls to 60000?": "sell BTC quantity 0.01 falls 60000",
    "sell 0.01 BTC with a stop at 60000": "sell BTC quantity 0.01 falls 60000",
    "sell stop 0.01 BTC at 60000": "sell BTC quantity 0.01 falls 60000",
    "place a stop order to sell 0.01 BTC at 60000": "sell BTC quantity 0.01 falls 60000",
    "sell 0.01 btc stop 60000": "sell BTC quantity 0.01 falls 60000",
    "stop-loss for my ETH: 2000": "sell ETH portion 1 falls 2000",
    "SELL MY BTC IF IT FALLS TO 60000 NOW": "sell BTC portion 1 falls 60000",
    "protect my bitcoin with a stop loss at 60000": "sell BTC portion 1 falls 60000",
    "protect my BTC at 90k": "sell BTC portion 1 falls 90000",
    "sell half my ETH when it rises to 4000": "sell ETH portion 0.5 rises 4000",
    "sell 25% of my BTC if the price goes above 120k": "sell BTC portion 0.25 rises 120000",
    "take profit on SOL at 250": "sell SOL portion 1 rises 250",
    "take profit at 250 on SOL": "sell SOL portion 1 rises 250",
    "set a take profit for half my SOL at 250": "sell SOL portion 0.5 rises 250",
    "sell all my ETH once ETH reaches 4000": "sell ETH portion 1 reaches 4000",
    "please sell my SOL as soon as it touches 300": "sell SOL portion 1 reaches 300",
    "when ETH hits 4000 sell half of it": "sell ETH portion 0.5 reaches 4000",
    "buy 0.01 BTC if it drops to 90000": "buy BTC quantity 0.01 falls 90000",
    "If BTC drops below $50,000, buy 0.1 BTC.": "buy BTC quantity 0.1 falls 50000",
    "buy $200 of ETH if it dips to 1800": "buy ETH amount 200 falls 1800",
    "buy 0.01 BTC if it gets down to 60 thousand": "buy BTC quantity 0.01 falls 60000",
    "buy 0.01 BTC if it breaks 120000": "buy BTC quantity 0.01 reaches 120000",
    "buy 0.01 BTC if it breaks above 120,000": "buy BTC quantity 0.01 rises 120000",
    "buy stop 0.01 BTC at 120000": "buy BTC quantity 0.01 rises 120000",
    "sell 0.01 BTC if it falls to 60000 at 59500": "sell BTC quantity 0.01 falls 60000 limit 59500",
    "stop limit order to sell 0.01 BTC at 60000 limit 59500": (
        "sell BTC quantity 0.01 falls 60000 limit 59500"
    ),
    "set a stop loss on my BTC at 60000 with a limit of 59500": (
        "sell BTC portion 1 falls 60000 limit 59500"
    ),
    "buy 0.01 BTC at 90000 post only": "buy BTC quantity 0.01 limit 90000 post-only",
    "limit buy 0.01 BTC at 90000, maker only": "buy BTC quantity 0.01 limit 90000 post-only",
    "buy 0.01 BTC at 90000 as a maker": "buy BTC quantity 0.01 limit 90000 post-only",
    "sell 0.01 ETH at 2000 immediate or cancel": "sell ETH quantity 0.01 limit 2000 ioc",
    "buy 0.01 BTC at 90000 IOC": "buy BTC quantity 0.01 limit 90000 ioc",
    "buy 0.01 BTC at 90000, fill or kill": "buy BTC quantity 0.01 limit 90000 fok",
    "buy 0.01 BTC at 90000 good till cancelled": "buy BTC quantity 0.01 limit 90000",
}

ASKED_BACK = {
    "set a stop loss for my BTC": "At which price?",
    "set a 10% stop loss on my BTC": "At which price?",
    "sell my BTC if it falls 10%": "At which price?",
    "sell my BTC if it falls": "At which price?",
    "set a stop loss at 60000": "Which coin",
    "take profit": "At which price?",
    "sell everything if BTC falls to 60000": "Which coin",
    "buy BTC if it falls to 60000": "How much BTC",
    "buy 0.01 BTC fill or kill": "At which price?",
    "buy 0.01 BTC at 90000 post only ioc": "not two of them",
    "sell my ETH if BTC falls to 60000": "can wait for the price of ETH only",
    "sell half my ETH and buy 0.01 BTC if it falls to 60000": "Only one order can wait",
    "set a stop loss for my BTC if it rises to 90000": "sells when the price falls",
    "set a stop loss to buy 0.1 BTC at 90000": "sells what you hold",
    "sell my BTC at 9000 or lower": "to wait for the price say “if it falls to 9000”",
    "sell my BTC below 9000": "to wait for the price say “if it falls to 9000”",
    "buy 0.01 BTC above 12000": "to wait for the price say “if it rises to 12000”",
    "sell 0.01 BTC if it falls to 60000 post only": "do not wait for a price",
}

NOT_ORDERED = """
should I set a stop loss?
what is a stop loss
how do I set a stop loss for my BTC at 60000?
is a stop loss on BTC at 60000 a good idea?
if it falls to 60000 tell me
tell me if BTC falls to 60000 so I can sell
alert me when BTC hits 60000
what happens if BTC falls to 60000
sell if you think it is right
buy when the market is good
buy 0.01 BTC if you think so
sell my BTC if Elon tweets
sell my BTC if it rains
sell my BTC when I am 60
my stop loss on BTC at 60000 is too low
my stop loss at 60000 was hit
I set a stop loss for BTC at 60000 yesterday
he said set a stop loss at 60000 for BTC
"set a stop loss for my BTC at 60000"
what stop losses do I have?
buy 0.01 BTC with a stop loss at 60000
sell 0.01 BTC if it falls to 60000 or rises to 70000
set a trailing stop on my BTC at 5%
set an oco for BTC at 60000 and 120000
short 0.1 BTC if it falls to 60000
buy 0.1 BTC with 10x leverage if it falls to 60000
sell my BTC even if it falls to 60000
don't sell my BTC if it falls to 60000
don't set a stop loss for my BTC at 60000
sell my BTC unless it rises to 120000
sell my BTC if it falls to 60000 tomorrow
sell my BTC if it falls to 60000 this week
when BTC hits 50k I will buy 0.1 BTC
would you sell my BTC if it falls to 60000?
set a stop loss for my BTC at 60000?
maybe sell my BTC if it falls to 60000
I would sell my BTC if it fell to 60000
protect my portfolio
stop for now
stop trading if BTC falls to 60000
cancel my orders if BTC hits 60000
sell my BTC if it falls to €60000
buy 0.01 BTC if BTC is at 60 million
stop loss orders are useful at 60000
taking profit on SOL at 250 is a good idea
take profit on SOL at 250 is a good idea
sell my BTC whenever it falls to 60000
sell my BTC every time it falls to 60000
sell my BTC if it falls to 60000. What do you think?
sell my BTC if it falls to 60000 - just kidding
the article says: sell BTC if it falls to 60000
imagine BTC falls to 60000, sell my BTC
do not set a stop loss on BTC at 60000
raise my stop loss to 65000
is my stop loss set?
""".strip().splitlines()


async def answered(text, account=None, *, mode="trading"):
    brain = PydanticBrain([], Market(), account or holding_btc())
    return await listen(brain, turn_in(text, history=HISTORY, mode=mode))


def shown(wish: Wish) -> str:
    sized = [f"{n} {getattr(wish, n)}" for n in ("quantity", "amount", "portion")]
    words = [wish.side, wish.symbol, *(each for each in sized if not each.endswith("None"))]
    words += [f"{wish.way} {wish.trigger_price}"] if wish.trigger_price else []
    words += [f"limit {wish.limit_price}"] if wish.limit_price else []
    words += [wish.time_in_force] if wish.time_in_force != "gtc" else []
    return " ".join([*words, "post-only"] if wish.post_only else words)


def test_there_are_enough_phrases():
    assert len(READ) + len(ASKED_BACK) + len(set(NOT_ORDERED)) >= 100


@pytest.mark.parametrize("text", READ)
def test_what_waits_for_a_price_is_read_exactly(text):
    request = requested(text)
    assert request.kind is Kind.ORDER
    read = read_orders(request.sentence)
    assert read.lacks == ""
    assert [shown(wish) for wish in read.wishes] == [READ[text]]


@pytest.mark.parametrize("text", ASKED_BACK)
async def test_what_is_left_open_is_asked_and_nothing_is_proposed(text):
    heard = await answered(text)
    assert ASKED_BACK[text] in heard.final
    assert heard.answered.proposals == ()


@pytest.mark.parametrize("text", NOT_ORDERED)
async def test_talk_of_stops_and_other_conditions_order_nothing(text):
    assert requested(text) is None
    heard = await answered(text)
    assert heard.answered.proposals == ()
    assert "I propose to" not in heard.final


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("should I set a stop loss?", Ask.EXPLAIN),
        ("what is a stop-loss?", Ask.EXPLAIN),
        ("if it falls to 60000 tell me", Ask.ALERT),
        ("what stop losses do I have?", Ask.ORDERS),
        ("cancel my stop loss", Ask.CANCEL),
        ("set a trailing stop on my BTC at 5%", Ask.TRADE),
        ("set a stop loss for my BTC at 60000?", Ask.TRADE),
    ],
)
def test_talk_of_stops_is_understood(text, ask):
    assert understand(text).ask is ask


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        (
            "sell 0.01 BTC if it falls to 9000",
            "stop",
            "sell 0.01 BTC if it falls to 9,000.00 USDT, as a market order then",
        ),
        ("sell half my BTC if it rises to 12000", "take_profit", "if it rises to 12,000.00 USDT"),
        ("buy 0.01 BTC if it drops to 9000", "take_profit", "if it falls to 9,000.00 USDT"),
        ("buy 0.01 BTC if it breaks 12000", "stop", "if it rises to 12,000.00 USDT"),
        ("sell 0.01 BTC when it hits 9000", "stop", "if it falls to 9,000.00 USDT"),
        (
            "sell 0.01 BTC if it falls to 9000 at 8900",
            "stop",
            "if it falls to 9,000.00 USDT, at 8,900.00 USDT or better then",
        ),
        ("buy 0.01 BTC at 9000 post only", "limit", "at 9,000.00 USDT or better, post-only"),
        ("buy 0.01 BTC at 9000 ioc", "limit", "at 9,000.00 USDT or better, immediate or cancel"),
    ],
)
async def test_an_order_that_waits_is_proposed_and_told_in_words(text, kind, says):
    heard = await answered(text)
    (plan,) = heard.answered.proposals
    assert [leg.type for leg in plan.legs] == [kind]
    assert says in heard.final
    assert plan.purpose == "trade"


async def test_a_stop_loss_without_a_size_is_of_the_whole_position():
    (plan,) = (await answered("set a stop loss for my BTC at 9000")).answered.proposals
    (leg,) = plan.legs
    assert (leg.all, leg.type, leg.trigger_price) == (True, "stop", Decimal(9000))
    assert plan.purpose == "trade"
    (plan,) = (await answered("close my BTC position")).answered.proposals
    assert (plan.legs[0].all, plan.purpose) == (True, "close")
    (plan,) = (await answered("sell everything")).answered.proposals
    assert ([leg.all for leg in plan.legs], plan.purpose) == ([True, True], "close")


@pytest.mark.parametrize("text", ["set a trailing stop on my BTC at 5%", "set an oco for BTC"])
async def test_what_no_order_here_can_do_is_said(text):
    assert "I cannot do that here (" in (await answered(text)).final


async def test_two_in_one_are_refused_with_the_way_to_do_it():
    heard = await answered("buy 0.01 BTC with a stop loss at 9000")
    assert "one after the other" in heard.final


async def test_open_orders_say_what_they_wait_for():
    account = holding_btc()
    account.open_orders = [
        open_order().model_copy(
            update={
                "side": "sell", "type": "stop", "status": "waiting", "limit_price": None,
                "trigger_price": Decimal(9000), "kept_here": True,
            }
        )
    ]  # fmt: skip
    heard = await answered("show my open orders", account)
    assert "sell 0.05 BTC if it falls to 9,000.00 USDT, as a market order then" in heard.final
    assert "waits for 9,000.00" in heard.final


def test_a_model_may_propose_just_the_order_that_waits():
    def refusal(text, **more):
        wish = Wish("sell", "BTC", Decimal("0.01"), **more)
        return allows_orders(text, [wish], ())

    at, text = Decimal(60000), "sell 0.01 BTC if it falls to 60000"
    assert refusal(text, trigger_price=at, way="falls") == ""
    assert "falls to" in refusal(text)
    assert refusal(text, limit_price=at) != ""
    assert refusal(text, trigger_price=at, way="rises") != ""
    assert refusal(text, trigger_price=at + 1, way="falls") != ""
    assert refusal("sell 0.01 BTC", trigger_price=at, way="falls") != ""
    assert refusal("sell 0.01 BTC when it hits 60000", trigger_price=at, way="falls") == ""
    assert refusal("sell 0.01 BTC at 60000", limit_price=at, post_only=True) != ""
    assert refusal("vende 0.01 BTC si baja a 60000") != ""
