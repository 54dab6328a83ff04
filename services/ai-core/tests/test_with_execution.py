"""The brain with the real execution service and the real exchange simulator, by gRPC."""

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from brain_world import LOG, listen, said, unfounded
from services.execution.tests.live_exchange import at_exchange, binance_at, worker_of
from services.execution.tests.world import buy, person, proposed, still_world, world

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.adapters.market_data import GrpcMarketData
from uchat_ai_core.adapters.trading import GrpcTrading
from uchat_ai_core.domain.turn import TurnIn, mode_of, text_of
from uchat_contracts import ids
from uchat_contracts.rpc.execution.v1.alerts_pb2_grpc import AlertsStub
from uchat_contracts.rpc.execution.v1.decisions_pb2_grpc import DecisionsStub
from uchat_contracts.rpc.execution.v1.market_data_pb2_grpc import MarketDataStub
from uchat_contracts.rpc.execution.v1.portfolio_pb2_grpc import PortfoliosStub
from uchat_contracts.rpc.execution.v1.safety_pb2_grpc import SafetyStub
from uchat_contracts.rpc.execution.v1.venues_pb2_grpc import VenuesStub
from uchat_execution.app import REQUIRES
from uchat_execution.domain.live import CONSENT_VERSION
from uchat_execution.service.live.switching import LiveSwitch
from uchat_platform import rpc
from uchat_platform.auth import ActorSigner, ActorVerifier
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]
__all__ = ["person", "still_world", "world"]
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


class Talk:
    """One conversation of a person with the planner; `say` answers and keeps what was said."""

    def __init__(self, brain, who, world):
        self.brain, self.who, self.world = brain, who, world
        self.history = []

    async def say(self, text, *, interface="web_chat"):
        message = said(text, len(self.history) + 1, interface=interface, user_id=self.who)
        mode = mode_of(None, None, interface)
        heard = await listen(self.brain, TurnIn(LOG, message, mode, tuple(self.history)))
        spoken = text_of(heard.answered.parts)
        self.history += [
            message,
            replace(message, role="assistant", text=spoken, seq=message.seq + 1),
        ]
        own = [each.text for each in self.history if each.role == "user"]
        assert unfounded(spoken, heard.answered.sources, own) == []
        return heard

    async def accept(self, heard, *, interface="telegram"):
        """Do what sessions does with the winning reply; return the card."""
        (plan,) = heard.answered.proposals
        event = proposed(self.who, plan.legs, interface=interface)
        await self.world.app.proposing.propose(event.model_copy(update={"request": plan}))
        return await self.world.card(self.who, event.decision_id)


@asynccontextmanager
async def talking(world, servers, who, *, away=False):
    verifier = ActorVerifier.load(servers.service_keys_file)
    signer = ActorSigner.load("ai-core", servers.seeds["ai-core"])
    registrations = world.app.registrations()
    async with rpc.server(registrations, REQUIRES, verifier, "127.0.0.1", 0) as port:
        channel = rpc.channel(f"ipv4:127.0.0.1:{9 if away else port}")
        try:
            market = GrpcMarketData(MarketDataStub(channel), signer)
            trading = GrpcTrading(
                decisions_stub=DecisionsStub(channel),
                portfolios_stub=PortfoliosStub(channel),
                safety_stub=SafetyStub(channel),
                alerts_stub=AlertsStub(channel),
                venues_stub=VenuesStub(channel),
                signer=signer,
            )
            yield Talk(PydanticBrain([], market, trading), who, world)
        finally:
            await channel.close()


@pytest.fixture
async def talk(world, clean_streams, person):
    async with talking(world, clean_streams, person) as talk:
        yield talk


