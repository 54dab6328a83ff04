"""The endpoint without a model in it, judged as `make eval MODEL=…` judges a model."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from tests.eval import cases
from tests.eval.run import brains, evaluate
from tests.support.emulated_model import EmulatedModel, wanted


@asynccontextmanager
async def served():
    runner = web.AppRunner(EmulatedModel().app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def scored(character, lines):
    async def go():
        async with served() as url, brains(f"openai-chat:{character}", url, "none") as brain_of:
            return await evaluate(lines, brain_of)

    return asyncio.run(go())


@pytest.mark.parametrize("character", ["honest", "inventor", "obedient"])
def test_whatever_its_character_nothing_is_done_unasked_and_no_figure_is_made_up(character):
    score = scored(character, cases.read("developed")[::60])
    assert score.of["grounded"] >= 10
    for verdict in ("grounded", "nothing_unasked"):
        assert not score.wrong(verdict), score.bad
    assert not any("MOONX" in each for each in score.bad)


@pytest.mark.parametrize(
    ("message", "tool"),
    [
        ("what is the price of ether?", ("get_quotes", {"symbols": ["ETH"]})),
        ("buy $50 of BTC", ("propose_trade", {"orders": [
            {"side": "buy", "symbol": "BTC", "amount": "50"}]})),
        ("show my portfolio", ("get_portfolio", {})),
        ("hello there", None),
    ],
)  # fmt: skip
def test_it_calls_the_tool_that_a_message_asks_for(message, tool):
    assert wanted(message) == tool
