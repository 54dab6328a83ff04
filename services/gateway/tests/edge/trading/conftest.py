"""The gateway over small loopback services for execution, links and deliveries."""

import uuid
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from uchat_contracts.ids import new_conversation_id, new_person_id, new_ulid
from uchat_contracts.people import Link
from uchat_contracts.rpc.execution.v1 import (
    decisions_pb2,
    decisions_pb2_grpc,
    portfolio_pb2,
    portfolio_pb2_grpc,
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
    Allocation,
    Approval,
    Card,
    Holding,
    KillSwitch,
    LegRequest,
    Mandate,
    Order,
    PlanRequest,
    Pnl,
    Portfolio,
    RiskLimits,
    Trade,
    Worth,
)
from uchat_gateway.settings import GatewaySettings
from uchat_platform import rpc
from uchat_platform.auth import ActorVerifier
from uchat_platform.errors import ConflictError, ExpiredError, NotFoundError, UchatError
from uchat_platform.testing import Servers

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
HASH = "ab" * 32
ONE = Decimal("1.50")


def page(items: list[Any], cursor: str, limit: int) -> tuple[list[Any], str]:
    start = int(cursor) if cursor.isdigit() else 0
    more = start + limit < len(items)
    return items[start : start + limit], str(start + limit) if more else ""


def holding(symbol: str) -> Holding:
    return Holding(symbol=symbol, name=symbol, free=ONE, reserved=ONE, quantity=ONE, realised=ONE)


def order(n: int) -> Order:
    return Order(
        order_id=f"o{n}",
        client_order_id=f"c{n}",
        symbol="BTC",
        side="buy",
        type="market",
        status="filled",
        quantity=ONE,
        filled=ONE,
        fee=ONE,
        fee_asset="USDT",
        created_at=AT,
        updated_at=AT,
    )


def trade(n: int) -> Trade:
    return Trade(
        trade_id=f"t{n}",
        order_id="o1",
        symbol="BTC",
        side="buy",
        quantity=ONE,
        price=ONE,
        fee=ONE,
        fee_asset="USDT",
        at=AT,
    )


@dataclass
class Execution:
    """A small execution service. `calls` holds (method, actor, request), in order."""

    calls: list[tuple[str, Any, Any]] = field(default_factory=list)
    cards: dict[str, Card] = field(default_factory=dict)
    mandates: dict[str, Mandate] = field(default_factory=dict)
    switches: dict[str, KillSwitch] = field(default_factory=dict)
    refuses: dict[str, UchatError] = field(default_factory=dict)

    def put(self, person: str, **fields: Any) -> Card:
        card = Card(
            **{
                "decision_id": str(uuid.uuid4()),
                "rev": 2,
                "version": 1,
                "state": "awaiting_approval",
                "session_id": new_conversation_id(),
                "user_id": person,
                "interface": "telegram",
                "proposed_at": AT,
                "updated_at": AT,
                "request": PlanRequest(legs=[LegRequest(symbol="BTC", side="buy", amount=ONE)]),
                "plan_hash": HASH,
                **fields,
            }
        )
        self.cards[card.decision_id] = card
        return card

    def called(self, method: str, request: Any) -> Any:
        actor = rpc.current_actor().actor
        self.calls.append((method, actor, request))
        if method in self.refuses:
            raise self.refuses[method]
        return actor

    def of(self, method: str) -> list[tuple[Any, Any]]:
        return [(actor, request) for name, actor, request in self.calls if name == method]

    def owned(self, person: str, decision_id: str) -> Card:
        card = self.cards.get(decision_id)
        if card is None or card.user_id != person:
            raise NotFoundError("There is no such decision")
        return card