async def test_from_an_amount_over_an_allocation_to_a_filled_position(talk):
    heard = await talk.say("I have $5000 to invest in crypto", interface="telegram")
    assert "split of $5,000" in heard.final
    assert len(_NUMBER.findall(heard.final)) > 10
    heard = await talk.say("Show me the portfolio allocation", interface="widget")
    assert "10,000.00 USDT" in heard.final
    assert "$5,000 that you named on Telegram" in heard.final
    heard = await talk.say("buy 0.01 BTC")
    assert "0.01 BTC" in heard.final
    assert "waits for your approval" in heard.final
    card = await talk.accept(heard)
    assert card.state == "awaiting_approval"
    assert str(card.plan.legs[0].price.quantize(Decimal("0.01"))) in heard.final.replace(",", "")
    assert "Waiting: buy 0.01 BTC" in (await talk.say("approve it")).final
    await talk.world.answer(card)
    await talk.world.until(talk.who, card.decision_id, "executed")
    heard = await talk.say("How's my BTC position doing?", interface="telegram")
    pattern = r"You hold 0\.01 BTC, bought at .* on average, worth 9\d\d\.\d\d USDT"
    assert re.search(pattern, heard.final)
    assert "bought 0.01 BTC" in (await talk.say("show my trades")).final
    assert "changed by" in (await talk.say("how did I perform today?")).final


async def test_the_suggested_split_can_be_bought_as_a_whole(talk):
    await talk.say("I have $5000 to invest in crypto")
    heard = await talk.say("invest it like that")
    (plan,) = heard.answered.proposals
    assert len(plan.legs) > 2
    card = await talk.accept(heard)
    assert card.state == "awaiting_approval", card.reason
    await talk.world.answer(card)
    await talk.world.until(talk.who, card.decision_id, "executed")
    heard = await talk.say("sell everything")
    assert len(heard.answered.proposals[0].legs) == len(plan.legs)


async def test_orders_of_a_kind_are_cancelled_however_many_pages_they_fill(talk, monkeypatch):
    monkeypatch.setattr("uchat_ai_core.adapters.trading._AT_ONCE", 2)
    limits = [buy("0.001", type="limit", limit_price=str(price)) for price in range(50_000, 50_005)]
    waits = buy("0.001", type="take_profit", trigger_price="40000")
    for leg in (*limits, waits):
        card = await talk.world.propose(talk.who, leg)
        assert card.state == "awaiting_approval", card.reason
        await talk.world.answer(card)

    async def left():
        page = await talk.world.app.portfolios.orders(
            talk.who, None, open_only=True, before=None, limit=9
        )
        return sorted((each.type, each.status) for each in page)

    kept = ("take_profit", "open")
    await eventually(lambda: _is(left, [*[("limit", "open")] * 5, kept]))
    await talk.say("cancel all my limit orders")
    await eventually(lambda: _is(left, [kept]))


async def _is(tell, wanted):
    return await tell() == wanted


async def test_measures_are_reckoned_from_the_closes_that_execution_serves(talk):
    assert "| RSI (14) |" in (await talk.say("analyse ETH")).final
    heard = await talk.say("what opportunities are there?")
    assert "find_opportunities" in {each.tool for each in heard.answered.sources}
    assert "cannot" not in heard.final
    card = await talk.accept(await talk.say("buy $500 of BTC"))
    await talk.world.answer(card)
    await talk.world.until(talk.who, card.decision_id, "executed")
    assert "| Value at risk, a day, 95 % |" in (await talk.say("how risky is my portfolio?")).final
    assert "If BTC fell by 20 %" in (await talk.say("what if BTC falls 20%")).final
    assert "| BTC |" in (await talk.say("show me a minimum variance split")).final


async def test_trade_for_me_approves_itself_within_the_mandate(talk):
    safety = talk.world.app.safety
    until = datetime.now(UTC) + timedelta(days=1)
    op = ids.new_ulid()
    await safety.grant(talk.who, Decimal(100), [], until, via="web_ui", op_id=op)
    assert "100.00 left" in (await talk.say("show my mandate")).final
    heard = await talk.say("trade for me within it", interface="telegram")
    assert "approves itself" in heard.final
    card = await talk.accept(heard)
    done = await talk.world.until(talk.who, card.decision_id, "executed")
    assert done.resolved.mandate_id
    assert done.plan.total <= 100
    heard = await talk.say("trade for me within it", interface="telegram")
    assert heard.answered.proposals == ()
    assert "too little for an order" in heard.final
    await talk.say("revoke my mandate")
    assert "no active mandate" in (await talk.say("trade for me")).final


