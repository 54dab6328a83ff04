"""What a model sees of a conversation."""

from brain_world import Market, brain_at, listen, said, turn_in
from openai_server import OpenAiServer

from uchat_ai_core.domain.planner.forgetting import kept, wish_for
from uchat_ai_core.domain.planner.withheld import summary_of, withheld

SECRET = "my goal is to buy a lighthouse"


def talk(*texts):
    return tuple(
        said(text, n, role="user" if n % 2 else "assistant",
             answers=None if n % 2 else f"msg_{n - 1:026d}")
        for n, text in enumerate(texts, 1)
    )  # fmt: skip


def test_what_was_taken_back_its_answer_and_the_wish_are_not_shown():
    history = talk(SECRET, "Noted: your goal is to buy a lighthouse.", "I have $5000", "Noted.")
    (goal, _) = kept(history)
    for wish in ("forget my goal", wish_for(goal)):
        shown = withheld((*history, said(wish, 5), said("Forgotten: a lighthouse.", 6,
            role="assistant", answers=f"msg_{5:026d}")))  # fmt: skip
        assert "lighthouse" not in " ".join(each.text for each in shown)
        assert [each.text for each in shown[2:4]] == ["I have $5000", "Noted."]
        assert [each.fact.value for each in kept(shown)] == ["$5000"]


def test_a_conversation_in_which_nothing_was_taken_back_is_shown_as_it_is():
    history = talk(SECRET, "Noted.", "do not forget my goal", "I will not.")
    assert withheld(history) == history


def test_the_older_part_is_told_in_short_with_what_counts_of_it():
    assert summary_of(()) == ""
    told = summary_of(talk("I have $5000 to invest", "BTC is at 96,000", "price?", "96,100"))
    assert "4 messages" in told
    assert "you have $5000" in told
    assert "96," not in told


async def test_a_model_is_told_the_older_part_in_short_and_nothing_that_was_taken_back():
    texts = ["I have $5000 to invest", "Noted.", SECRET, "Noted: a lighthouse."]
    texts += ["forget my goal", "Forgotten: a lighthouse."]
    texts += [f"{word} {n}" for n in range(25) for word in ("question", "answer")]
    server = OpenAiServer()
    async with server.running() as url, brain_at(url, market=Market()) as brain:
        await listen(brain, turn_in("and now?", history=talk(*texts)))
    sent = str(server.requests[0]["messages"])
    assert "lighthouse" not in sent
    assert "you have $5000" in sent
    assert "question 24" in sent
    assert "question 1'" not in sent
