"""What an answer says of balances that an earlier answer told otherwise."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from account_world import NOW, PERSON, Account, card, fill, open_order
from brain_world import Market, listen, said, turn_in

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.domain.stated import stated_in
from uchat_ai_core.domain.turn import text_of
from uchat_contracts.trading import Approval, LegRequest, Movement, PlanRequest

LATER = NOW + timedelta(minutes=30)


class Talk:
    """A conversation in which answers stand with what they told, as in the log."""

    def __init__(self, account):
        self.brain = PydanticBrain([], Market(), account)
        self.history = []

    async def say(self, text, *, mode="trading", interface="web_chat"):
        turn = turn_in(text, history=tuple(self.history), mode=mode, interface=interface)
        heard = await listen(self.brain, turn)
        answer = replace(
            said(text_of(heard.answered.parts), len(self.history) + 2, role="assistant"),
            stated=stated_in(heard.answered.sources, turn.message.at, interface),
        )
        self.history += [turn.message, answer]
        return heard


@pytest.fixture
def account():
    return Account(held={"BTC": Decimal("0.1")}, cost={"BTC": Decimal(9000)})


def bought(account, units="0.1", *, approved=True):
    account.held["BTC"] += Decimal(units)
    account.cash -= Decimal("951.23")
    trade = fill().model_copy(update={"at": LATER, "decision_id": "d1"})
    account.fills.insert(0, trade)
    if approved:
        leg = LegRequest(symbol="BTC", side="buy", quantity=Decimal("0.1"))
        answer = Approval(choice="approve", by=PERSON, via="telegram", at=LATER)
        account.cards = [card(PlanRequest(legs=[leg]), "executed").model_copy(
            update={"resolved": answer})]  # fmt: skip


@pytest.mark.parametrize("question", ["show my portfolio", "how is my BTC doing?"])
@pytest.mark.parametrize("mode", ["trading", "quick"])
async def test_a_trade_since_is_named_with_its_fill_and_who_approved_it_where(
    account, question, mode
):
    talk = Talk(account)
    assert "Since my answer" not in (await talk.say(question, interface="telegram")).final
    bought(account)
    told = (await talk.say(question, mode=mode)).final
    assert "Since my answer on Telegram" in told
    assert "BTC from 0.1 to 0.2" in told
    assert "bought 0.1 BTC at 9,502.84 USDT" in told
    assert "approved on Telegram" in told
    assert "Since my answer" not in (await talk.say(question, mode=mode)).final


async def test_a_position_is_compared_with_the_portfolio_that_was_told(account):
    talk = Talk(account)
    await talk.say("show my portfolio")
    account.held["BTC"] = Decimal(0)
    sold = {"side": "sell", "at": LATER}
    account.fills = [fill().model_copy(update=sold)]
    told = (await talk.say("how is my BTC doing?")).final
    assert "You hold no BTC" in told
    assert "BTC from 0.1 to 0" in told
    assert "sold 0.1 BTC" in told


async def test_only_prices_are_said_to_have_moved_when_nothing_else_did(account):
    talk = Talk(account)
    await talk.say("show my portfolio")
    account.prices["BTC"] = Decimal(12_000)
    told = (await talk.say("show my portfolio")).final
    assert "Only prices moved since my answer" in told
    assert "when it was worth 11,000.10 USDT" in told
    assert account.asked.count("trades") == 0


async def test_a_deposit_is_named(account):
    talk = Talk(account)
    await talk.say("show my portfolio")
    account.cash += 500
    account.moved = [Movement(
        movement_id="m1", kind="deposit", asset="USDT", amount=Decimal(500), source="external",
        at=LATER + timedelta(days=1),
    )]  # fmt: skip
    told = (await talk.say("show my portfolio")).final
    assert "cash from 10,000.00 to 10,500.00 USDT; a deposit of 500.00 USDT" in told


async def test_what_the_books_do_not_explain_is_said_not_to_be(account):
    talk = Talk(account)
    await talk.say("show my portfolio")
    bought(account, units="0.3")
    told = (await talk.say("show my portfolio")).final
    assert "BTC from 0.1 to 0.4" in told
    assert "do not tell me why" in told
    assert "bought" not in told


async def test_an_order_that_only_reserves_cash_changes_nothing(account):
    talk = Talk(account)
    await talk.say("show my portfolio")
    account.open_orders = [open_order()]
    assert "Since my answer" not in (await talk.say("show my portfolio")).final


async def test_an_answer_of_another_kind_of_account_is_not_compared(account):
    talk = Talk(account)
    await talk.say("show my portfolio")
    (answer,) = [each for each in talk.history if each.stated]
    live = replace(answer, stated=replace(answer.stated, simulated=False, cash=Decimal(1)))
    talk.history = [live]
    assert "my answer" not in (await talk.say("show my portfolio")).final
