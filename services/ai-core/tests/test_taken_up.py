"""What a message takes up of the ones before it without naming it: a sum, a deed, a question."""

import pytest
from brain_world import said, turn_in

from uchat_ai_core.domain.planner.requests import Kind, requested
from uchat_ai_core.domain.planner.standalone import standalone


def alone(*texts):
    history = [said(text, n + 1, role="user") for n, text in enumerate(texts[:-1])]
    return standalone(turn_in(texts[-1], history=history))


def order(text):
    found = requested(text)
    return found.sentence if found is not None else ""


@pytest.mark.parametrize(
    ("texts", "ordered"),
    [
        (("should i buy $600 of XRP", "yes buy it, the 600"), "buy $600 of XRP"),
        (("i have 400 dollars to spare", "stick it in BNB"), "buy $400 of BNB"),
        (("can i sell 1 ETH here", "good. do it please"), "sell 1 ETH"),
        (("compare BTC and SOL", "buy 100 dollars of each"), "buy $100 of BTC and buy $100 of SOL"),
        (
            ("what do you think of ETH", "and SOL?", "100 dollars in each, go"),
            "buy $100 of ETH and buy $100 of SOL",
        ),
        (("limit buy 2 ETH at 2700", "only 1 at that price, not 2"), "buy 1 ETH at 2700"),
        (("sell $200 of ETH", "350"), "sell $350 of ETH"),
        (("sell everything i have", "no only the SOL, all of it"), "sell all of my SOL"),
        (("qué tal solana", "véndeme la mitad de lo que tengo"), "sell 50% of my SOL"),
        (("should i buy 600 XRP", "is it risky"), ""),
        (("should i buy 1 BTC", "price of ETH", "do it"), ""),
        (("i have 400 dollars to spare", "should i stick it in BNB?"), ""),
    ],
)
def test_what_was_said_before_fills_in_an_order_that_the_last_message_makes(texts, ordered):
    assert order(alone(*texts)) == ordered


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (("rebalance me to bold", "no sorry balanced"), Kind.REBALANCE),
        (("switch to assisted mode", "no sorry, manual"), Kind.MANUAL_MODE),
        (
            ("what open orders do i have", "when did i place them", "cancel the eth one"),
            Kind.CANCEL,
        ),
        (("cancel my BTC orders", "and the ones on ETH"), Kind.CANCEL),
        (("what is a mandate", "do i have one running", "revoke it"), Kind.REVOKE),
        (("what can you do in autonomous mode", "and in assisted mode"), None),
        (("i like the bold profile", "no sorry balanced"), None),
    ],
)
def test_a_deed_is_done_anew_only_if_one_was_asked_for_before(texts, kind):
    found = requested(alone(*texts))
    assert (found.kind if found is not None else None) is kind


@pytest.mark.parametrize(
    "text", ["vende la mitad de todo", "vende casi todo", "verkauf fast alles"]
)
def test_a_part_of_everything_closes_not_everything(text):
    assert order(alone(text)) != "close all my positions"
    found = requested(alone(text))
    assert found is None or found.kind is not Kind.LIQUIDATE
