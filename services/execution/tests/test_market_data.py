import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from uchat_contracts.rpc.execution.v1 import market_data_pb2 as pb
from uchat_contracts.rpc.execution.v1.market_data_pb2_grpc import MarketDataStub
from uchat_execution.adapters.binance_api import binance_api
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.market_exchange import ExchangeMarketData
from uchat_execution.handlers.grpc.market import REQUIRES, registration
from uchat_execution.service.quotes import MarketDataService
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor, ActorSigner, ActorVerifier
from uchat_platform.errors import (
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    UnauthenticatedError,
    UnavailableError,
)
from uchat_platform.health import Health
from uchat_platform.testing import FixedClock, eventually
from uchat_sim_exchange.testing import exchange_process, exchange_server

NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
AWAY = "http://127.0.0.1:9"


@asynccontextmanager
async def market_at(url):
    async with binance_api(url, FixedClock(NOON)) as api:
        yield ExchangeMarketData(
            api, Listings(api), Health("execution"), source="paper", simulated=True
        )


@asynccontextmanager
async def market_of(directory, moment=NOON):
    async with (
        exchange_server(directory, clock=FixedClock(moment)) as url,
        market_at(url) as market,
    ):
        await market.listings.refresh()
        await market.refresh()
        yield market


@asynccontextmanager
async def serving(directory, moment=NOON):
    keys = {name: Ed25519PrivateKey.generate() for name in ("ai-core", "sessions")}
    verifier = ActorVerifier({name: key.public_key() for name, key in keys.items()})
    async with AsyncExitStack() as stack:
        market = await stack.enter_async_context(market_of(directory, moment))
        service = MarketDataService(market)
        port = await stack.enter_async_context(
            rpc.server([registration(service)], REQUIRES, verifier, "127.0.0.1", 0)
        )
        channel = rpc.channel(f"ipv4:127.0.0.1:{port}")
        signers = {name: ActorSigner(name, key) for name, key in keys.items()}
        try:
            yield MarketDataStub(channel), signers
        finally:
            await channel.close()


async def quotes(stub, signer, symbols, actor=SERVICE_ACTOR):
    return await rpc.call(
        stub.GetQuotes, pb.GetQuotesRequest(symbols=symbols), signer=signer, actor=actor
    )


async def test_quotes_say_that_they_are_simulated_and_when(tmp_path):
    async with serving(tmp_path) as (stub, signers):
        answer = await quotes(stub, signers["ai-core"], ["eth", "BTC", "NOPE", "btc"])
    assert [quote.symbol for quote in answer.quotes] == ["ETH", "BTC"]
    assert list(answer.unknown) == ["NOPE"]
    for quote in answer.quotes:
        assert quote.source == "synthetic"
        assert quote.simulated
        assert quote.as_of == "2026-11-22T12:00:00.250000Z"
        assert Decimal(quote.bid) < Decimal(quote.ask)
        assert quote.quote_currency == "USDT"


async def test_two_servers_agree_and_the_change_is_that_of_the_walk(tmp_path):
    async with serving(tmp_path) as (stub, signers):
        first = await quotes(stub, signers["ai-core"], ["SOL"])
    async with serving(tmp_path) as (stub, signers):
        second = await quotes(stub, signers["ai-core"], ["SOL"])
    async with serving(tmp_path, NOON.replace(day=21)) as (stub, signers):
        before = await quotes(stub, signers["ai-core"], ["SOL"])
    assert first == second
    now, then = Decimal(first.quotes[0].price), Decimal(before.quotes[0].price)
    expected = ((now / then - 1) * 100).quantize(Decimal("0.01"))
    assert Decimal(first.quotes[0].change_24h_pct) == expected


async def test_a_person_may_ask_through_ai_core_and_a_stranger_may_not(tmp_path):
    person = Actor("user_01JD0000000000000000000000", frozenset({"trader"}), "web_chat")
    nobody = Actor("user_01JD0000000000000000000000", frozenset({"guestless"}), "web_chat")
    async with serving(tmp_path) as (stub, signers):
        assert (await quotes(stub, signers["ai-core"], ["BTC"], person)).quotes
        with pytest.raises(NotPermittedError):
            await quotes(stub, signers["ai-core"], ["BTC"], nobody)
        with pytest.raises(NotPermittedError):
            await quotes(stub, signers["sessions"], ["BTC"])
        stranger = ActorSigner("ai-core", Ed25519PrivateKey.generate())
        with pytest.raises(UnauthenticatedError):
            await quotes(stub, stranger, ["BTC"])


@pytest.mark.parametrize("symbols", [[], ["BTC"] * 51])
async def test_none_or_too_many_symbols_are_refused(symbols, tmp_path):
    async with serving(tmp_path) as (stub, signers):
        with pytest.raises(InvalidInputError):
            await quotes(stub, signers["ai-core"], symbols)


