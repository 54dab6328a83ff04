"""Accounts at live exchanges by gRPC: decode, one service method, encode."""

from dataclasses import dataclass
from typing import Any, Final

from uchat_contracts.rpc.execution.v1 import venues_pb2 as pb
from uchat_contracts.rpc.execution.v1 import venues_pb2_grpc as pb_grpc
from uchat_execution.domain.venues import Credentials
from uchat_execution.handlers.grpc import words
from uchat_execution.service.live.connecting import Connecting
from uchat_platform.errors import InvalidInputError
from uchat_platform.rpc import Registration

_SERVICE: Final = "/uchat.execution.v1.Venues"
_LONGEST: Final = 4096
REQUIRES: Final = {
    f"{_SERVICE}/ListVenues": words.READS,
    f"{_SERVICE}/ListKeys": words.READS,
    f"{_SERVICE}/Connect": words.DECIDES,
    f"{_SERVICE}/Disconnect": words.DECIDES,
    f"{_SERVICE}/Consent": words.DECIDES,
    f"{_SERVICE}/Withdraw": words.BRAKES,
}


@dataclass(frozen=True, slots=True)
class VenuesServicer(pb_grpc.VenuesServicer):
    """Serves `Venues`. What connects or consents is for a person who is there."""

    connecting: Connecting

    async def ListVenues(
        self, request: pb.ListVenuesRequest, context: Any
    ) -> pb.ListVenuesResponse:
        """Return every exchange."""
        found = await self.connecting.venues(words.actor().person_id)
        return pb.ListVenuesResponse(venues=words.bodies(found))

    async def ListKeys(self, request: pb.ListKeysRequest, context: Any) -> pb.ListKeysResponse:
        """Return the actor's keys, masked."""
        found = await self.connecting.keys(words.actor().person_id)
        return pb.ListKeysResponse(keys=words.bodies(found))

    async def Connect(self, request: pb.ConnectRequest, context: Any) -> pb.ConnectResponse:
        """Check a key and open the account that it is of."""
        if max(len(request.api_key), len(request.secret), len(request.passphrase)) > _LONGEST:
            raise InvalidInputError("Expected a key, found something longer")
        actor = words.actor()
        credentials = Credentials(request.api_key, request.secret, request.passphrase)
        made = await self.connecting.connect(
            actor.person_id, request.venue, credentials, via=actor.interface
        )
        return pb.ConnectResponse(key=made.json_bytes())

    async def Disconnect(
        self, request: pb.DisconnectRequest, context: Any
    ) -> pb.DisconnectResponse:
        """Forget a key."""
        actor = words.actor()
        await self.connecting.disconnect(actor.person_id, request.venue, via=actor.interface)
        return pb.DisconnectResponse()

    async def Consent(self, request: pb.ConsentRequest, context: Any) -> pb.ConsentResponse:
        """Record a consent."""
        actor = words.actor()
        made = await self.connecting.consent(
            actor.person_id, request.venue, request.version, via=actor.interface
        )
        return pb.ConsentResponse(consent=made.json_bytes())

    async def Withdraw(self, request: pb.WithdrawRequest, context: Any) -> pb.WithdrawResponse:
        """Take a consent back."""
        actor = words.actor()
        await self.connecting.withdraw(actor.person_id, request.venue, via=actor.interface)
        return pb.WithdrawResponse()


def registration(servicer: VenuesServicer) -> Registration:
    """Return what the gRPC server needs to serve accounts at exchanges."""
    return Registration(
        pb_grpc.add_VenuesServicer_to_server, servicer, pb.DESCRIPTOR.services_by_name["Venues"]
    )
