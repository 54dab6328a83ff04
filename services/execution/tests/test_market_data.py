from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from uchat_contracts.rpc.execution.v1 import market_data_pb2 as pb
from uchat_contracts.rpc.execution.v1.market_data_pb2_grpc import MarketDataStub
from uchat_execution.adapters.synthetic import SyntheticMarketData
from uchat_execution.handlers.grpc import REQUIRES, registration
from uchat_execution.service import MarketDataService
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor, ActorSigner, ActorVerifier
from uchat_platform.errors import InvalidInputError, NotPermittedError, UnauthenticatedError

NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)


@dataclass
class FixedClock:
    moment: datetime = NOON

    def now(self) -> datetime:
        return self.moment


@asynccontextmanager
async def serving(moment: datetime = NOON):
    keys = {name: Ed25519PrivateKey.generate() for name in ("ai-core", "sessions")}
    verifier = ActorVerifier({name: key.public_key() for name, key in keys.items()})
    service = MarketDataService(SyntheticMarketData("uchat", FixedClock(moment)))
    async with rpc.server([registration(service)], REQUIRES, verifier, "127.0.0.1", 0) as port:
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


async def test_quotes_say_that_they_are_simulated_and_when():
    async with serving() as (stub, signers):
        answer = await quotes(stub, signers["ai-core"], ["eth", "BTC", "NOPE", "btc"])
    assert [quote.symbol for quote in answer.quotes] == ["ETH", "BTC"]
    assert list(answer.unknown) == ["NOPE"]
    for quote in answer.quotes:
        assert quote.source == "synthetic"
        assert quote.simulated
        assert quote.as_of == "2026-11-22T12:00:00Z"
        assert Decimal(quote.bid) < Decimal(quote.ask)
        assert quote.quote_currency == "USDT"


async def test_two_servers_agree_and_the_change_is_that_of_the_walk():
    async with serving() as (stub, signers):
        first = await quotes(stub, signers["ai-core"], ["SOL"])
    async with serving() as (stub, signers):
        second = await quotes(stub, signers["ai-core"], ["SOL"])
    async with serving(NOON.replace(day=21)) as (stub, signers):
        before = await quotes(stub, signers["ai-core"], ["SOL"])
    assert first == second
    now, then = Decimal(first.quotes[0].price), Decimal(before.quotes[0].price)
    expected = ((now / then - 1) * 100).quantize(Decimal("0.01"))
    assert Decimal(first.quotes[0].change_24h_pct) == expected


async def test_a_person_may_ask_through_ai_core_and_a_stranger_may_not():
    person = Actor("user_01JD0000000000000000000000", frozenset({"trader"}), "web_chat")
    nobody = Actor("user_01JD0000000000000000000000", frozenset({"guestless"}), "web_chat")
    async with serving() as (stub, signers):
        assert (await quotes(stub, signers["ai-core"], ["BTC"], person)).quotes
        with pytest.raises(NotPermittedError):
            await quotes(stub, signers["ai-core"], ["BTC"], nobody)
        with pytest.raises(NotPermittedError):
            await quotes(stub, signers["sessions"], ["BTC"])
        stranger = ActorSigner("ai-core", Ed25519PrivateKey.generate())
        with pytest.raises(UnauthenticatedError):
            await quotes(stub, stranger, ["BTC"])


@pytest.mark.parametrize("symbols", [[], ["BTC"] * 51])
async def test_none_or_too_many_symbols_are_refused(symbols):
    async with serving() as (stub, signers):
        with pytest.raises(InvalidInputError):
            await quotes(stub, signers["ai-core"], symbols)


async def test_pages_cover_everything_once():
    async with serving() as (stub, signers):
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


async def test_decimals_of_an_instrument_are_those_of_its_prices():
    async with serving() as (stub, signers):
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