async def test_pages_cover_everything_once(tmp_path):
    async with serving(tmp_path) as (stub, signers):
        seen, cursor = [], ""
        while True:
            request = pb.ListInstrumentsRequest(cursor=cursor, limit=7)
            page = await rpc.call(
                stub.ListInstruments, request, signer=signers["ai-core"], actor=SERVICE_ACTOR
            )
            seen += [instrument.symbol for instrument in page.instruments]
            cursor = page.next
            if not cursor:
                break
        assert len(seen) == len(set(seen)) >= 20
        with pytest.raises(InvalidInputError):
            await rpc.call(
                stub.ListInstruments,
                pb.ListInstrumentsRequest(cursor="NOPE", limit=5),
                signer=signers["ai-core"],
                actor=SERVICE_ACTOR,
            )


async def test_closes_end_at_the_price_of_now_and_what_has_none_is_named(tmp_path):
    async with serving(tmp_path) as (stub, signers):
        request = pb.GetClosesRequest(symbols=["BTC", "eth", "NOPE"], days=45)
        found = await rpc.call(
            stub.GetCloses, request, signer=signers["ai-core"], actor=SERVICE_ACTOR
        )
        now = await quotes(stub, signers["ai-core"], ["BTC"])
        assert [each.symbol for each in found.series] == ["BTC", "ETH"]
        assert list(found.unknown) == ["NOPE"]
        assert all(len(each.closes) == 45 for each in found.series)
        assert Decimal(found.series[0].closes[-1]) == Decimal(now.quotes[0].price)
        for days in (1, 366):
            with pytest.raises(InvalidInputError):
                await rpc.call(
                    stub.GetCloses,
                    pb.GetClosesRequest(symbols=["BTC"], days=days),
                    signer=signers["ai-core"],
                    actor=SERVICE_ACTOR,
                )


async def test_decimals_of_an_instrument_are_those_of_its_prices(tmp_path):
    async with serving(tmp_path) as (stub, signers):
        page = await rpc.call(
            stub.ListInstruments,
            pb.ListInstrumentsRequest(limit=200),
            signer=signers["ai-core"],
            actor=SERVICE_ACTOR,
        )
        symbols = [instrument.symbol for instrument in page.instruments]
        answer = await quotes(stub, signers["ai-core"], symbols)
    for instrument, quote in zip(page.instruments, answer.quotes, strict=True):
        decimals = len(quote.price.partition(".")[2])
        assert decimals <= instrument.price_decimals, instrument.symbol


async def test_without_the_exchange_quotes_are_unavailable_and_health_says_so():
    async with market_at(AWAY) as market:
        with pytest.raises(UnavailableError) as away:
            await market.quotes(["BTC"])
        assert away.value.code == "market_data_unavailable"
        with pytest.raises(UnavailableError):
            await market.refresh()


async def test_the_market_is_read_when_the_exchange_comes_and_kept_when_it_goes(tmp_path):
    async with exchange_process(tmp_path) as exchange, market_at(exchange.url) as market:
        await exchange.kill()
        async with asyncio.TaskGroup() as tasks:
            polling = tasks.create_task(market.run())
            await eventually(lambda: market.health.report()["others"] == {"market": False})
            await exchange.start()
            await eventually(lambda: market.health.report()["others"] == {"market": True})
            before = await market.quotes(["BTC"])
            await exchange.kill()
            await eventually(lambda: market.health.report()["others"] == {"market": False})
            assert (await market.quotes(["BTC"]))["BTC"].as_of >= before["BTC"].as_of
            polling.cancel()


async def test_daily_closes_end_with_the_present_price(tmp_path):
    async with market_of(tmp_path) as market:
        closes = await market.daily_closes("ETH", 30)
        assert len(closes) == 30
        assert closes[-1] == (await market.quotes(["ETH"]))["ETH"].price
        assert len(set(closes)) > 25
        assert await market.daily_closes("ETH", 5) == closes[-5:]
        with pytest.raises(NotFoundError):
            await market.daily_closes("NOPE", 5)


async def test_closes_of_every_symbol_are_read_before_anybody_asks(tmp_path):
    async with exchange_process(tmp_path) as exchange, market_at(exchange.url) as market:
        async with asyncio.TaskGroup() as tasks:
            polling = tasks.create_task(market.run())
            await eventually(lambda: "SUI" in market._closes, timeout_s=20)
            polling.cancel()
        await exchange.kill()
        assert len(await market.daily_closes("SUI", 60)) == 60


async def test_rules_are_those_that_the_exchange_announces(tmp_path):
    async with market_of(tmp_path) as market:
        rules = market.listings.rules["BTC"]
    assert rules.quantity_step == Decimal("0.00001")
    assert rules.price_tick == Decimal("0.01")
    assert rules.min_notional == 5
    assert rules.taker_fee_bps == 10