@dataclass
class DecisionsService(decisions_pb2_grpc.DecisionsServicer):
    world: Execution

    async def ResolveDecision(self, request, context):
        actor = self.world.called("ResolveDecision", request)
        card = self.world.owned(actor.person_id, request.decision_id)
        status = "accepted"
        if card.resolved is not None:
            same = card.resolved.op_id == request.op_id
            status = "duplicate" if same else "already_resolved"
        elif card.state == "expired":
            status = "expired"
        elif request.plan_hash != card.plan_hash:
            status = "superseded"
        else:
            resolved = Approval(
                choice=request.choice,
                by=actor.person_id,
                via=actor.interface,
                at=AT,
                op_id=request.op_id,
            )
            state = "approved" if request.choice == "approve" else "rejected"
            card = card.model_copy(update={"resolved": resolved, "state": state, "rev": 3})
            self.world.cards[card.decision_id] = card
        return decisions_pb2.ResolveDecisionResponse(status=status, card=card.json_bytes())

    async def GetDecision(self, request, context):
        actor = self.world.called("GetDecision", request)
        card = self.world.owned(actor.person_id, request.decision_id)
        return decisions_pb2.DecisionCard(card=card.json_bytes())

    async def ListDecisions(self, request, context):
        actor = self.world.called("ListDecisions", request)
        mine = [card for card in self.world.cards.values() if card.user_id == actor.person_id]
        if request.states:
            mine = [
                card
                for card in mine
                if card.state in request.states or ("open" in request.states and card.is_open)
            ]
        found, following = page(mine, request.cursor, request.limit)
        return decisions_pb2.ListDecisionsResponse(
            cards=[card.json_bytes() for card in found], next=following
        )


@dataclass
class PortfoliosService(portfolio_pb2_grpc.PortfoliosServicer):
    world: Execution

    async def GetPortfolio(self, request, context):
        self.world.called("GetPortfolio", request)
        portfolio = Portfolio(
            account="acct_1",
            venue="paper",
            simulated=True,
            quote_currency="USDT",
            cash=Decimal(9_000),
            cash_reserved=Decimal(0),
            deposited=Decimal(10_000),
            realised=Decimal(0),
            holdings=[holding(symbol) for symbol in ("BTC", "ETH", "SOL")],
            as_of=AT,
        )
        return portfolio_pb2.GetPortfolioResponse(portfolio=portfolio.json_bytes())

    async def ListOrders(self, request, context):
        self.world.called("ListOrders", request)
        found, following = page([order(n) for n in range(3)], request.cursor, request.limit)
        return portfolio_pb2.ListOrdersResponse(
            orders=[each.json_bytes() for each in found], next=following
        )

    async def CancelOrders(self, request, context):
        self.world.called("CancelOrders", request)
        return portfolio_pb2.CancelOrdersResponse(orders=[order(1).json_bytes()])

    async def ListTrades(self, request, context):
        self.world.called("ListTrades", request)
        found, following = page([trade(n) for n in range(3)], request.cursor, request.limit)
        return portfolio_pb2.ListTradesResponse(
            trades=[each.json_bytes() for each in found], next=following
        )

    async def GetPnl(self, request, context):
        self.world.called("GetPnl", request)
        pnl = Pnl(since=AT, realised=ONE, fees=ONE, points=[Worth(at=AT, total=ONE)])
        return portfolio_pb2.GetPnlResponse(pnl=pnl.json_bytes())

    async def PlanAllocation(self, request, context):
        self.world.called("PlanAllocation", request)
        allocation = Allocation(
            amount=Decimal(request.amount),
            quote_currency="USDT",
            profile=request.profile,
            lines=[],
            cash=Decimal(request.amount),
            cash_weight=Decimal(1),
            method="all in cash",
            as_of=AT,
            simulated=True,
        )
        return portfolio_pb2.PlanAllocationResponse(allocation=allocation.json_bytes())

    async def BeginMerge(self, request, context):
        self.world.called("BeginMerge", request)
        return portfolio_pb2.BeginMergeResponse()

    async def FinishMerge(self, request, context):
        self.world.called("FinishMerge", request)
        return portfolio_pb2.FinishMergeResponse()


