import json

import nkeys
import pytest

from uchat_contracts.rpc.execution.v1 import market_data_pb2 as pb
from uchat_contracts.rpc.execution.v1 import market_data_pb2_grpc as stubs
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor, ActorSigner, ActorVerifier
from uchat_platform.errors import (
    NotFoundError,
    NotPermittedError,
    UnauthenticatedError,
    UnavailableError,
)

PERSON = Actor("user_01JAAAAAAAAAAAAAAAAAAAAAAA", frozenset({"trader"}), "api")
METHOD = "/uchat.execution.v1.MarketData/GetQuotes"


class Quotes(stubs.MarketDataServicer):
    async def GetQuotes(self, request, context):
        if "NONE" in request.symbols:
            raise NotFoundError("No such symbol", code="symbol_unknown")
        signed = rpc.current_actor()
        return pb.GetQuotesResponse(unknown=[signed.actor.person_id, signed.service])


def make_seed(path) -> str:
    seed = nkeys.encode_seed(b"\x07" * 32, nkeys.PREFIX_BYTE_USER)
    path.write_bytes(seed)
    return nkeys.from_seed(bytearray(seed)).public_key.decode()


@pytest.fixture
def signer(tmp_path) -> ActorSigner:
    make_seed(tmp_path / "gateway.nk")
    return ActorSigner.load("gateway", tmp_path / "gateway.nk")


@pytest.fixture
def verifier(tmp_path, signer) -> ActorVerifier:
    keys = {"gateway": make_seed(tmp_path / "gateway.nk")}
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    return ActorVerifier.load(tmp_path / "keys.json")


def registration() -> rpc.Registration:
    return rpc.Registration(
        stubs.add_MarketDataServicer_to_server,
        Quotes(),
        pb.DESCRIPTOR.services_by_name["MarketData"],
    )


def requires(**kwargs) -> dict[str, rpc.Requires]:
    rule = rpc.Requires(services=frozenset({"gateway"}), **kwargs)
    service = pb.DESCRIPTOR.services_by_name["MarketData"]
    return {f"/{service.full_name}/{method.name}": rule for method in service.methods}


async def ask(port, signer, actor, *symbols):
    async with rpc.channel(f"ipv4:127.0.0.1:{port}") as channel:
        stub = stubs.MarketDataStub(channel)
        return await rpc.call(
            stub.GetQuotes, pb.GetQuotesRequest(symbols=symbols), signer=signer, actor=actor
        )


async def test_the_actor_arrives_with_the_service_that_vouches(signer, verifier):
    async with rpc.server([registration()], requires(), verifier, "127.0.0.1", 0) as port:
        answer = await ask(port, signer, PERSON, "BTC")
    assert list(answer.unknown) == [PERSON.person_id, "gateway"]


async def test_a_business_error_keeps_its_family_and_code(signer, verifier):
    async with rpc.server([registration()], requires(), verifier, "127.0.0.1", 0) as port:
        with pytest.raises(NotFoundError) as raised:
            await ask(port, signer, PERSON, "NONE")
    assert raised.value.code == "symbol_unknown"


async def test_a_call_without_a_valid_actor_is_refused(verifier):
    async with rpc.server([registration()], requires(), verifier, "127.0.0.1", 0) as port:
        async with rpc.channel(f"ipv4:127.0.0.1:{port}") as channel:
            call = stubs.MarketDataStub(channel).GetQuotes(pb.GetQuotesRequest(), timeout=2)
            with pytest.raises(Exception, match="actor") as raised:
                await call
    assert raised.value.code().name == "UNAUTHENTICATED"


async def test_a_changed_signature_is_refused(signer, verifier):
    token = signer.sign(PERSON)
    body, _, signature = token.partition(".")
    with pytest.raises(UnauthenticatedError):
        verifier.verify(f"{body}.{'A' * len(signature)}")
    with pytest.raises(UnauthenticatedError):
        verifier.verify(f"{body[:-4]}AAAA.{signature}")


async def test_a_role_that_is_not_declared_is_refused(signer, verifier):
    rule = requires(roles=frozenset({"admin"}))
    async with rpc.server([registration()], rule, verifier, "127.0.0.1", 0) as port:
        with pytest.raises(NotPermittedError):
            await ask(port, signer, PERSON, "BTC")


async def test_a_service_on_its_own_behalf_passes_only_where_declared(signer, verifier):
    async with rpc.server([registration()], requires(), verifier, "127.0.0.1", 0) as port:
        with pytest.raises(NotPermittedError):
            await ask(port, signer, SERVICE_ACTOR, "BTC")
    rule = requires(on_own_behalf=True)
    async with rpc.server([registration()], rule, verifier, "127.0.0.1", 0) as port:
        assert await ask(port, signer, SERVICE_ACTOR, "BTC")


async def test_a_method_that_declares_nothing_stops_the_start(verifier):
    declared = {METHOD: requires()[METHOD]}
    with pytest.raises(rpc.UndeclaredMethodError, match="ListInstruments"):
        async with rpc.server([registration()], declared, verifier, "127.0.0.1", 0):
            pass


async def test_a_server_that_is_away_is_unavailable(signer):
    with pytest.raises(UnavailableError):
        await ask(9, signer, PERSON, "BTC")
