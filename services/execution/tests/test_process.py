"""The service as its own process: health, gRPC, the consumer, the end."""

import asyncio
import base64
import json
import os
import secrets
import signal
import sys
from contextlib import asynccontextmanager
from decimal import Decimal

import httpx
import pytest
from services.execution.tests.world import VERSIONS, buy, proposed

from uchat_contracts import subjects
from uchat_contracts.rpc.execution.v1 import decisions_pb2, portfolio_pb2, safety_pb2
from uchat_contracts.rpc.execution.v1.decisions_pb2_grpc import DecisionsStub
from uchat_contracts.rpc.execution.v1.portfolio_pb2_grpc import PortfoliosStub
from uchat_contracts.rpc.execution.v1.safety_pb2_grpc import SafetyStub
from uchat_contracts.trading import Card, KillSwitch, Portfolio
from uchat_platform import rpc
from uchat_platform.auth import Actor, ActorSigner
from uchat_platform.embedded.ports import free_ports
from uchat_platform.errors import NotFoundError, NotPermittedError
from uchat_platform.testing import eventually
from uchat_sim_exchange.testing import exchange_server

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


@asynccontextmanager
async def process(servers, dsn, url, tmp_path):
    grpc_port, health_port = free_ports(2)
    secret = tmp_path / "secret"
    secret.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    environment = {
        **os.environ,  # noqa: TID251 - a child gets what this process has
        "UCHAT_GRPC_PORT": str(grpc_port),
        "UCHAT_HEALTH_PORT": str(health_port),
        "UCHAT_NATS_URL": servers.nats_url,
        "UCHAT_NKEY_SEED_FILE": str(servers.seeds["execution"]),
        "UCHAT_SERVICE_KEYS_FILE": str(servers.service_keys_file),
        "UCHAT_POSTGRES_DSN": dsn,
        "UCHAT_EXCHANGE_URL": url,
        "UCHAT_PAPER_SECRET_FILE": str(secret),
        "UCHAT_MANDATE_KEY_FILE": str(secret),
    }
    with (tmp_path / "log").open("wb") as log:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "uchat_execution.app"),
            env=environment,
            stdout=log,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{health_port}") as http:

            async def ready():
                try:
                    return (await http.get("/readyz")).is_success
                except httpx.TransportError:
                    return False

            await eventually(ready, timeout_s=20, every_s=0.05)
        yield running, grpc_port
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def test_a_proposal_on_the_bus_becomes_a_card_and_outcomes_in_both_logs(
    clean_streams, bus_for, postgres_database, tmp_path, person
):
    dsn = await postgres_database("execution", VERSIONS)
    sessions = await bus_for("sessions")
    provisioner = await bus_for("provisioner")
    event = proposed(person, [buy("0.01")])
    subject = subjects.decision("proposed", event.decision_id)
    msg_id = f"decision:{event.decision_id}:proposed"
    async with (
        exchange_server(tmp_path / "exchange") as url,
        process(clean_streams, dsn, url, tmp_path) as (running, port),
    ):
        # What can never be read stops nothing.
        bad = subjects.decision("proposed", "nonsense")
        await sessions.publish(bad, b'{"no": 1}', stream=subjects.TRADING, msg_id="bad")
        await sessions.publish(subject, event.json_bytes(), stream=subjects.TRADING, msg_id=msg_id)
        channel = rpc.channel(f"ipv4:127.0.0.1:{port}")
        signer = ActorSigner.load("gateway", clean_streams.seeds["gateway"])
        actor = Actor(person, frozenset({"trader"}), "web_ui")

        async def ask(method, request, signer=signer, actor=actor):
            return await rpc.call(method, request, signer=signer, actor=actor, timeout_s=10)

        stub = DecisionsStub(channel)

        async def card():
            request = decisions_pb2.ListDecisionsRequest(limit=5, states=["open"])
            found = (await ask(stub.ListDecisions, request)).cards
            return Card.model_validate_json(found[0]) if found else None

        waiting = await eventually(card, timeout_s=10, every_s=0.05)
        assert waiting.state == "awaiting_approval", waiting.reason
        resolve = decisions_pb2.ResolveDecisionRequest(
            decision_id=waiting.decision_id, choice="approve", plan_hash=waiting.plan_hash,
            op_id="o1", wait_ms=8000,
        )  # fmt: skip
        brain = ActorSigner.load("ai-core", clean_streams.seeds["ai-core"])
        with pytest.raises(NotPermittedError):
            await ask(stub.ResolveDecision, resolve, signer=brain)
        answer = await ask(stub.ResolveDecision, resolve)
        done = Card.model_validate_json(answer.card)
        assert (answer.status, done.state) == ("accepted", "executed")
        portfolio = Portfolio.model_validate_json(
            (
                await ask(PortfoliosStub(channel).GetPortfolio, portfolio_pb2.GetPortfolioRequest())
            ).portfolio
        )
        assert portfolio.holdings[0].quantity == Decimal("0.01")
        allocation = await ask(
            PortfoliosStub(channel).PlanAllocation,
            portfolio_pb2.PlanAllocationRequest(amount="5000"),
        )
        lines = json.loads(allocation.allocation)["lines"]
        assert len(lines) >= 4
        safety = SafetyStub(channel)
        request = safety_pb2.SetKillSwitchRequest(on=True)
        thrown = await ask(safety.SetKillSwitch, request, signer=brain)
        assert KillSwitch.model_validate_json(thrown.kill_switch).on
        request = safety_pb2.SetKillSwitchRequest(on=False)
        with pytest.raises(NotPermittedError):
            await ask(safety.SetKillSwitch, request, signer=brain)
        await channel.close()

        states = await published(provisioner, "uchat.decision.v1.*." + event.decision_id)
        names = [subject.split(".")[3] for subject in states]
        assert names == ["proposed", "awaiting_approval", "approved", "executing", "executed"]
        outcomes = await published(provisioner, f"uchat.proposed.v1.*.outcome.{person}", "PROPOSED")
        assert len(outcomes) >= 5
        dead = await eventually(lambda: published(provisioner, "uchat.dlq.v1.execution.*", "DLQ"))
        assert len(dead) == 1
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 10) == 0


async def published(bus, subject, stream="TRADING"):
    """The subjects of what a stream holds, in order."""
    found, after = [], 0
    while True:
        request = {"seq": after + 1, "next_by_subj": subject}
        try:
            message = (await bus.api(f"STREAM.MSG.GET.{stream}", request))["message"]
        except NotFoundError:
            return found
        after = message["seq"]
        found.append(message["subject"])
