from dataclasses import replace
from functools import lru_cache

from brain_world import LOG, NOON, said
from hypothesis import given, settings
from hypothesis import strategies as st

from uchat_ai_core.domain.grounding.known import Known, spoken
from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.context import capital_of, profile_of
from uchat_ai_core.domain.planner.forgetting import forget_in, kept, wish_for
from uchat_ai_core.domain.planner.memory import Remembered, facts_in
from uchat_ai_core.domain.planner.recall import recall
from uchat_ai_core.domain.planner.withheld import summary_of, withheld
from uchat_ai_core.domain.turn import TurnIn
from uchat_ai_core.domain.window import MESSAGES, Window
from uchat_contracts import ids
from uchat_contracts.events import LogEntry, MessageData
from uchat_contracts.parts import Origin, Part

MOST = 8
TOLD = (
    "My name is Ada", "call me Grace", "I have $5000 to invest", "I have $70 to invest",
    "my goal is to buy a house", "I am cautious", "I hold 2 BTC", "I am interested in SOL",
)  # fmt: skip
WISHES = (
    "forget that", "forget everything I told you", "forget my budget", "forget my name",
    "forget what I said about SOL",
)  # fmt: skip
OTHERS = ("What is the price of BTC?", "forget it", "hello", "I sold 3 ETH on 5 May at 17:45")
ANSWERS = ("BTC is at 10,000.50 USDT.", "Forgotten.", "You hold ETH and SOL.")
READERS = (facts_in, forget_in, spoken)


class Conversation:
    """A log, and the window on it that one replica keeps."""

    def __init__(self):
        self.entries = []
        self.window = Window(LOG, "e", 0, None, most=MOST)

    def append(self, role, text, **more):
        data = MessageData(
            message_id=more.pop("message_id", ids.new_message_id()),
            role=role,
            parts=[Part(type="text", text=text)],
            origin=Origin(interface="web_chat"),
            **more,
        )
        body, seq = data.model_dump(mode="json", exclude_none=True), len(self.entries) + 1
        entry = LogEntry(log=LOG, epoch="e", seq=seq, ts=NOON, kind="message", data=body)
        self.entries.append(entry)
        self.window.apply(entry, {})
        return self.window.message(data.message_id)

    def answer(self, text, *, foretaste):
        waiting = self.window.oldest_waiting(0)
        if waiting is None:
            return
        message_id = ids.derived_message_id(waiting[0])
        if foretaste:
            early = said(text, waiting[1], role="assistant", answers=waiting[0])
            self.window.settle(replace(early, message_id=message_id))
        self.append("assistant", text, message_id=message_id, answers=waiting[0])

    def taken_over(self):
        """The window of a replica that has seen nothing of the conversation so far."""
        window = Window(LOG, "e", len(self.entries), None, most=MOST)
        window.fill(self.entries[-MOST:], [])
        return window


def kept_by_definition(history):
    """A fact counts if no message after it wants it forgotten."""
    mine = [each for each in history if each.role == "user"]
    wishes = [forget_in(each.text) for each in mine]

    def is_gone(each, place):
        later = [n for n in range(place + 1, len(mine)) if wishes[n] is not None]
        return any(n == place + 1 if wishes[n].latest else wishes[n].covers(each) for n in later)

    told = [
        (Remembered(fact, message), place)
        for place, message in enumerate(mine)
        if wishes[place] is None
        for fact in facts_in(message.text)
    ]
    return [each for each, place in told if not is_gone(each, place)]


def read_from(history, message):
    """All that a turn may want to know of what was said before."""
    turn = TurnIn(LOG, message, "trading", history)
    known = Known(turn)
    known.search_history()
    return {
        "kept": kept(history),
        "capital": capital_of(turn),
        "profile": profile_of(turn),
        "recalled": [recall(Ask(f"recall_{kind}"), "BTC", history) for kind in ("topic", "all")],
        "shown to models": withheld(history),
        "in short": summary_of(history[:-2]),
        "known": (
            known.facts, known.symbols, known.held, known.names, known.days, known.times,
        ),
    }  # fmt: skip


def steps():
    texts = st.sampled_from(TOLD + WISHES + OTHERS)
    return st.lists(
        st.one_of(
            st.tuples(st.just("user"), texts),
            st.tuples(st.just("told"), st.sampled_from(ANSWERS)),
            st.tuples(st.just("answer"), st.sampled_from(ANSWERS)),
            st.tuples(st.just("take back"), st.integers(0, MOST)),
            st.tuples(st.just("take over"), st.none()),
        ),
        min_size=1,
        max_size=4 * MOST,
    )


def asked_in(window):
    return [each for each in window.messages if each.role == "user"]


def assert_read_as_from_scratch(window, message):
    history = window.before(message)
    anew = tuple(replace(each) for each in history)
    assert read_from(history, message) == read_from(anew, replace(message))
    assert kept(history) == kept_by_definition(history)


@settings(deadline=None)
@given(steps())
def test_what_is_read_with_a_window_is_what_would_be_read_from_scratch(steps):
    conversation = Conversation()
    for step, of in steps:
        facts = kept(conversation.window.messages)
        if step == "user":
            conversation.append("user", of)
        elif step == "take back" and facts:
            conversation.append("user", wish_for(facts[of % len(facts)]))
        elif step == "take over":
            conversation.window = conversation.taken_over()
        elif step in ("told", "answer"):
            conversation.answer(of, foretaste=step == "told")
        for message in asked_in(conversation.window)[-1:]:
            assert_read_as_from_scratch(conversation.window, message)
    for message in asked_in(conversation.window):
        assert_read_as_from_scratch(conversation.window, message)
    assert kept(conversation.taken_over().messages) == kept(conversation.window.messages)


def test_a_message_that_is_replaced_is_read_anew():
    window = Window(LOG, "e", 0, None)
    window.settle(said("I have $5000 to invest", 1))
    assert [each.fact.value for each in kept(window.messages)] == ["$5000"]
    window.settle(said("My name is Ada", 1))
    assert [each.fact.value for each in kept(window.messages)] == ["Ada"]


def test_what_was_changed_of_a_message_is_read_anew():
    before = said("I have $5000 to invest", 1)
    assert before.read_by(facts_in) != replace(before, text="hello").read_by(facts_in)


def test_a_turn_reads_the_new_messages_only_however_long_the_conversation_is():
    def read_in_a_turn(length):
        window = Window(LOG, "e", 0, None)
        for seq in range(1, length + 1):
            window.settle(said(f"I have ${seq} to invest", seq))
            read_from(tuple(window.messages), window.messages[-1])
        for reader in READERS:
            reader.cache_clear()
        message = said("How much did I say I have?", length + 1)
        window.settle(message)
        read_from(window.before(message), message)
        return [reader.cache_info().misses for reader in READERS]

    assert read_in_a_turn(MESSAGES) == read_in_a_turn(10)


def test_nothing_is_kept_of_what_left_the_window():
    read = []

    @lru_cache
    def reader(text):
        read.append(text)

    window = Window(LOG, "e", 0, None, most=2)
    for seq in range(1, 5):
        window.settle(said(f"message {seq}", seq))
        for each in window.messages:
            each.read_by(reader)
    reader.cache_clear()
    for each in window.messages:
        each.read_by(reader)
    assert [each.text for each in window.messages] == ["message 3", "message 4"]
    assert read == ["message 1", "message 2", "message 3", "message 4"]
