"""What is asked to be done beside orders, with what people tell around it."""

import pytest

from uchat_ai_core.domain.planner.deeds import deeds_said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I believe I've been hacked, please stop everything on my account!!", "stop all trading"),
        ("some scrote's been on me phone, shut the whole thing down now", "stop all trading"),
        ("hit the emergency brake, no orders should go through", "stop all trading"),
        ("before I go under the knife, freeze all trading please", "stop all trading"),
        ("flip me over to manual, I can't afford surprises right now", "switch to manual mode"),
        ("right changed my mind, cancel that order i had in for btc", "cancel my BTC orders"),
        ("close out every position i have, i need it all in cash today", "sell everything"),
        ("put my portfolio back to its target weights", "rebalance my portfolio"),
    ],
)
def test_what_is_told_around_a_deed_leaves_it_one(text, said):
    assert deeds_said(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "I believe we should not stop everything",
        "stop everything should btc fall",
        "before you stop everything, tell me the price",
        "my broker said to freeze all trading",
        "stop the whole thing where you explain each trade",
        "get my balance",
        "get the whole thing back",
    ],
)
def test_what_is_doubted_denied_or_somebody_elses_is_no_deed(text):
    assert deeds_said(text) == ""