@dataclass
class SafetyService(safety_pb2_grpc.SafetyServicer):
    world: Execution

    def _state(self, person):
        off = KillSwitch(on=False, rev=0, user_id=person)
        switch = self.world.switches.get(person, off)
        return safety_pb2.KillSwitchState(kill_switch=switch.json_bytes())

    async def GetKillSwitch(self, request, context):
        return self._state(self.world.called("GetKillSwitch", request).person_id)

    async def SetKillSwitch(self, request, context):
        actor = self.world.called("SetKillSwitch", request)
        self.world.switches[actor.person_id] = KillSwitch(
            on=request.on,
            rev=1,
            user_id=actor.person_id,
            changed_at=AT,
            changed_via=actor.interface,
            effective_at=AT,
        )
        return self._state(actor.person_id)

    async def GetRiskLimits(self, request, context):
        self.world.called("GetRiskLimits", request)
        limits = RiskLimits(
            per_order=ONE,
            per_asset_share=Decimal("0.5"),
            daily_loss_share=Decimal("0.1"),
            price_collar_bps=50,
            orders_per_minute=30,
        )
        return safety_pb2.GetRiskLimitsResponse(limits=limits.json_bytes())

    async def ListMandates(self, request, context):
        actor = self.world.called("ListMandates", request)
        mine = [each for each in self.world.mandates.values() if each.user_id == actor.person_id]
        found, following = page(mine, request.cursor, request.limit)
        return safety_pb2.ListMandatesResponse(
            mandates=[each.json_bytes() for each in found], next=following
        )

    async def GrantMandate(self, request, context):
        actor = self.world.called("GrantMandate", request)
        mandate = Mandate(
            mandate_id=f"mandate_{new_ulid()}",
            user_id=actor.person_id,
            state="active",
            per_day=Decimal(request.per_day),
            used_today=Decimal(0),
            symbols=list(request.symbols),
            granted_at=AT,
            granted_via=actor.interface,
            expires_at=datetime.fromisoformat(request.expires_at),
        )
        self.world.mandates[mandate.mandate_id] = mandate
        return safety_pb2.MandateState(mandate=mandate.json_bytes())

    async def RevokeMandate(self, request, context):
        actor = self.world.called("RevokeMandate", request)
        held = self.world.mandates.get(request.mandate_id)
        if held is None or held.user_id != actor.person_id:
            raise NotFoundError("There is no such mandate")
        gone = held.model_copy(update={"state": "revoked", "revoked_via": actor.interface})
        self.world.mandates[held.mandate_id] = gone
        return safety_pb2.MandateState(mandate=gone.json_bytes())


@dataclass
class Outside:
    """People, their links and what was told them. `fails` raises in a method, once."""

    accounts: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    links: dict[str, tuple[str, Link]] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)
    calls: list[tuple[str, Any, Any]] = field(default_factory=list)
    refuses: dict[str, UchatError] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)

    def called(self, method: str, request: Any) -> Any:
        signed = rpc.current_actor()
        self.calls.append((method, signed.actor, request))
        if method in self.refuses:
            raise self.refuses[method]
        return signed.actor

    def add_link(self, person: str, state: str = "awaiting_confirmation") -> Link:
        link = Link(
            id=f"link_{new_ulid()}",
            provider="telegram",
            state=state,
            match_number="42",
            created_at=AT,
            updated_at=AT,
        )
        self.links[link.id] = (person, link)
        return link

    def owned(self, actor: Any, link_id: str) -> Link:
        person, link = self.links.get(link_id, ("", None))
        if link is None or person != actor.person_id:
            raise NotFoundError("There is no such link")
        return link


@dataclass
class People(sessions_pb2_grpc.SessionsServicer):
    world: Outside

    async def ResolveIdentity(self, request, context):
        person = self.world.accounts.setdefault(request.external_id, new_person_id())
        return sessions_pb2.Person(person_id=person, home_session_id=new_conversation_id())

    async def GetConversation(self, request, context):
        actor = self.world.called("GetConversation", request)
        if self.world.homes.get(request.session_id) != actor.person_id:
            raise NotFoundError("There is no such conversation")
        return sessions_pb2.Conversation(session_id=request.session_id)


