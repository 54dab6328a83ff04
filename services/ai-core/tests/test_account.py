"""Answers on a person's account: figures from tools only, labelled when the account is away."""

import re
from decimal import Decimal

import pytest
from account_world import (
    PERSON,
    Account,
    card,
    fill,
    holding_btc,
    mandate,
    open_order,
)
from brain_world import Market, listen, said, turn_in, unfounded

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_contracts.trading import LegRequest, PlanRequest

FIVE = (
    said("I have $5000 to invest in crypto", 1, interface="telegram"),
    said("Noted.", 2, role="assistant", interface="telegram"),
)
QUESTIONS = """
show my portfolio
Show me the portfolio allocation
How's my BTC position doing?
how is my ETH doing
what's my balance
how much cash do I have?
how did I perform this week?
am I in profit?
show my open orders
show my trades
what is pending?
what are my limits?
how risky is my portfolio?
show my mandate
I have $5000 to invest in crypto
how should I invest it?
something more cautious
bold
buy 0.01 BTC
sell half my ETH
buy $100 of BTC and $50 of ETH
buy 0.01 BTC at 9,000
buy 1000 BTC
buy 0.01 BTC?
how much would I get if I sold half my ETH?
invest it like that
sell everything
trade for me within it
cancel all my orders
approve it
stop all trading
revoke my mandate
buy some BTC
price of BTC
how much BTC would $500 buy?
is trading stopped?
rebalance my portfolio
which mode am I in?
why can't I buy?
manual mode
quote it again
sell 0.01 BTC if it falls to 9,000
set a stop loss for my BTC at 9000
buy 0.01 BTC at 9,000 post only
what should I buy?
""".strip().splitlines()
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC|\d+ \w{3} \d{4}, \d\d:\d\d UTC|\d\d:\d\d UTC|[“].*?[”]"
)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def rich():
    account = holding_btc()
    account.signed, account.open_orders, account.fills = [mandate()], [open_order()], [fill()]
    account.cards = [card(_request()), card(_request(), "executing")]
    return account


def _request():
    return PlanRequest(legs=[LegRequest(symbol="BTC", side="buy", quantity=Decimal("0.01"))])


async def ask(text, account=None, *, history=FIVE, mode="trading", interface="web_chat"):
    brain = PydanticBrain([], Market(), account or rich())
    return await listen(brain, turn_in(text, history=history, mode=mode, interface=interface))


@pytest.mark.parametrize("mode", ["quick", "trading", "analysis"])
@pytest.mark.parametrize("text", QUESTIONS)
async def test_every_figure_is_from_a_tool_of_this_turn_or_from_the_person(text, mode):
    heard = await ask(text, mode=mode)
    results = heard.answered.sources
    person = [text, FIVE[0].text]
    answer = _TIME.sub(" ", heard.final)
    assert unfounded(answer, results, [FIVE[0].text, text]) == []
    # Stricter than what is checked of a model: any number at all, but for times and examples.
    for number in _NUMBER.findall(answer):
        assert unfounded(f"{number}.", results, person) == [], number
    assert heard.final == heard.text
    if mode == "quick":
        assert [part.type for part in heard.answered.parts] == ["text"]


@pytest.mark.parametrize("text", QUESTIONS)
async def test_without_the_account_no_figure_of_it_is_told_and_nothing_is_proposed(text):
    account = rich()
    account.away = True
    heard = await ask(text, account)
    assert heard.answered.proposals == ()
    tools = {source.tool for source in heard.answered.sources}
    assert tools <= {"get_quotes", "convert", "remembered", "find_opportunities"}
    if not tools & {"get_quotes", "convert", "find_opportunities"} and account.asked:
        assert "cannot reach your account" in heard.final
        # Figures of the person's own words, and of examples in quotation marks, are left.
        told = _NUMBER.findall(
            re.sub(
                r"[“].*?[”]",
                "",
                _TIME.sub("", heard.final.replace("$5,000", "").replace("$5000", "")),
            )
        )
        assert told == []


async def test_the_actor_is_who_wrote_the_message_on_its_interface():
    account = rich()
    await ask("show my portfolio", account, interface="telegram")
    (actor,) = account.actors
    assert (actor.person_id, actor.interface, actor.roles) == (PERSON, "telegram", {"trader"})


async def test_a_message_without_an_author_has_no_account():
    account = rich()
    brain = PydanticBrain([], Market(), account)
    turn = turn_in("show my portfolio")
    heard = await listen(brain, type(turn)(turn.log, said("show my portfolio", 1), "trading", ()))
    assert "no account" in heard.final
    assert account.asked == []


