"""People, their links and what was told them: the services beside execution."""

from dataclasses import dataclass, field
from typing import Any

from services.gateway.tests.edge.trading.around.execution import AT, page
from services.gateway.tests.edge.trading.around.memories import Conversations

from uchat_contracts.events import MessageReceived
from uchat_contracts.ids import new_conversation_id, new_person_id, new_ulid
from uchat_contracts.people import Link
from uchat_contracts.rpc.notifier.v1 import deliveries_pb2, deliveries_pb2_grpc
from uchat_contracts.rpc.sessions.v1 import (
    links_pb2,
    links_pb2_grpc,
    sessions_pb2,
    sessions_pb2_grpc,
)
from uchat_platform import rpc
from uchat_platform.errors import ConflictError, ExpiredError, NotFoundError, UchatError


@dataclass(repr=False)
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
    conversations: Conversations = field(default_factory=Conversations)

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

    async def Append(self, request, context):
        self.world.called("Append", request)
        seq = self.world.conversations.append(MessageReceived.model_validate_json(request.message))
        return sessions_pb2.AppendResponse(status="accepted", seq=seq)


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
