"""How a person's interfaces come together, over gRPC."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from uchat_contracts.rpc.sessions.v1 import links_pb2 as pb
from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import LinksServicer
from uchat_platform.errors import InvalidInputError
from uchat_platform.rpc import Requires, current_actor
from uchat_sessions.domain.links import Claimant
from uchat_sessions.handlers.grpc import cursors
from uchat_sessions.ports import Channels
from uchat_sessions.service.linking import Linking

_SERVICE: Final = "/uchat.sessions.v1.Links"
_GATEWAY: Final = frozenset({"gateway"})
_TELEGRAM: Final = frozenset({"telegram"})
_DOORS: Final = _GATEWAY | _TELEGRAM
_READ: Final = frozenset({"viewer", "trader", "approver", "admin"})
_WRITE: Final = frozenset({"trader", "approver", "admin"})
_LONGEST_PAGE: Final = 200
_DEFAULT_PAGE: Final = 50

REQUIRES: Final = {
    f"{_SERVICE}/{method}": requires
    for method, requires in {
        "ListChannels": Requires(_DOORS | {"notifier"}, _READ, on_own_behalf=True),
        "CreateContinueCode": Requires(_DOORS, _WRITE),
        "RedeemContinueCode": Requires(_GATEWAY, on_own_behalf=True),
        "CreateLinkCode": Requires(_GATEWAY, _WRITE),
        "ClaimLinkCode": Requires(_TELEGRAM, on_own_behalf=True),
        "ListLinks": Requires(_DOORS, _READ),
        "GetLink": Requires(_GATEWAY, _READ),
        "ConfirmLink": Requires(_GATEWAY, _WRITE),
        "RevokeLink": Requires(_DOORS, _WRITE),
    }.items()
}


@dataclass(frozen=True, slots=True)
class LinksHandlers(LinksServicer):
    """Decodes a request, calls one use case, encodes the answer."""

    channels: Channels
    linking: Linking

    async def CreateContinueCode(
        self, request: pb.CreateContinueCodeRequest, context: Any
    ) -> pb.CreateContinueCodeResponse:
        code, ends = await self.linking.continue_code(current_actor().actor)
        return pb.CreateContinueCodeResponse(code=code, expires_at=_time(ends))

    async def RedeemContinueCode(
        self, request: pb.RedeemContinueCodeRequest, context: Any
    ) -> pb.RedeemContinueCodeResponse:
        person = await self.linking.redeem(request.code)
        return pb.RedeemContinueCodeResponse(
            person_id=person.person,
            home_session_id=person.home,
            display_name=person.display_name,
        )

    async def CreateLinkCode(
        self, request: pb.CreateLinkCodeRequest, context: Any
    ) -> pb.CreateLinkCodeResponse:
        code, ends, link = await self.linking.link_code(
            current_actor().actor, request.provider, request.account
        )
        return pb.CreateLinkCodeResponse(code=code, expires_at=_time(ends), link=link.json_bytes())

    async def ClaimLinkCode(
        self, request: pb.ClaimLinkCodeRequest, context: Any
    ) -> pb.ClaimLinkCodeResponse:
        claimant = Claimant(request.provider, request.external_id, request.display_name)
        use = self.linking.claim if request.accept else self.linking.look
        link, account = await use(request.code, claimant)
        return pb.ClaimLinkCodeResponse(link=link.json_bytes(), masked_account=account)

    async def ListLinks(self, request: pb.ListLinksRequest, context: Any) -> pb.ListLinksResponse:
        if not 0 <= request.limit <= _LONGEST_PAGE:
            raise InvalidInputError(
                f"Expected a limit from 1 to {_LONGEST_PAGE}", code="invalid_limit"
            )
        limit = request.limit or _DEFAULT_PAGE
        before = cursors.decode(request.cursor) if request.cursor else None
        links = await self.linking.page(current_actor().actor, before, limit + 1)
        page = links[:limit]
        return pb.ListLinksResponse(
            links=[link.json_bytes() for link in page],
            next=cursors.encode(page[-1].created_at, page[-1].id) if len(links) > limit else "",
        )

    async def GetLink(self, request: pb.GetLinkRequest, context: Any) -> pb.GetLinkResponse:
        link, other = await self.linking.get(current_actor().actor, request.link_id)
        return pb.GetLinkResponse(link=link.json_bytes(), other_person=other)

    async def ConfirmLink(self, request: pb.ConfirmLinkRequest, context: Any) -> pb.LinkState:
        link = await self.linking.confirm(
            current_actor().actor, request.link_id, may_approve=request.may_approve
        )
        return pb.LinkState(link=link.json_bytes())

    async def RevokeLink(self, request: pb.RevokeLinkRequest, context: Any) -> pb.LinkState:
        link = await self.linking.revoke(current_actor().actor, request.link_id)
        return pb.LinkState(link=link.json_bytes())

    async def ListChannels(
        self, request: pb.ListChannelsRequest, context: Any
    ) -> pb.ListChannelsResponse:
        actor = current_actor().actor
        person = request.person_id if actor.is_service else actor.person_id
        return pb.ListChannelsResponse(
            channels=[
                pb.Channel(
                    provider=channel.provider,
                    external_id=channel.external_id,
                    may_approve=channel.may_approve,
                )
                for channel in await self.channels.channels(person)
            ]
        )


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
