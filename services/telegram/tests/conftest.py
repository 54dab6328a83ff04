"""A replica of the adapter on real NATS and Postgres, against the simulated Telegram.

The other services are small gRPC servers that remember what they were asked.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from services.telegram.tests.around import NOW, FakeExecution

import uchat_telegram
from uchat_contracts import ids, subjects
from uchat_contracts.events import Delivery, MessageData, MessageReceived
from uchat_contracts.parts import Origin, Part
from uchat_contracts.people import Link
from uchat_contracts.rpc.execution.v1 import (
    alerts_pb2,
    alerts_pb2_grpc,
    decisions_pb2,
    decisions_pb2_grpc,
    safety_pb2,
    safety_pb2_grpc,
)
from uchat_contracts.rpc.notifier.v1 import deliveries_pb2, deliveries_pb2_grpc
from uchat_contracts.rpc.sessions.v1 import (
    links_pb2,
    links_pb2_grpc,
    sessions_pb2,
    sessions_pb2_grpc,
)
from uchat_contracts.trading import (
    Card,
    Collar,
    Effect,
    Leg,
    LegRequest,
    OrderResult,
    Plan,
    PlanRequest,
    Result,
)
from uchat_platform import rpc
from uchat_platform.auth import ActorVerifier
from uchat_platform.bus import Bus, PartitionReader
from uchat_platform.errors import NotFoundError, UnavailableError
from uchat_platform.health import Health
from uchat_platform.process import ProcessContext
from uchat_platform.testing import Servers
from uchat_platform.testing.fixtures import BusFor, FreshDatabase
from uchat_sim_telegram.app import running as running_simulator
from uchat_sim_telegram.server import Simulator
from uchat_sim_telegram.settings import SimulatorSettings
from uchat_sim_telegram.world import Message, User
from uchat_telegram.app import App, build_app, run_app
from uchat_telegram.settings import TelegramSettings

MIGRATIONS = Path(uchat_telegram.__file__).parent / "migrations" / "versions"


class FakeSessions(sessions_pb2_grpc.SessionsServicer, links_pb2_grpc.LinksServicer):
    """People by Telegram id; entries of logs by (log, seq)."""

    def __init__(self) -> None:
        self.people: dict[str, tuple[str, str]] = {}
        self.entries: dict[tuple[str, int], bytes] = {}
        self.codes = itertools.count(1)
        self.away = False
        self.claims: list[bool] = []
        self.verdicts: dict[str, tuple[str, str]] = {}

    def person(self, user_id: int) -> tuple[str, str]:
        new = (ids.new_person_id(), ids.new_conversation_id())
        return self.people.setdefault(str(user_id), new)

    async def ResolveIdentity(self, request: Any, context: Any) -> Any:
        if self.away:
            raise UnavailableError("away")
        person, home = self.person(int(request.external_id))
        return sessions_pb2.Person(person_id=person, home_session_id=home)

    async def GetVerdict(self, request: Any, context: Any) -> Any:
        status, code = self.verdicts.get(request.client_msg_id, ("accepted", ""))
        return sessions_pb2.AppendResponse(status=status, code=code)

    async def ReadLog(self, request: Any, context: Any) -> Any:
        entry = self.entries.get((request.log, request.after + 1))
        return sessions_pb2.ReadLogResponse(entries=[entry] if entry else [])

    async def CreateContinueCode(self, request: Any, context: Any) -> Any:
        return links_pb2.CreateContinueCodeResponse(code=f"code{next(self.codes)}")

    async def ClaimLinkCode(self, request: Any, context: Any) -> Any:
        if request.code != "good-code":
            raise NotFoundError("No such code", code="code_unknown")
        self.claims.append(request.accept)
        link = Link(
            id="link_1", provider="telegram", state="awaiting_confirmation",
            match_number="47", created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        return links_pb2.ClaimLinkCodeResponse(link=link.json_bytes(), masked_account="a…@e….org")


class FakeNotifier(deliveries_pb2_grpc.DeliveriesServicer):
    """What was reported, by delivery."""

    def __init__(self) -> None:
        self.reported: dict[str, Any] = {}
        self.away = False

    async def Report(self, request: Any, context: Any) -> Any:
        if self.away:
            raise UnavailableError("away")
        for one in request.reported:
            self.reported[one.delivery_id] = one
        return deliveries_pb2.ReportResponse()

    def statuses(self, *deliveries: Delivery) -> list[str]:
        found = (self.reported.get(each.delivery_id) for each in deliveries)
        return ["" if one is None else one.status for one in found]


@dataclass(repr=False)
class World:
    """Everything around the adapter."""

    servers: Servers
    settings: TelegramSettings
    simulator: Simulator
    sessions: FakeSessions
    execution: FakeExecution
    notifier: FakeNotifier
    bus: Bus
    reader: PartitionReader
    received: list[MessageReceived] = field(default_factory=list[MessageReceived])
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    # Telegram's side

    @staticmethod
    def text_of(message: Message) -> str:
        return text_of(message)

    @staticmethod
    def labels(message: Message) -> list[str]:
        return [button["text"] for row in message.keyboard for button in row]

    @staticmethod
    def data_of(message: Message, label: str) -> str:
        buttons = (button for row in message.keyboard for button in row)
        return next(button["callback_data"] for button in buttons if button["text"] == label)

    @staticmethod
    def data(card: Card, choice: str) -> str:
        return f"d:{card.decision_id}:{choice}:{str(card.plan_hash)[:16]}"

    def join(self, name: str = "Ada") -> User:
        return self.simulator.world.add_user(name, name.lower())

    def write(self, user: User, text: str) -> Message:
        return self.simulator.say(self.simulator.world.private_chat(user.id), user, text)

    def press(self, user: User, message: Message, data: str) -> Any:
        chat = self.simulator.world.private_chat(user.id)
        return self.simulator.press(chat, user, message, data)

    def told(self, user: User) -> list[Message]:
        chat = self.simulator.world.private_chat(user.id)
        return [m for m in chat.messages.values() if m.sender is None and not m.deleted]

    def texts(self, user: User) -> list[str]:
        return [text_of(message) for message in self.told(user)]

    # the other services' side

    def messages(self) -> list[MessageReceived]:
        for each in self.reader.take(1000):
            self.received.append(MessageReceived.model_validate_json(each.payload))
        return self.received

    async def deliver(self, user: User, kind: str, about: str, data: Any, rev: int = 0) -> Delivery:
        person, home = self.sessions.person(user.id)
        seq = next(self.numbers)
        delivery = Delivery(
            delivery_id=ids.new_ulid(), user_id=person, interface="telegram",
            address=str(user.id), log=home, seq=seq, kind=kind, about=about, rev=rev,
            data=orjson.loads(data.json_bytes()), occurred_at=datetime.now(UTC),
        )  # fmt: skip
        await self.bus.publish(
            subjects.delivery("telegram", str(user.id)), delivery.json_bytes(),
            stream=subjects.DELIVERIES, msg_id=delivery.nats_msg_id(), timeout_s=20,
        )  # fmt: skip
        return delivery

    async def answer(self, user: User, text: str, *parts: Part, mode: str = "quick") -> Delivery:
        message_id = ids.new_message_id()
        said = [Part(type="text", text=text)] if text else []
        data = MessageData(
            message_id=message_id, role="assistant", parts=[*said, *parts],
            origin=Origin(interface="telegram"), mode=mode, asked_via="telegram",
        )  # fmt: skip
        return await self.deliver(user, "message", f"answer:{message_id}", data)

    async def show_card(self, card: Card, user: User) -> Delivery:
        self.execution.cards[card.decision_id] = card
        kind = "decision" if card.resolved is None else "decision.resolved"
        return await self.deliver(user, kind, f"decision:{card.decision_id}", card, card.rev)

    def card(self, user: User, number: int = 1, **more: Any) -> Card:
        person, home = self.sessions.person(user.id)
        decision_id = ids.derived_decision_id(f"turn_{ids.new_ulid()}", number)
        leg = Leg(
            n=1, symbol="BTC", side="buy", type="market", quantity=Decimal("0.01"),
            price=Decimal("96012.5"), notional=Decimal("960.125"), fee=Decimal("0.96"),
            fee_asset="USDT",
        )  # fmt: skip
        plan = Plan(
            account="acct_1", venue="paper", simulated=True, quote_currency="USDT", legs=[leg],
            collar=Collar(max_deviation_bps=100, as_of=NOW), total=Decimal("960.125"),
            fees=Decimal("0.96"), expires_at=NOW + timedelta(minutes=2),
        )  # fmt: skip
        effect = Effect(
            cash_before=Decimal(10000), cash_after=Decimal("9038.915"),
            holdings_before={}, holdings_after={"BTC": Decimal("0.01")},
        )  # fmt: skip
        request = PlanRequest(legs=[LegRequest(symbol="BTC", side="buy", quantity=Decimal("0.01"))])
        fields: dict[str, Any] = {
            "rev": 2, "version": 1, "state": "awaiting_approval", "interface": "web_chat",
            "proposed_at": NOW, "updated_at": NOW, "expires_at": NOW + timedelta(minutes=2),
            "plan": plan, "plan_hash": plan.hash(decision_id, person, 1), "effect": effect,
        }  # fmt: skip
        return Card(
            decision_id=decision_id, session_id=home, user_id=person, request=request,
            **{**fields, **more},
        )  # fmt: skip

    def executed(self, card: Card) -> Card:
        order = OrderResult(
            leg=1, order_id="1", client_order_id="c", symbol="BTC", side="buy", status="filled",
            quantity=Decimal("0.01"), filled=Decimal("0.01"), average_price=Decimal("96012.5"),
            fee=Decimal("0.96"), fee_asset="USDT", at=NOW,
        )  # fmt: skip
        done = Result(orders=[order], at=NOW)
        return card.model_copy(update={"state": "executed", "result": done, "rev": card.rev + 1})


def text_of(message: Message) -> str:
    from uchat_sim_telegram.rich import flat

    body = message.body
    return body["text"] if "text" in body else flat(body["rich_message"]["blocks"])


class Replica:
    """A running replica; `kill` ends it without any farewell."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(run_app(app, self.stop))

    async def end(self) -> None:
        self.stop.set()
        await asyncio.wait([self.task])
        if not self.task.cancelled() and (error := self.task.exception()) is not None:
            raise error


