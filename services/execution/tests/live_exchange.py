"""The simulator as if it were Binance, reached by ccxt, and the venue worker in front of it."""

import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from uchat_contracts.rpc.execution.v1.venue_worker_pb2_grpc import VenueWorkerStub
from uchat_execution.adapters.ccxt_api.client import CcxtClient
from uchat_execution.adapters.ccxt_api.exchange import CcxtExchange
from uchat_execution.adapters.postgres.venues import PostgresSealedKeys
from uchat_execution.adapters.venues_grpc import WorkerClient
from uchat_execution.app.live import Live
from uchat_execution.domain.venues import BY_NAME, Credentials
from uchat_execution.handlers.grpc import venue_worker
from uchat_execution.service.live.vault import Vault
from uchat_platform import rpc
from uchat_platform.auth import ActorSigner, ActorVerifier
from uchat_platform.clock import SystemClock
from uchat_platform.crypto import KeyRing
from uchat_platform.health import Health


@dataclass(frozen=True, repr=False)
class Account:
    """An account at the exchange, with its main key; further keys of it can be made."""

    http: httpx.AsyncClient
    main: Credentials

    async def key(self, **may):
        """Make a key that may do so much: by itself it only reads."""
        made = Credentials(secrets.token_hex(16), secrets.token_hex(16))
        body = {"account": self.main.api_key, "api_key": made.api_key, "secret": made.secret, **may}
        answer = await self.http.post("/sim/keys", json=body)
        assert answer.is_success, answer.text
        return made

    async def by_hand(self, what, **body):
        """Do something at the exchange that nobody here knows of."""
        answer = await self.http.post(f"/sim/{what}", json={"account": self.main.api_key, **body})
        assert answer.is_success, answer.text


async def at_exchange(http, **balances):
    """Open an account at the exchange; balances in units of each asset."""
    main = Credentials(secrets.token_hex(16), secrets.token_hex(16))
    body = {"api_key": main.api_key, "secret": main.secret, "balances": balances}
    answer = await http.post("/sim/accounts", json=body)
    assert answer.is_success, answer.text
    return Account(http, main)


@asynccontextmanager
async def binance_at(url, venue="binance", clock=None):
    """Yield the exchange as ccxt reaches it."""
    async with aiohttp.ClientSession() as session:
        client = CcxtClient(BY_NAME[venue], session, url)
        exchange = CcxtExchange(client, clock or SystemClock(), Health("venues"))
        await exchange.load()
        yield exchange


@asynccontextmanager
async def worker_of(exchanges, ring=None):
    """Serve the venue worker; yields what makes `Live` of a pool of connections."""
    key = Ed25519PrivateKey.generate()
    verifier = ActorVerifier({"execution": key.public_key()})
    vault = Vault(ring or KeyRing.from_key("k1", secrets.token_bytes(32)), exchanges)
    servicer = venue_worker.VenueWorkerServicer(vault)
    async with (
        rpc.server(
            [venue_worker.registration(servicer)], venue_worker.REQUIRES, verifier, "127.0.0.1", 0
        ) as port,
        rpc.channel(f"ipv4:127.0.0.1:{port}", retries=False) as channel,
    ):
        stub, signer = VenueWorkerStub(channel), ActorSigner("execution", key)
        yield lambda pool: Live.by(WorkerClient(stub, signer, PostgresSealedKeys(pool)))