async def test_an_amount_to_invest_is_noted_and_answered_with_an_allocation_and_a_next_step():
    heard = await ask("I have $5000 to invest in crypto", history=(), mode="quick")
    assert heard.answered.intent == "opportunity_discovery"
    for word in (
        "Noted: you have $5,000.",
        "- BTC 40.0 % · 2,000.00 USDT",
        "- cash 20.0 %",
        "invest it like",
    ):
        assert word in heard.final
    assert heard.answered.proposals == ()
    heard = await ask("I have $5000 to invest in crypto", history=())
    table = heard.answered.parts[-1].model_dump()
    assert [part.type for part in heard.answered.parts] == ["summary", "detail", "table"]
    assert table["columns"][0] == "Asset"
    assert [row[0] for row in table["rows"]] == [
        "Btc (BTC)",
        "Eth (ETH)",
        "Sol (SOL)",
        "Cash (USDT)",
    ]
    assert all(len(row) == len(table["columns"]) == len(table["align"]) for row in table["rows"])
    assert table["text"].startswith("| Asset |")


async def test_the_allocation_builds_on_what_was_said_on_another_interface():
    account = rich()
    heard = await ask("Show me the portfolio allocation", account, interface="widget", mode="quick")
    assert "the $5,000 that you named on Telegram" in heard.final
    assert "9.6 % BTC" in heard.final
    assert "- BTC 40.0 % · 2,000.00 USDT" in heard.final
    assert "allocation 5000 balanced" in account.asked
    full = await ask(
        "more", account, history=(*FIVE, said("Show me the portfolio allocation", 3)), mode="quick"
    )
    assert [part.type for part in full.answered.parts] == ["summary", "detail", "table", "table"]
    assert "on Telegram" in full.final


async def test_what_was_told_of_risk_decides_the_profile():
    account = rich()
    history = (*FIVE, said("I am conservative", 3))
    await ask("how should I invest it?", account, history=history)
    assert "allocation 5000 cautious" in account.asked
    history = (*FIVE, said("a bold split", 3), said("…", 4, role="assistant"))
    await ask("invest it like that", account, history=history)
    assert "allocation 5000 bold" in account.asked


async def test_a_position_is_told_with_quantity_value_cost_and_profit():
    heard = await ask("How's my BTC position doing?")
    for word in ("0.1 BTC", "1,000.10 USDT", "+48.87 USDT", "9,512.34", "9.6 %"):
        assert word in heard.final
    assert "You hold no SOL" in (await ask("how's my SOL position?")).final


async def test_more_after_an_order_shows_it_and_proposes_nothing_again():
    history = (*FIVE, said("buy 0.01 BTC", 3), said("…", 4, role="assistant"))
    heard = await ask("more", history=history, mode="quick")
    assert heard.answered.proposals == ()
    assert [source.tool for source in heard.answered.sources] == ["preview_trade"]
    assert "8,899.89" in heard.final


async def test_what_would_be_denied_is_not_proposed_and_says_why():
    heard = await ask("buy 1000 BTC")
    assert heard.answered.proposals == ()
    assert "would be denied: You do not have that much" in heard.final
    account = rich()
    account.stopped = True
    heard = await ask("buy 0.01 BTC", account)
    assert "Trading is stopped" in heard.final
    assert heard.answered.proposals == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("buy 10 PEPE", "PEPE"),
        ("buy 10 DOGECOINX", "DOGECOINX"),
        ("BUY 10 DOGECOINX", "DOGECOINX"),
        ("buy dogecoinx", "DOGECOINX"),
        ("sell 0.01 BTC and 10 solanax", "SOLANAX"),
        ("buy 10 foocoin", "FOOCOIN"),
        ("buy $20 of MOONSHOTX please", "MOONSHOTX"),
    ],
)
async def test_an_unknown_coin_is_not_read_as_another_and_what_is_listed_is_told(text, name):
    heard = await ask(text)
    assert heard.answered.proposals == ()
    assert heard.final.startswith(f"{name} is not listed here")
    assert "What I can trade: BTC, ETH and SOL." in heard.final


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("buy -5 BTC", "-5 BTC is negative: what is ordered must be above zero."),
        ("sell -$20 of BTC", "-$20 is negative"),
        ("buy 0 BTC", "0 BTC is zero: what is ordered must be above zero."),
        ("buy 0.00 BTC", "0.00 BTC is zero"),
        ("buy $0 of BTC", "$0 is zero"),
        ("buy 1e9 BTC", "I read 1e9 BTC as 1,000,000,000 BTC. I do not propose this, it would be"),
        ("buy 1e30 BTC", "is more than any order can be"),
    ],
)
async def test_a_figure_that_cannot_be_is_named_with_the_reason(text, says):
    for mode in ("quick", "trading"):
        heard = await ask(text, mode=mode)
        assert heard.answered.proposals == ()
        assert says in heard.final
        assert "How much" not in heard.final