Run = Callable[..., Any]


@asynccontextmanager
async def running(settings: TelegramSettings) -> AsyncIterator[Replica]:
    context = ProcessContext("telegram", Health("telegram"))
    async with build_app(settings, context) as app:
        replica = Replica(app)
        try:
            yield replica
        finally:
            await replica.end()


_ALERTS = (alerts_pb2, "Alerts")
_DECISIONS = (decisions_pb2, "Decisions")
_DELIVERIES = (deliveries_pb2, "Deliveries")
_REQUIRES = rpc.Requires(frozenset({"telegram"}), on_own_behalf=True)


@pytest_asyncio.fixture
async def world(
    clean_streams: Servers, postgres_database: FreshDatabase, bus_for: BusFor
) -> AsyncIterator[World]:
    sessions, execution, notifier = FakeSessions(), FakeExecution(), FakeNotifier()
    services = {
        "sessions": [
            (sessions_pb2_grpc.add_SessionsServicer_to_server, sessions, sessions_pb2, "Sessions"),
            (links_pb2_grpc.add_LinksServicer_to_server, sessions, links_pb2, "Links"),
        ],
        "execution": [
            (decisions_pb2_grpc.add_DecisionsServicer_to_server, execution, *_DECISIONS),
            (safety_pb2_grpc.add_SafetyServicer_to_server, execution, safety_pb2, "Safety"),
            (alerts_pb2_grpc.add_AlertsServicer_to_server, execution.alerts, *_ALERTS),
        ],
        "notifier": [
            (deliveries_pb2_grpc.add_DeliveriesServicer_to_server, notifier, *_DELIVERIES),
        ],
    }  # fmt: skip
    verifier = ActorVerifier.load(clean_streams.service_keys_file)
    dsn = await postgres_database("telegram", MIGRATIONS)
    async with AsyncExitStack() as stack:
        simulator, url = await stack.enter_async_context(
            running_simulator(SimulatorSettings(), port=0)
        )
        addresses = {}
        for name, parts in services.items():
            registered = [
                rpc.Registration(add, servicer, module.DESCRIPTOR.services_by_name[service])
                for add, servicer, module, service in parts
            ]
            requires = {
                f"/{one.descriptor.full_name}/{method.name}": _REQUIRES
                for one in registered
                for method in one.descriptor.methods
            }
            port = await stack.enter_async_context(
                rpc.server(registered, requires, verifier, "127.0.0.1", 0)
            )
            addresses[f"{name}_addr"] = f"ipv4:127.0.0.1:{port}"
        settings = TelegramSettings(
            **clean_streams.values("telegram"), postgres_dsn=dsn, telegram_token="42:simulated",
            telegram_api=url, public_url="http://127.0.0.1:8000",
            telegram_poll=timedelta(seconds=2), **addresses,
        )  # fmt: skip
        bus = await bus_for("notifier")
        spy = await bus_for("sessions")
        everything = "uchat.proposed.v1.*.message.*"
        reader = await stack.enter_async_context(
            PartitionReader(spy, subjects.PROPOSED, everything, 0)
        )
        yield World(clean_streams, settings, simulator, sessions, execution, notifier, bus, reader)


@pytest.fixture
def run() -> Run:
    return running


@pytest_asyncio.fixture
async def replica(world: World) -> AsyncIterator[Replica]:
    async with running(world.settings) as one:
        yield one
