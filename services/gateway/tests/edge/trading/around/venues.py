"""Exchanges, with the keys that were connected and the consents that were given."""

from dataclasses import dataclass, field

from services.gateway.tests.edge.trading.around.execution import AT, Execution

from uchat_contracts.rpc.execution.v1 import venues_pb2, venues_pb2_grpc
from uchat_contracts.trading import Venue, VenueConsent, VenueKey
from uchat_platform.errors import NotFoundError


@dataclass
class VenuesService(venues_pb2_grpc.VenuesServicer):
    world: Execution
    keys: dict[tuple[str, str], VenueKey] = field(default_factory=dict)

    async def ListVenues(self, request, context):
        self.world.called("ListVenues", request)
        binance = Venue(
            venue="binance", name="Binance", tested=True, connectable=True, needs_passphrase=False,
            client_id_lookup=True, id_codec="verbatim", deadline="recvWindow", oco=False,
            quote_market_buy=True, triggers=True, served=True, live=False, consent_version="1",
            consent_text="Real money.",
        )  # fmt: skip
        return venues_pb2.ListVenuesResponse(venues=[binance.json_bytes()])

    async def ListKeys(self, request, context):
        actor = self.world.called("ListKeys", request)
        own = [key for (person, _), key in self.keys.items() if person == actor.person_id]
        return venues_pb2.ListKeysResponse(keys=[key.json_bytes() for key in own])

    async def Connect(self, request, context):
        actor = self.world.called("Connect", request)
        key = VenueKey(
            venue=request.venue,
            account="acct_1",
            masked=f"…{request.api_key[-4:]}",
            may_trade=False,
            connected_at=AT,
            connected_via=actor.interface,
        )
        self.keys[actor.person_id, request.venue] = key
        return venues_pb2.ConnectResponse(key=key.json_bytes())

    async def Disconnect(self, request, context):
        actor = self.world.called("Disconnect", request)
        if self.keys.pop((actor.person_id, request.venue), None) is None:
            raise NotFoundError("There is no account connected", code="venue_not_connected")
        return venues_pb2.DisconnectResponse()

    async def Consent(self, request, context):
        actor = self.world.called("Consent", request)
        consent = VenueConsent(
            venue=request.venue,
            version=request.version,
            text="Real money.",
            given_at=AT,
            given_via=actor.interface,
        )
        return venues_pb2.ConsentResponse(consent=consent.json_bytes())

    async def Withdraw(self, request, context):
        self.world.called("Withdraw", request)
        return venues_pb2.WithdrawResponse()
