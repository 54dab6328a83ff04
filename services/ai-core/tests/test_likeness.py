"""The likeness to examples: what it costs, and that the least piece of it counts."""

import sys
import tracemalloc

from uchat_ai_core.domain.planner.asks import Ask
from uchat_ai_core.domain.planner.likeness import Likeness, likeness, plain_example

_MOST = 4 * 2**20


def test_the_likeness_to_every_example_takes_less_than_four_mebibytes_also_while_it_is_reckoned():
    likeness.cache_clear()
    tracemalloc.start()
    try:
        likeness()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < _MOST


def test_reckoning_it_mends_no_words_for_that_takes_seconds(monkeypatch):
    likeness.cache_clear()
    monkeypatch.setattr(sys.modules[Likeness.__module__], "plain_words", None)

    assert likeness()


def test_an_example_is_counted_in_the_words_of_the_grammar_and_its_figures_by_their_kind():
    assert plain_example("Kauf mir BTC für $50, bitte!") == "buy me @asset for @money please"


def test_a_message_resembles_the_kind_whose_words_it_shares_and_is_surer_the_more_it_shares():
    found = Likeness(
        [
            ("how high are your fees", Ask.PERFORMANCE),
            ("what did the fees come to", Ask.PERFORMANCE),
            ("good morning to you", Ask.GREETING),
            ("a good evening", Ask.GREETING),
        ]
    )

    ask, sure = found.judged("your fees?", Ask.UNKNOWN, 0.0)
    _, surer = found.judged("how high are your fees?", Ask.UNKNOWN, 0.0)

    assert ask is Ask.PERFORMANCE
    assert 0.5 < sure < surer


def test_a_typing_error_in_a_word_of_the_examples_is_mended():
    found = Likeness([("commission", Ask.PERFORMANCE), ("evening", Ask.GREETING)])

    assert found.judged("comission", Ask.UNKNOWN, 0.0)[0] is Ask.PERFORMANCE
