"""Accounts at live exchanges by gRPC."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from uchat_contracts.rpc.execution.v1 import venues_pb2
from uchat_gateway.adapters.trading_grpc import Caller
from uchat_gateway.ports.venues import NewKey
from uchat_platform.auth import Actor

if TYPE_CHECKING:
    from uchat_contracts.rpc.execution.v1.venues_pb2_grpc import VenuesAsyncStub

_CONNECT_S: Final = 60.0
"""The exchange is asked several times meanwhile."""


@dataclass(frozen=True, slots=True)
class GrpcVenues(Caller):
    """Calls `Venues` for an actor; see `ports.venues` for each method."""

    stub: "VenuesAsyncStub"

    async def venues(self, actor: Actor) -> Sequence[bytes]:
        """Return every exchange."""
        request = venues_pb2.ListVenuesRequest()
        response: venues_pb2.ListVenuesResponse = await self.call(
            self.stub.ListVenues, request, actor
        )
        return list(response.venues)

    async def keys(self, actor: Actor) -> Sequence[bytes]:
        """Return the actor's keys."""
        response: venues_pb2.ListKeysResponse = await self.call(
            self.stub.ListKeys, venues_pb2.ListKeysRequest(), actor
        )
        return list(response.keys)

    async def connect(self, actor: Actor, key: NewKey) -> bytes:
        """Connect a key."""
        request = venues_pb2.ConnectRequest(
            venue=key.venue, api_key=key.api_key, secret=key.secret, passphrase=key.passphrase
        )
        response: venues_pb2.ConnectResponse = await self.call(
            self.stub.Connect, request, actor, _CONNECT_S
        )
        return response.key

    async def disconnect(self, actor: Actor, venue: str) -> None:
        """Forget a key."""
        await self.call(self.stub.Disconnect, venues_pb2.DisconnectRequest(venue=venue), actor)

    async def consent(self, actor: Actor, venue: str, version: str) -> bytes:
        """Record a consent."""
        request = venues_pb2.ConsentRequest(venue=venue, version=version)
        response: venues_pb2.ConsentResponse = await self.call(self.stub.Consent, request, actor)
        return response.consent

    async def withdraw(self, actor: Actor, venue: str) -> None:
        """Take a consent back."""
        await self.call(self.stub.Withdraw, venues_pb2.WithdrawRequest(venue=venue), actor)
