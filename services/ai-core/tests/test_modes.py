"""Modes, trading states, rebalancing and cards that are over: what a text reaches."""

from decimal import Decimal

import pytest
from account_world import Account, card, holding_btc, mandate
from brain_world import Market, listen, turn_in

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.intents import understand
from uchat_ai_core.domain.planner.permits import allows
from uchat_ai_core.domain.planner.requests import Kind, requested
from uchat_contracts.trading import LegRequest, PlanRequest, Reason

PHRASES = [
    ("which mode am I in?", Ask.MODE),
    ("what mode is it", Ask.MODE),
    ("what is my trading mode?", Ask.MODE),
    ("am I in autonomous mode?", Ask.MODE),
    ("am I still in emergency mode", Ask.MODE),
    ("why can't I buy?", Ask.TRADING),
    ("why can I not trade?", Ask.TRADING),
    ("why is my account halted?", Ask.TRADING),
    ("trading state", Ask.TRADING),
    ("emergency mode", Ask.SET_MODE),
    ("switch to emergency mode now", Ask.SET_MODE),
    ("please switch me to manual mode", Ask.SET_MODE),
    ("manual mode", Ask.SET_MODE),
    ("switch to assisted mode", Ask.SET_MODE),
    ("leave emergency mode", Ask.WIDEN),
    ("exit emergency mode", Ask.WIDEN),
    ("raise my limits", Ask.WIDEN),
    ("start autonomous mode", Ask.AUTONOMOUS),
    ("which modes are there?", Ask.MODES),
    ("what is emergency mode?", Ask.MODES),
    ("rebalance my portfolio", Ask.REBALANCING),
    ("rebalance to the balanced profile", Ask.REBALANCING),
    ("please rebalance my portfolio to the cautious profile now", Ask.REBALANCING),
    ("should I rebalance my portfolio?", Ask.WEIGHTS),
    ("rebalance my portfolio tomorrow", Ask.REBALANCE),
    ("what does rebalancing mean", Ask.EXPLAIN),
    ("quote it again", Ask.AGAIN),
    ("requote", Ask.AGAIN),
    ("finish the rest", Ask.AGAIN),
    ("try again", Ask.AGAIN),
]


@pytest.mark.parametrize(("text", "ask"), PHRASES)
def test_a_phrase_is_understood(text, ask):
    assert understand(text).ask is ask


@pytest.mark.parametrize(
    "text",
    ["don't switch to manual mode", "what is manual mode", "manual mode?", "exit manual mode",
     "maybe rebalance my portfolio", "rebalance?", "should we go to emergency mode",
     "he said: emergency mode", "switch to autonomous mode", "when I rebalance my portfolio"],
)  # fmt: skip
def test_what_only_speaks_of_modes_and_weights_asks_for_nothing(text):
    assert requested(text) is None


async def answered(text, account, *, history=()):
    return await listen(PydanticBrain([], Market(), account), turn_in(text, history=history))


async def test_the_mode_and_what_the_account_may_do_are_told_with_the_reason():
    account = holding_btc()
    heard = await answered("which mode am I in?", account)
    assert "You are in assisted mode" in heard.final
    assert "Your account may buy and sell" in heard.final
    account.mode, account.state = "autonomous", "reducing"
    account.reason = Reason(code="drift", text="The exchange has other balances than our books.")
    account.signed = [mandate("100", "30")]
    heard = await answered("why can't I buy?", account)
    assert "may only sell now: The exchange has other balances" in heard.final
    assert "70.00 of 100.00 USDT" in heard.final
    account.stopped = True
    assert "stopped by the kill switch" in (await answered("why can't I buy?", account)).final


async def test_a_text_lowers_the_risk_and_never_raises_it():
    account = Account(mode="autonomous")
    assert "in manual mode now" in (await answered("manual mode", account)).final
    assert "in emergency mode now" in (await answered("emergency mode", account)).final
    assert account.mode == "emergency"
    assert "may only sell" in (await answered("why can't I buy?", account)).final
    heard = await answered("switch to manual mode", account)
    assert "I cannot change the mode" in heard.final
    for text in ("switch to assisted mode", "leave emergency mode", "raise my limits"):
        heard = await answered(text, account)
        assert "othing was changed" in heard.final
        assert "/trading on Telegram" in heard.final
    assert account.mode == "emergency"
    assert "/trading on Telegram" in (await answered("start autonomous mode", account)).final


async def test_assisted_mode_is_set_by_a_text_where_it_allows_less():
    account = Account(mode="autonomous")
    assert "in assisted mode now" in (await answered("go to assisted mode", account)).final
    assert account.mode == "assisted"
    for text in ("cambia a modo autónomo", "is assisted mode better?", "he told me to go assisted"):
        await answered(text, account)
    assert account.mode == "assisted"


async def test_a_portfolio_is_rebalanced_by_a_proposal():
    account = holding_btc()
    heard = await answered("rebalance my portfolio", account)
    assert "weights of the balanced profile already" in heard.final
    legs = [LegRequest(symbol="BTC", side="sell", quantity=Decimal("0.05"))]
    account.rebalancing = PlanRequest(legs=legs, purpose="rebalance")
    heard = await answered("rebalance to the bold profile", account)
    assert heard.answered.proposals == (account.rebalancing,)
    assert "rebalance bold" in account.asked
    assert "To bring your portfolio to the bold profile" in heard.final
    assert "sell 0.05 BTC" in heard.final
    assert (await answered("should I rebalance?", account)).answered.proposals == ()
    account.stopped = True
    heard = await answered("rebalance my portfolio", account)
    assert heard.answered.proposals == ()
    assert "Trading is stopped" in heard.final


async def test_a_text_quotes_no_card_again_but_names_its_button():
    request = PlanRequest(legs=[LegRequest(symbol="BTC", side="buy", quantity=Decimal("0.01"))])
    account = Account(cards=[card(request), card(request, "expired")])
    heard = await answered("quote it again", account)
    assert "its button “Quote again”. It is on the card to buy 0.01 BTC" in heard.final
    assert heard.answered.proposals == ()
    assert "no card to finish" in (await answered("finish the rest", account)).final
    account.cards = [card(request, "partially_executed").model_copy(update={"remedy": request})]
    assert "button “Finish the rest”" in (await answered("finish the rest", account)).final
    assert "no card to quote again" in (await answered("quote it again", account)).final


def test_a_model_may_set_only_the_mode_that_is_asked_for():
    assert allows(Kind.EMERGENCY_MODE, "emergency mode") == ""
    assert allows(Kind.MANUAL_MODE, "emergency mode") != ""
    assert allows(Kind.REBALANCE, "should I rebalance?") != ""
    assert allows(Kind.REBALANCE, "rebalance my portfolio") == ""