@dataclass
class LinksService(links_pb2_grpc.LinksServicer):
    world: Outside

    async def RedeemContinueCode(self, request, context):
        actor = self.world.called("RedeemContinueCode", request)
        assert actor.is_service
        person = self.world.codes.get(request.code)
        if person is None:
            raise NotFoundError("There is no such code", code="code_invalid")
        if person == "":
            raise ExpiredError("This code was used", code="code_used")
        self.world.codes[request.code] = ""
        return links_pb2.RedeemContinueCodeResponse(
            person_id=person, home_session_id=new_conversation_id(), display_name="Tess"
        )

    async def CreateLinkCode(self, request, context):
        actor = self.world.called("CreateLinkCode", request)
        link = self.world.add_link(actor.person_id, "pending")
        return links_pb2.CreateLinkCodeResponse(
            code="c0de", expires_at=AT.isoformat(), link=link.json_bytes()
        )

    async def ListLinks(self, request, context):
        actor = self.world.called("ListLinks", request)
        mine = [link for person, link in self.world.links.values() if person == actor.person_id]
        found, following = page(mine, request.cursor, request.limit)
        return links_pb2.ListLinksResponse(
            links=[link.json_bytes() for link in found], next=following
        )

    async def GetLink(self, request, context):
        link = self.world.owned(self.world.called("GetLink", request), request.link_id)
        return links_pb2.GetLinkResponse(
            link=link.json_bytes(), other_person=self.world.others.get(link.id, "")
        )

    async def ConfirmLink(self, request, context):
        actor = self.world.called("ConfirmLink", request)
        return self._change(actor, request.link_id, "active", may_approve=request.may_approve)

    async def RevokeLink(self, request, context):
        return self._change(self.world.called("RevokeLink", request), request.link_id, "revoked")

    def _change(self, actor, link_id, state, **fields):
        link = self.world.owned(actor, link_id)
        if link.state == "revoked" and state == "active":
            raise ConflictError("This link was revoked", code="link_revoked")
        changed = link.model_copy(update={"state": state, **fields})
        self.world.links[link_id] = (actor.person_id, changed)
        self.world.others.pop(link_id, None)
        return links_pb2.LinkState(link=changed.json_bytes())


@dataclass
class DeliveriesService(deliveries_pb2_grpc.DeliveriesServicer):
    world: Outside

    async def ListDeliveries(self, request, context):
        self.world.called("ListDeliveries", request)
        wanted = [each for each in self.world.told if request.about in ("", each.about)]
        found, following = page(wanted, request.cursor, request.limit)
        return deliveries_pb2.ListDeliveriesResponse(deliveries=found, next=following)


SERVICES = (
    (decisions_pb2.DESCRIPTOR, "Decisions", decisions_pb2_grpc.add_DecisionsServicer_to_server),
    (portfolio_pb2.DESCRIPTOR, "Portfolios", portfolio_pb2_grpc.add_PortfoliosServicer_to_server),
    (safety_pb2.DESCRIPTOR, "Safety", safety_pb2_grpc.add_SafetyServicer_to_server),
    (sessions_pb2.DESCRIPTOR, "Sessions", sessions_pb2_grpc.add_SessionsServicer_to_server),
    (links_pb2.DESCRIPTOR, "Links", links_pb2_grpc.add_LinksServicer_to_server),
    (deliveries_pb2.DESCRIPTOR, "Deliveries", deliveries_pb2_grpc.add_DeliveriesServicer_to_server),
)


@pytest.fixture
def execution() -> Execution:
    return Execution()


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
async def people_addr(
    servers: Servers, execution: Execution, outside: Outside
) -> AsyncGenerator[str]:
    """All services on one port."""
    servicers = (
        DecisionsService(execution),
        PortfoliosService(execution),
        SafetyService(execution),
        People(outside),
        LinksService(outside),
        DeliveriesService(outside),
    )
    registrations, requires = [], {}
    for (file, name, add), servicer in zip(SERVICES, servicers, strict=True):
        descriptor = file.services_by_name[name]
        registrations.append(rpc.Registration(add, servicer, descriptor))
        for method in descriptor.methods:
            requires[f"/{descriptor.full_name}/{method.name}"] = rpc.Requires(
                frozenset({"gateway"}), on_own_behalf=True
            )
    verifier = ActorVerifier.load(servers.service_keys_file)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            rpc.server(registrations, requires, verifier, "127.0.0.1", 0)
        )
        yield f"ipv4:127.0.0.1:{port}"


@pytest.fixture
def settings(settings: GatewaySettings, people_addr: str) -> GatewaySettings:
    return settings.model_copy(
        update={
            "execution_addr": people_addr,
            "notifier_addr": people_addr,
            "telegram_bot": "uchat_bot",
        }
    )
