import pytest
from account_world import Account
from brain_world import Market, listen, said, turn_in

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.domain.planner.context import profile_of
from uchat_ai_core.domain.planner.forgetting import kept

TOLD = (
    "My name is Ada", "I have $5000 to invest", "my goal is to buy a house", "I am cautious",
)  # fmt: skip


def history(*texts):
    places = ("telegram", "web_chat")
    return tuple(said(text, n, interface=places[n % 2]) for n, text in enumerate(texts, 1))


async def ask(text, *before):
    turn = turn_in(text, history=history(*before))
    return await listen(PydanticBrain([], Market(), Account()), turn)


@pytest.mark.parametrize(
    ("wish", "gone"),
    [
        ("forget my goal", "goal"),
        ("please forget my budget", "amount"),
        ("Forget what I said about my name", "name"),
        ("forget my risk profile", "risk"),
        ("could you forget my name", "name"),
    ],
)
async def test_what_is_to_be_forgotten_is_named_and_gone_on_every_interface(wish, gone):
    before = {each.fact.kind for each in kept(history(*TOLD))}
    heard = await ask(wish, *TOLD)
    assert heard.final.startswith("Forgotten: ")
    after = {each.fact.kind for each in kept(history(*TOLD, wish))}
    assert before - after == {gone}


async def test_everything_can_be_forgotten_and_told_anew():
    heard = await ask("forget everything about me", *TOLD)
    assert "Ada" in heard.final
    assert kept(history(*TOLD, "forget everything about me")) == []
    heard = await ask("what do you know about me?", *TOLD, "forget everything about me")
    assert "You told me:" not in heard.final
    (fact,) = kept(history(*TOLD, "forget everything you know", "I have $70 to invest"))
    assert fact.fact.value == "$70"


async def test_forget_that_means_what_was_just_told_and_else_no_more_than_never_mind():
    heard = await ask("forget that", "my goal is to buy a house")
    assert heard.final.startswith("Forgotten: your goal")
    heard = await ask("forget that", "price of BTC")
    assert "Forgotten" not in heard.final
    assert len(kept(history("I have $5000 to invest", "price of BTC", "forget that"))) == 1


async def test_what_is_not_kept_is_said_not_to_be():
    heard = await ask("forget my goal", "price of BTC")
    assert "keep nothing like that" in heard.final


async def test_what_was_forgotten_is_not_reckoned_with():
    assert profile_of(turn_in("rebalance", history=history(*TOLD))) == "cautious"
    forgotten = history(*TOLD, "forget my risk profile")
    assert profile_of(turn_in("rebalance", history=forgotten)) == "balanced"


@pytest.mark.parametrize("text", ["forget it", "do you forget things?", "don't forget my goal"])
def test_other_words_forget_nothing(text):
    assert len(kept(history(*TOLD, text))) == len(kept(history(*TOLD)))