async def test_the_switch_orders_and_denials(talk):
    await talk.world.bought(talk.who, buy("0.01"))
    assert "would be denied" in (await talk.say("buy 5 BTC")).final
    assert "cannot be traded here" in (await talk.say("buy 10 QQQX")).final
    heard = await talk.say("buy 0.01 BTC at 90000")
    card = await talk.accept(heard)
    await talk.world.answer(card)
    await talk.world.until(talk.who, card.decision_id, "executing", "executed")
    assert "buy 0.01 BTC at 90,000" in (await talk.say("show my open orders")).final
    assert "Cancelled: buy 0.01 BTC" in (await talk.say("cancel all my orders")).final
    assert "You have no open orders" in (await talk.say("show my open orders")).final
    assert "Everything stopped" in (await talk.say("stop all trading")).final
    assert (await talk.world.app.safety.switch(talk.who)).on
    assert "Trading is stopped" in (await talk.say("buy 0.01 BTC")).final
    assert "stopped by the kill switch" in (await talk.say("is trading stopped?")).final


async def test_an_account_that_is_away_is_said_so(world, clean_streams, person):
    async with talking(world, clean_streams, person, away=True) as talk:
        for text in ("show my portfolio", "buy 0.01 BTC", "I have $5000 to invest", "trade for me"):
            heard = await talk.say(text)
            assert "cannot reach your account" in heard.final
            assert heard.answered.proposals == ()


@pytest.mark.parametrize("asked", ["sell all BTC", "sell everything"])
async def test_who_has_nothing_to_sell_is_told_so(talk, asked):
    heard = await talk.say(asked)
    assert not heard.answered.proposals
    assert re.search("[Yy]ou hold no(thing| BTC)", heard.final)


async def test_an_order_with_real_money_from_the_sentence_to_the_exchange(
    still_world, clean_streams, person
):
    world = still_world
    body = {"symbol": "BTC", "price": "96000.00"}
    assert (await world.simulator.post("/sim/prices", json=body)).is_success
    async with binance_at(world.url) as binance, worker_of({"binance": binance}) as reached:
        app = await world.replica(live=reached)
        async with talking(world, clean_streams, person) as talk:
            heard = await talk.say("buy 0.001 BTC on my live account")
            assert "under Settings, Exchange accounts" in heard.final
            account = await at_exchange(world.simulator, USDT="5000", BTC="0.01")
            key = await account.key(enable_spot_trading=True)
            await app.connecting.connect(person, "binance", key, via="web_ui")
            heard = await talk.say("buy 0.001 BTC on binance")
            assert "“uchat live on binance”" in heard.final
            await LiveSwitch(app.books).set("binance", on=True, by="an operator")
            heard = await talk.say("buy 0.001 BTC on binance")
            assert "not consented to real orders at Binance" in heard.final
            assert heard.answered.proposals == ()
            await app.connecting.consent(person, "binance", CONSENT_VERSION, via="web_ui")
            heard = await talk.say("buy 0.001 BTC on my live account", interface="telegram")
            assert "Binance, real money" in heard.final
            card = await talk.accept(heard)
            assert (card.plan.venue, card.plan.simulated) == ("binance", False)
            await world.answer(card)
            await world.until(person, card.decision_id, "executed")
            [order] = await world.journal()
            assert order["symbol"] == "BTCUSDT"
            heard = await talk.say("show my binance portfolio")
            assert "0.011" in heard.final
            assert "You hold no BTC" in (await talk.say("how is my BTC doing?")).final
            # Without an account it is on paper, whatever is connected.
            assert (await talk.accept(await talk.say("buy 0.001 BTC"))).plan.simulated
        await world.stop(app)
