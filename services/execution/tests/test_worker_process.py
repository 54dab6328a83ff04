"""The venue worker as its own process: it serves execution alone, and ends in an orderly way."""

import asyncio
import base64
import json
import os
import secrets
import signal
import sys

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from services.execution.tests.live_exchange import at_exchange

from uchat_contracts.rpc.execution.v1 import venue_worker_pb2 as pb
from uchat_contracts.rpc.execution.v1.venue_worker_pb2_grpc import VenueWorkerStub
from uchat_execution.ports import venue_worker as wire
from uchat_execution.worker.settings import WorkerSettings
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, ActorSigner
from uchat_platform.embedded.ports import free_ports
from uchat_platform.errors import InvalidInputError, NotPermittedError
from uchat_platform.testing import eventually
from uchat_sim_exchange.testing import exchange_server
from uchat_stack import nkey


def signers_and_keys(directory):
    """Signers of two services, and the file by which a server knows them."""
    keys = {name: Ed25519PrivateKey.generate() for name in ("execution", "gateway")}
    public = {name: nkey.public(key.public_key().public_bytes_raw()) for name, key in keys.items()}
    (directory / "service_keys.json").write_text(json.dumps(public))
    secret = directory / "venues"
    secret.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    secret.chmod(0o600)
    return {name: ActorSigner(name, key) for name, key in keys.items()}


@pytest.mark.integration
@pytest.mark.timeout(60)
async def test_it_seals_keys_for_execution_and_for_nobody_else(tmp_path):
    signers = signers_and_keys(tmp_path)
    grpc_port, health_port = free_ports(2)
    async with exchange_server(tmp_path / "exchange") as url:
        environment = {
            **os.environ,  # noqa: TID251 - a child gets what this process has
            "UCHAT_VENUES": "binance",
            "UCHAT_VENUE_URLS": json.dumps({"binance": url}),
            "UCHAT_VENUE_KEY_FILE": str(tmp_path / "venues"),
            "UCHAT_SERVICE_KEYS_FILE": str(tmp_path / "service_keys.json"),
            "UCHAT_GRPC_PORT": str(grpc_port),
            "UCHAT_HEALTH_PORT": str(health_port),
        }
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "uchat_execution.worker"), env=environment
        )
        try:
            async with (
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{health_port}") as health,
                httpx.AsyncClient(base_url=url) as simulator,
                rpc.channel(f"ipv4:127.0.0.1:{grpc_port}", retries=False) as channel,
            ):

                async def ready():
                    try:
                        return (await health.get("/readyz")).is_success
                    except httpx.TransportError:
                        return False

                await eventually(ready, timeout_s=30, every_s=0.1)
                stub = VenueWorkerStub(channel)

                async def ask(method, request, service="execution"):
                    return await rpc.call(
                        method, request, signer=signers[service], actor=SERVICE_ACTOR, timeout_s=20
                    )

                served = await ask(stub.Served, pb.VenueCall())
                assert wire.read(wire.Symbols, served.body) == ["binance"]
                account = await at_exchange(simulator, USDT="7")
                key = await account.key()
                wish = pb.SealKeyRequest(
                    venue="binance", account="acct_1", api_key=key.api_key, secret=key.secret
                )
                with pytest.raises(NotPermittedError):
                    await ask(stub.Seal, wish, "gateway")
                sealed = (await ask(stub.Seal, wish)).sealed
                assert key.secret.encode() not in sealed
                call = pb.VenueCall(venue="binance", account="acct_1", sealed=sealed)
                held = await ask(stub.Balances, call)
                assert {*wire.read(wire.Balances, held.body)} == {"USDT"}
                # Sealed for one account, it opens no other one.
                other = pb.VenueCall(venue="binance", account="acct_2", sealed=sealed)
                with pytest.raises(InvalidInputError, match="cannot be opened"):
                    await ask(stub.Balances, other)
            running.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(running.wait(), 15) == 0
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()


def test_it_refuses_to_start_for_what_it_does_not_know_and_on_a_simulator_in_production(tmp_path):
    with pytest.raises(ValidationError, match="no such exchange: mtgox"):
        WorkerSettings(venues="binance,mtgox")
    real = {
        "environment": "production",
        "service_keys_file": tmp_path / "keys",
        "venue_key_file": tmp_path / "venues",
    }
    assert WorkerSettings(**real).environment == "production"
    with pytest.raises(ValidationError, match="refused in production"):
        WorkerSettings(**real, venue_urls={"binance": "http://127.0.0.1:1"})
    with pytest.raises(ValidationError, match="are needed"):
        WorkerSettings(environment="production", service_keys_file=tmp_path / "keys")
