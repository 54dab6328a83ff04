"""The account of an order: named by the person, on paper without a name, and never guessed."""

import pytest
from account_world import Account, holding_btc, open_order
from brain_world import Market, listen, said, turn_in, unfounded

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.domain.planner.account_slot import without_account
from uchat_ai_core.domain.planner.orders import read_orders
from uchat_ai_core.domain.planner.permits import allows, allows_orders
from uchat_ai_core.domain.planner.plain import plainly
from uchat_ai_core.domain.planner.requests import Kind, requested
from uchat_ai_core.domain.planner.standalone import standalone
from uchat_ai_core.domain.turn import text_of
from uchat_contracts.trading import Reason


async def heard(account, text, *before, mode="quick"):
    history = [said(each, n, interface="telegram") for n, each in enumerate(before, 1)]
    turn = turn_in(text, history=history, mode=mode)
    return await listen(PydanticBrain([], Market(), account), turn)


async def told(account, text, *before):
    answered = (await heard(account, text, *before)).answered
    spoken = text_of(answered.parts)
    assert unfounded(spoken, answered.sources, [*before, text]) == []
    return spoken, answered.proposals


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("buy 0.01 BTC", ""),
        ("buy 0.01 BTC on binance", "binance"),
        ("buy 0.01 BTC on my Binance account at 60000", "binance"),
        ("on OKX, sell half my ETH", "okx"),
        ("buy 0.01 BTC at Kraken if it falls to 60000", "kraken"),
        ("buy 0.01 BTC Binance", "binance"),
        ("buy 0.01 BTC on my live account", "live"),
        ("buy 0.01 BTC with real money", "live"),
        ("buy 0.01 BTC live", "live"),
        ("buy 0.01 BTC on my live account at Binance", "binance"),
        ("buy 0.01 BTC on bitstamp", "bitstamp"),
        ("buy 0.01 BTC on paper", "paper"),
        ("buy 0.01 BTC with paper money", "paper"),
        ("buy $50 of binance coin", ""),
        ("kaufe 0,01 BTC auf Binance", "binance"),
        ("kaufe 0,01 BTC mit echtem Geld", "live"),
        ("kaufe 0,01 BTC auf meinem Papierkonto", "paper"),
        ("compra 0,01 BTC en Binance", "binance"),
        ("compra 0,01 BTC en mi cuenta real", "live"),
        ("vende 0,01 BTC en papel", "paper"),
    ],
)
def test_an_order_names_its_account(text, account):
    request = requested(text)
    assert request is not None, plainly(text)
    assert request.kind is Kind.ORDER
    assert (request.place.account, request.place.flaw) == (account, "")


@pytest.mark.parametrize(
    "text",
    [
        "buy 0.01 BTC for real",
        "buy 0.01 BTC on paper and on binance",
        "buy 0.01 BTC on okx or binance",
        "buy 0.01 BTC on my live account on paper",
    ],
)
def test_what_names_no_account_for_certain_is_asked_back(text):
    assert without_account(text).flaw
    assert without_account(text).account == ""


async def test_without_a_name_it_is_on_paper_and_said_so():
    spoken, (plan,) = await told(Account(connected_at=["binance"]), "buy 0.01 BTC")
    assert plan.venue is None
    assert "paper account, simulated" in spoken


@pytest.mark.parametrize(
    "text", ["buy 0.01 BTC on binance", "buy 0.01 BTC on my live account", "buy 0.01 BTC live"]
)
async def test_an_order_with_real_money_is_proposed_there_and_said_so(text):
    spoken, (plan,) = await told(Account(connected_at=["binance"]), text)
    assert plan.venue == "binance"
    assert "Binance, real money" in spoken
    assert "It trades real money" in spoken


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kaufe 0,01 BTC auf Binance", "auf Binance, mit echtem Geld"),
        ("kaufe 0,01 BTC", "auf deinem Papierkonto"),
        ("compra 0,01 BTC en Binance", "en Binance, con dinero real"),
        ("compra 0,01 BTC", "en tu cuenta simulada"),
    ],
)
async def test_other_languages_name_the_account_too(text, says):
    spoken, plans = await told(Account(connected_at=["binance"]), text)
    assert says in spoken
    assert len(plans) == 1


async def test_of_two_live_accounts_none_is_chosen():
    account = Account(connected_at=["okx", "binance"])
    spoken, plans = await told(account, "buy 0.01 BTC with real money")
    assert plans == ()
    assert "“on Binance” or “on OKX”" in spoken
    spoken, (plan,) = await told(account, "on binance", "buy 0.01 BTC with real money")
    assert plan.venue == "binance"