@pytest.mark.parametrize("text", ["buy $20 of bitcion", "buy $20 of bitcoinn", "buy $20 of btcoin"])
async def test_a_close_typing_error_is_mended(text):
    (plan,) = (await ask(text)).answered.proposals
    assert [leg.symbol for leg in plan.legs] == ["BTC"]


async def test_portions_are_resolved_by_what_is_held():
    (plan,) = (await ask("sell a third of my BTC")).answered.proposals
    assert str(plan.legs[0].quantity) == "0.03333333"
    (plan,) = (await ask("sell all my BTC")).answered.proposals
    assert plan.legs[0].all
    assert plan.purpose == "close"
    (plan,) = (await ask("sell everything")).answered.proposals
    assert [leg.symbol for leg in plan.legs] == ["BTC", "ETH"]
    account = Account(cash=Decimal(1000))
    account.most_share = Decimal(1)
    (plan,) = (await ask("buy BTC with all my cash", account)).answered.proposals
    assert plan.legs[0].amount == Decimal("990.00")
    assert "You hold no" in (await ask("sell half my ETH", Account())).final.replace("you", "You")


async def test_a_text_never_approves_it_points_to_the_card():
    for text in ("approve it", "yes do it", "confirm", "reject the trade", "cancel it"):
        heard = await ask(text)
        assert "a text never does" in heard.final
        assert heard.answered.proposals == ()
    assert "no trade waiting" in (await ask("approve it", Account())).final


async def test_trade_for_me_uses_the_rest_of_the_mandate_for_the_first_asset_allowed():
    account = rich()
    account.signed = [mandate("100", "30")]
    heard = await ask("trade for me within it", account, interface="telegram", mode="quick")
    (plan,) = heard.answered.proposals
    assert [(leg.symbol, leg.side, leg.amount) for leg in plan.legs] == [
        # At the worst price of a market order it is 70.00.
        ("BTC", "buy", Decimal("69.65"))
    ]
    assert "approves itself" in heard.final
    account.signed = [mandate("100", symbols=("SOL",))]
    heard = await ask("trade for me", account)
    assert heard.answered.proposals[0].legs[0].symbol == "SOL"
    assert "Why SOL" in heard.final
    account.signed = [mandate("100", "100")]
    assert "used up" in (await ask("trade for me", account)).final
    account.signed = []
    heard = await ask("trade for me", account)
    assert "no active mandate" in heard.final
    assert heard.answered.proposals == ()


async def test_an_asset_over_its_limit_is_passed_over_and_that_is_told():
    account = Account(cash=Decimal(1000), held={"BTC": Decimal("0.14")})
    account.signed = [mandate("500")]
    heard = await ask("trade for me", account)
    assert heard.answered.proposals[0].legs[0].symbol == "ETH"
    assert "BTC was passed over: At most 60 %" in heard.final


async def test_stopping_throws_the_switch_and_a_question_does_not():
    account = rich()
    heard = await ask("STOP EVERYTHING", account)
    assert account.stopped
    assert heard.answered.intent == "emergency_command"
    assert "Only you can release it" in heard.final
    account = rich()
    await ask("how do I stop everything?", account)
    await ask("stop", account)
    assert not account.stopped
    assert "is on" in (await ask("resume trading", Account(stopped=True))).final


async def test_orders_are_cancelled_and_mandates_revoked_when_that_is_asked():
    account = rich()
    account.open_orders.append(open_order("ETH"))
    heard = await ask("cancel my BTC order", account)
    assert [each.symbol for each in account.open_orders] == ["ETH"]
    assert "Cancelled: buy 0.05 BTC" in heard.final
    await ask("revoke my mandate", account)
    assert account.signed == []


async def test_the_calls_of_one_answer_run_at_the_same_time():
    account = rich()
    heard = await ask("Show me the portfolio allocation", account)
    assert [source.tool for source in heard.answered.sources] != []
    assert account.asked[:2] == ["portfolio", "allocation 5000 balanced"]
