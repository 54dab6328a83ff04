"""Performance, ledger and preferences of the execution service by gRPC."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from uchat_contracts.rpc.execution.v1 import books_pb2
from uchat_gateway.adapters.trading_grpc import Caller
from uchat_gateway.ports.trading import JsonPage
from uchat_platform.auth import Actor

if TYPE_CHECKING:
    from uchat_contracts.rpc.execution.v1.books_pb2_grpc import BooksAsyncStub


@dataclass(frozen=True, slots=True)
class GrpcBooks(Caller):
    """Calls `Books` for an actor; see `ports.books` for each method."""

    stub: "BooksAsyncStub"

    async def equity(self, actor: Actor, span: str, venue: str = "") -> bytes:
        """Return the value over time."""
        request = books_pb2.GetEquityRequest(span=span, own_currency=True, venue=venue)
        response: books_pb2.GetEquityResponse = await self.call(self.stub.GetEquity, request, actor)
        return response.equity

    async def ledger(self, actor: Actor, *, cursor: str, limit: int, venue: str = "") -> JsonPage:
        """Return a page of entries."""
        request = books_pb2.ListLedgerRequest(cursor=cursor, limit=limit, venue=venue)
        response: books_pb2.ListLedgerResponse = await self.call(
            self.stub.ListLedger, request, actor
        )
        return JsonPage(list(response.entries), response.next or None)

    async def preferences(self, actor: Actor) -> bytes:
        """Return what figures are told in."""
        response: books_pb2.PreferencesState = await self.call(
            self.stub.GetPreferences, books_pb2.GetPreferencesRequest(), actor
        )
        return response.preferences

    async def prefer(self, actor: Actor, *, time_zone: str, currency: str) -> bytes:
        """Change what figures are told in."""
        request = books_pb2.SetPreferencesRequest(time_zone=time_zone, currency=currency)
        response: books_pb2.PreferencesState = await self.call(
            self.stub.SetPreferences, request, actor
        )
        return response.preferences
