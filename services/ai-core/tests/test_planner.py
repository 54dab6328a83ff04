import re
from dataclasses import replace

import pytest
from account_world import Account
from brain_world import LOG, Market, listen, said, turn_in
from pydantic_ai import Agent

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.adapters.models.planner import PlannerModel
from uchat_ai_core.adapters.tools import convert, get_quotes, list_instruments, remembered
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.turn import StepTaken

HISTORY = (
    said("I have $5000 to invest", 1, interface="telegram"),
    said("Noted.", 2, role="assistant", interface="telegram"),
    said("My name is Ada and I'm interested in Solana", 3),
)


async def ask(text, *, history=HISTORY, mode="trading", market=None):
    brain = PydanticBrain([], market or Market(), Account())
    return await listen(brain, turn_in(text, history=history, mode=mode))


async def test_memory_is_of_all_interfaces_and_says_where_and_when():
    heard = await ask("How much did I say I have?")
    assert heard.final.startswith("You said that you have $5000 (on Telegram, 12:01 UTC).")
    (source,) = heard.answered.sources
    assert source.tool == "remembered"
    assert source.data["facts"][0]["interface"] == "telegram"
    assert "in the web chat" in (await ask("what did I say about solana?")).final
    assert "Ada" in (await ask("hello")).final


async def test_prices_come_from_the_tool_with_source_and_time():
    heard = await ask("price of bitcion and ETH")
    assert StepTaken("get_quotes") in heard.events
    assert "10,000.50 USDT" in heard.final
    assert "20,000.50 USDT" in heard.final
    assert "simulated" in heard.final
    assert "As of 12:00 UTC, source" in heard.final
    (source,) = heard.answered.sources
    assert source.simulated
    assert source.as_of.isoformat() == "2026-11-22T12:00:00+00:00"
    assert [quote["symbol"] for quote in source.data["quotes"]] == ["BTC", "ETH"]


async def test_quick_is_one_part_and_the_others_are_summary_and_detail():
    quick = await ask("price of BTC", mode="quick")
    assert [part.type for part in quick.answered.parts] == ["text"]
    trading = await ask("price of BTC")
    assert [part.type for part in trading.answered.parts] == ["summary", "detail"]
    assert trading.answered.parts[0].text == quick.final
    assert trading.text == trading.final
    assert trading.pieces >= 2


@pytest.mark.parametrize("mode", ["quick", "trading"])
@pytest.mark.parametrize("text", ["price of BTC", "buy some BTC", "compare BTC and ETH"])
@pytest.mark.parametrize(
    ("as_of", "shown"),
    [
        ("2026-11-22T03:27:19.548000Z", r"(?<!2026, )03:27 UTC"),
        ("2026-11-21T23:59:59.999999Z", r"21 Nov 2026, 23:59 UTC"),
    ],
)
async def test_a_time_is_told_to_the_minute_and_by_the_hour_alone_if_of_today(
    text, mode, as_of, shown
):
    heard = await ask(text, mode=mode, market=Market(as_of))
    if "UTC" in heard.final or text != "buy some BTC":
        assert re.search(shown, heard.final)
    assert re.search(r"\d\d:\d\d:\d\d", heard.final) is None


@pytest.mark.parametrize(
    "text",
    ["what did I ask first?", "what did I first ask you?", "what did I say at the beginning?",
     "what was my first message?", "what was the first thing I said?"],
)  # fmt: skip
async def test_the_first_message_is_recalled_as_far_as_it_is_known(text):
    heard = await ask(text)
    assert heard.final == (
        "The first thing you said here was “I have $5000 to invest” (on Telegram, 12:01 UTC)."
    )
    later = tuple(said(f"message {seq}", seq) for seq in range(50, 250))
    heard = await ask(text, history=later)
    assert "The earliest of your messages that I still see is “message 50”" in heard.final
    assert "may begin before it" in heard.final
    assert "first message here" in (await ask(text, history=())).final


async def test_without_market_data_no_figure_is_given():
    market = Market()
    market.away = True
    heard = await ask("price of BTC", market=market)
    assert "cannot quote" in heard.final
    assert not any(character.isdigit() for character in heard.final)
    assert heard.answered.sources == ()


async def test_a_conversion_is_reckoned_by_the_tool():
    heard = await ask("how much BTC would $500 buy?")
    assert "0.049995 BTC" in heard.final
    assert heard.answered.sources[0].data["conversions"][0]["ask"] == "10001.00"


@pytest.mark.parametrize(
    ("text", "intent", "says"),
    [
        ("STOP EVERYTHING", "emergency_command", "Everything stopped"),
        ("should I rebalance?", "rebalancing", "Nothing was changed"),
        ("turn on autopilot", "autonomous_control", "no active mandate"),
        ("should I buy ETH?", "opportunity_discovery", "The decision is yours"),
        ("tell me when the moon is full", "market_analysis", "nothing was set"),
        ("withdraw my money to my bank", "trade_execution", "nothing was moved"),
        ("is ETH risky?", "risk_assessment", "ETH swings by about"),
        ("what about a DCA strategy?", "strategy_discussion", "Dollar cost averaging buys"),
        ("write me a poem", "general_query", "bad at verses"),
        ("fold the laundry", "general_query", "fold the laundry"),
    ],
)
async def test_what_cannot_be_done_is_said_with_what_was_understood(text, intent, says):
    heard = await ask(text)
    assert heard.answered.intent == intent
    assert says in heard.final
    assert heard.answered.model == "planner"


async def test_a_follow_up_carries_the_asset_over():
    history = (*HISTORY, said("price of ETH", 4), said("…", 5, role="assistant"))
    assert "Ethereum" in (await ask("how is it doing now?", history=history)).final
    assert "Solana" in (await ask("and SOL?", history=history)).final


async def test_where_was_that_said_follows_the_question_before():
    history = (*HISTORY, said("how much do I have to invest?", 4))
    heard = await ask("where did I say that?", history=history)
    assert "on Telegram" in heard.final


@pytest.mark.parametrize(
    "text",
    ["hi", "price of BTC and PEPE", "how much did I say I have?", "which coins?", "top gainers"],
)
async def test_the_planner_answers_the_same_within_an_agent(text):
    agent = Agent(
        PlannerModel(),
        deps_type=TurnDeps,
        tools=[get_quotes, list_instruments, convert, remembered],
    )
    turn = turn_in(text, history=HISTORY)
    deps = TurnDeps(turn, Market(), Account())
    async with agent.run_stream_events(text, deps=deps) as events:
        async for event in events:
            last = event
    assert last.result.output == (await ask(text)).final


async def test_the_same_turn_gives_the_same_answer():
    turn = replace(turn_in("what do you know about me?", history=HISTORY), log=LOG)
    brain = PydanticBrain([], Market(), Account())
    assert (await listen(brain, turn)).answered == (await listen(brain, turn)).answered
