"""However a model fails, the person gets one whole answer that says whose it is, in time."""

import asyncio
import time
from decimal import Decimal

import pytest
from account_world import Account
from brain_world import PERSON, Market, brain_at, listen, turn_in
from faults import BEFORE, FAULTS, silent
from openai_server import SIXTY, OpenAiServer, cut, stall, words

from uchat_ai_core.adapters.brain import OVER_BUDGET, STAND_IN
from uchat_ai_core.domain.turn import Answered
from uchat_platform.testing import eventually

DEADLINE_S = 0.4
OF_OUR_OWN_S = 2.0
"""What a busy machine may take beside what models are waited for."""


@pytest.fixture
async def server():
    server = OpenAiServer()
    async with server.running() as url:
        server.url = url
        yield server


def whole(heard, started):
    """The answer is one, whole, told as it is stored, labelled, and in time."""
    assert time.monotonic() - started < DEADLINE_S + OF_OUR_OWN_S
    assert sum(isinstance(each, Answered) for each in heard.events) == 1
    assert heard.text.strip() == heard.final
    assert heard.answered.model
    assert "99,123" not in heard.final
    assert "88,123" not in heard.final


@pytest.mark.parametrize("before", list(BEFORE)[:3])
@pytest.mark.parametrize("fault", FAULTS)
async def test_one_whole_labelled_answer_in_time_however_the_model_fails(server, fault, before):
    server.script = [*BEFORE[before], FAULTS[fault]]
    started = time.monotonic()
    async with brain_at(server.url, read_timeout_s=0.15, timeout_s=DEADLINE_S) as brain:
        heard = await listen(brain, turn_in("price of BTC"))
        whole(heard, started)
    assert heard.answered.model == "planner"
    assert heard.final.startswith("(")
    assert "the rule-based planner answers instead.)" in heard.final
    assert "10,000.50 USDT" in heard.final


@pytest.mark.parametrize("fault", ["429", "cut", "stall", "malformed json", "nothing said"])
async def test_the_next_model_answers_instead_once_and_in_time(server, fault):
    server.script = [FAULTS[fault], SIXTY]
    started = time.monotonic()
    names = "openai-chat:one,openai-chat:two"
    async with brain_at(server.url, names, read_timeout_s=0.3, timeout_s=2.0) as brain:
        heard = await listen(brain, turn_in("tell me a story"))
    assert time.monotonic() - started < 2.0
    assert heard.answered.model == "openai-chat:two"
    assert heard.final.count("word0") == 1
    assert heard.text.strip() == heard.final


async def test_a_model_that_gives_no_sign_is_raced_by_the_next_one(server):
    server.script = [silent, SIXTY]
    started = time.monotonic()
    names = "openai-chat:one,openai-chat:two"
    async with brain_at(server.url, names, hedge_s=0.05, read_timeout_s=5.0) as brain:
        heard = await listen(brain, turn_in("tell me a story"))
        assert time.monotonic() - started < 2.0
        assert heard.answered.model == "openai-chat:two"
        assert heard.resets == 0
        # Being slow is no failure: the first is asked again next time.
        server.script = [SIXTY]
        heard = await listen(brain, turn_in("tell me a story"))
    assert heard.answered.model == "openai-chat:one"


async def test_who_was_slower_answers_after_all_when_the_faster_one_breaks_off(server):
    server.script = [silent, cut, SIXTY]
    names = "openai-chat:one,openai-chat:two"
    async with brain_at(server.url, names, hedge_s=0.05, read_timeout_s=5.0) as brain:
        heard = await listen(brain, turn_in("tell me a story"))
    assert heard.answered.model == "openai-chat:one"
    assert heard.final.count("word0") == 1


class Budget:
    def __init__(self, allowed):
        self.allowed = allowed
        self.spent = []

    async def allows(self, person):
        return self.allowed

    def note(self, spent):
        self.spent.append(spent)


async def test_without_allowance_no_model_is_asked_and_the_answer_says_so(server):
    async with brain_at(server.url, budget=Budget(allowed=False)) as brain:
        heard = await listen(brain, turn_in("price of BTC"))
    assert server.requests == []
    assert heard.final.startswith(OVER_BUDGET)
    assert "10,000.50 USDT" in heard.final


async def test_what_models_take_is_counted_of_the_person_also_when_they_break_off(server):
    budget = Budget(allowed=True)
    async with brain_at(server.url, budget=budget) as brain:
        await listen(brain, turn_in("tell me a story"))
        server.script = [words(40)]
        await listen(brain, turn_in("tell me a story"))
    whole_one, broken = budget.spent
    assert (whole_one.person, whole_one.model) == (PERSON, "openai-chat:one")
    assert (whole_one.input_tokens, whole_one.output_tokens) == (11, 60)
    assert broken.output_tokens > 40
    assert whole_one.cost == Decimal(0)


async def test_a_stopped_answer_is_no_failure_of_the_model(server):
    server.script = [stall]
    async with brain_at(server.url, read_timeout_s=5.0) as brain:
        for _ in range(4):
            task = asyncio.create_task(listen(brain, turn_in("tell me a story")))
            await eventually(lambda: bool(server.requests))
            server.requests.clear()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        server.script = [SIXTY]
        heard = await listen(brain, turn_in("tell me a story"))
    assert heard.answered.model == "openai-chat:one"


async def test_with_everything_away_there_is_an_answer_that_makes_nothing_up(server):
    server.script = [500]
    market, account = Market(), Account(away=True)
    market.away = True
    async with brain_at(server.url, market=market, trading=account) as brain:
        heard = await listen(brain, turn_in("price of BTC"))
    assert heard.final.startswith(STAND_IN)
    assert "10,000" not in heard.final
