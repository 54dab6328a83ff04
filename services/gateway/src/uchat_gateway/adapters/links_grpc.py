"""Links and deliveries by gRPC: the sessions service and the notifier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from uchat_contracts.rpc.notifier.v1 import deliveries_pb2
from uchat_contracts.rpc.sessions.v1 import links_pb2
from uchat_gateway.ports.links import Delivered, FoundLink, LinkCode, Redeemed
from uchat_gateway.ports.trading import JsonPage
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor, ActorSigner

if TYPE_CHECKING:
    from uchat_contracts.rpc.notifier.v1.deliveries_pb2_grpc import DeliveriesAsyncStub
    from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import LinksAsyncStub

_CALL_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class GrpcLinks:
    """Calls `Links` for an actor; see `ports.links` for each method."""

    stub: "LinksAsyncStub"
    signer: ActorSigner

    async def redeem(self, code: str) -> Redeemed:
        """Use a code up, on the gateway's own behalf: nobody is signed in yet."""
        request = links_pb2.RedeemContinueCodeRequest(code=code)
        response: links_pb2.RedeemContinueCodeResponse = await self._call(
            self.stub.RedeemContinueCode, request, SERVICE_ACTOR
        )
        return Redeemed(response.person_id, response.home_session_id, response.display_name)

    async def create_code(self, actor: Actor, provider: str, account: str) -> LinkCode:
        """Make a code."""
        request = links_pb2.CreateLinkCodeRequest(provider=provider, account=account)
        response: links_pb2.CreateLinkCodeResponse = await self._call(
            self.stub.CreateLinkCode, request, actor
        )
        link: dict[str, Any] = orjson.loads(response.link)
        return LinkCode(link["id"], response.code, response.expires_at)

    async def list(self, actor: Actor, *, cursor: str, limit: int) -> JsonPage:
        """Return a page of links."""
        request = links_pb2.ListLinksRequest(cursor=cursor, limit=limit)
        response: links_pb2.ListLinksResponse = await self._call(
            self.stub.ListLinks, request, actor
        )
        return JsonPage(list(response.links), response.next or None)

    async def get(self, actor: Actor, link_id: str) -> FoundLink:
        """Return what a confirmation will join."""
        request = links_pb2.GetLinkRequest(link_id=link_id)
        response: links_pb2.GetLinkResponse = await self._call(self.stub.GetLink, request, actor)
        link: dict[str, Any] = orjson.loads(response.link)
        return FoundLink(link["state"], response.other_person or None)

    async def confirm(self, actor: Actor, link_id: str, *, may_approve: bool) -> bytes:
        """Make the identity the actor's."""
        request = links_pb2.ConfirmLinkRequest(link_id=link_id, may_approve=may_approve)
        response: links_pb2.LinkState = await self._call(self.stub.ConfirmLink, request, actor)
        return response.link

    async def revoke(self, actor: Actor, link_id: str) -> bytes:
        """End a link."""
        request = links_pb2.RevokeLinkRequest(link_id=link_id)
        response: links_pb2.LinkState = await self._call(self.stub.RevokeLink, request, actor)
        return response.link

    async def _call(self, method: Any, request: Any, actor: Actor) -> Any:
        return await rpc.call(method, request, signer=self.signer, actor=actor, timeout_s=_CALL_S)


@dataclass(frozen=True, slots=True)
class GrpcDeliveries:
    """Calls the notifier's ledger for an actor."""

    stub: "DeliveriesAsyncStub"
    signer: ActorSigner

    async def list(
        self, actor: Actor, *, about: str, cursor: str, limit: int
    ) -> tuple[Sequence[Delivered], str | None]:
        """Return a page of deliveries."""
        response = await rpc.call(
            self.stub.ListDeliveries,
            deliveries_pb2.ListDeliveriesRequest(about=about, cursor=cursor, limit=limit),
            signer=self.signer,
            actor=actor,
            timeout_s=_CALL_S,
        )
        return [_delivered(each) for each in response.deliveries], response.next or None


def _delivered(record: deliveries_pb2.DeliveryRecord) -> Delivered:
    return Delivered(
        delivery_id=record.delivery_id,
        interface=record.interface,
        kind=record.kind,
        about=record.about,
        status=record.status,
        queued_at=record.queued_at,
        delivered_at=record.delivered_at or None,
    )