async def test_who_has_not_turned_it_on_is_told_how():
    spoken, plans = await told(Account(), "buy 0.01 BTC on my live account")
    assert (plans, "under Settings, Exchange accounts" in spoken) == ((), True)
    off = Reason(code="live_trading_off", text="Real orders at Binance are switched off here.")
    spoken, plans = await told(
        Account(connected_at=["binance"], barred=off), "buy 0.01 BTC on binance"
    )
    assert (plans, off.text in spoken) == ((), True)
    spoken, plans = await told(Account(), "buy 0.01 BTC on bitstamp")
    assert (plans, "there is no way from here to Bitstamp" in spoken) == ((), True)


@pytest.mark.parametrize(
    "text", ["rebalance my portfolio on binance", "trade within my mandate on binance"]
)
async def test_what_is_for_paper_alone_is_not_done_elsewhere(text):
    spoken, plans = await told(Account(connected_at=["binance"]), text)
    assert plans == ()
    assert "Binance" in spoken


async def test_everything_is_sold_and_orders_are_cancelled_where_it_was_said():
    account = holding_btc()
    account.connected_at = ["binance"]
    _, (plan,) = await told(account, "sell everything on binance")
    assert plan.venue == "binance"
    await told(account, "cancel all my orders on binance")
    assert "cancel  binance" in account.asked
    await told(account, "cancel all my orders")
    assert "cancel" in account.asked


async def test_a_portfolio_is_shown_of_the_account_that_is_named():
    account = holding_btc()
    account.connected_at = ["binance"]
    spoken, _ = await told(account, "show my binance portfolio")
    assert "Binance, real money" in spoken
    spoken, _ = await told(account, "show my portfolio")
    assert "paper account" in spoken


@pytest.mark.parametrize(
    "text",
    [
        "how much cash do I have on binance",
        "what is my biggest winner on binance",
        "how did I perform on my live account this week?",
        "do I hold any BTC on Binance?",
    ],
)
async def test_what_is_asked_of_an_account_is_answered_of_it(text):
    account = holding_btc()
    account.connected_at = ["binance"]
    await told(account, text)
    assert [each for each in account.asked if each.startswith("portfolio")] == ["portfolio binance"]


async def test_what_is_measured_of_the_paper_account_only_says_so():
    account = holding_btc()
    account.connected_at = ["binance"]
    assert (
        "of the paper account only"
        in (await told(account, "how risky is my binance portfolio?"))[0]
    )
    assert "paper account only" not in (await told(account, "how risky is my portfolio?"))[0]


@pytest.mark.parametrize(
    ("before", "text", "alone"),
    [
        ("buy 0.01 BTC on binance", "make it 0.02", "buy 0.02 BTC on binance"),
        ("buy BTC on binance", "$50", "buy $50 of BTC on binance"),
        ("buy 0.01 BTC", "on binance", "buy 0.01 BTC on binance"),
        ("buy 0.01 BTC on binance", "no, on paper", "buy 0.01 BTC on paper"),
        ("buy 0.01 BTC for real", "on my live account", "buy 0.01 BTC on my live account"),
    ],
)
def test_the_account_stays_with_an_order_that_is_completed_or_corrected(before, text, alone):
    history = [said(before, 1, interface="telegram"), said("…", 2, role="assistant")]
    assert standalone(turn_in(text, history=history)) == alone


def test_a_model_cannot_choose_another_account_than_the_person():
    request = requested("buy 0.01 BTC on binance")
    (there,) = read_orders(request.sentence).wishes
    (paper,) = read_orders("buy 0.01 BTC").wishes
    assert allows_orders("buy 0.01 BTC on binance", [there], ()) == ""
    assert allows_orders("buy 0.01 BTC on binance", [paper], ())
    assert allows_orders("buy 0.01 BTC", [there], ())
    assert allows_orders("buy 0.01 BTC", [paper], ()) == ""
    assert allows_orders("achète 0.01 BTC", [there], ())
    assert allows(Kind.LIQUIDATE, "sell everything", "binance")
    assert allows(Kind.LIQUIDATE, "sell everything on binance", "binance") == ""
    assert allows(Kind.CANCEL, "cancel all my orders on paper")


@pytest.mark.parametrize(
    ("text", "looked"),
    [
        ("cancel all my stop losses", ["orders paper", "orders okx"]),
        ("cancel all my stop losses on okx", ["orders okx"]),
        ("cancel all my stop losses on paper", ["orders paper"]),
    ],
)
async def test_orders_of_a_kind_are_looked_for_on_each_account_that_is_meant(text, looked):
    stop = open_order("BTC").model_copy(update={"type": "stop"})
    account = Account(connected_at=["okx"], open_orders=[stop])
    await heard(account, text)
    assert [each for each in account.asked if each.startswith("orders")] == looked
    assert any(each.startswith("cancel") for each in account.asked)


def test_two_accounts_at_once_permit_nothing_but_a_brake():
    both = "on binance and on paper"
    assert allows(Kind.CANCEL, f"cancel my orders {both}")
    assert allows(Kind.LIQUIDATE, f"sell everything {both}")
    assert allows(Kind.STOP, f"stop all trading {both}") == ""
    assert allows(Kind.STOP, "stop all trading on binance") == ""
