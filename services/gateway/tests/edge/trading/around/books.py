"""A ledger and a curve that are the same for everybody."""

from dataclasses import dataclass
from decimal import Decimal

from services.gateway.tests.edge.trading.around.execution import AT, ONE, Execution, page

from uchat_contracts.rpc.execution.v1 import books_pb2, books_pb2_grpc
from uchat_contracts.trading import Equity, EquityPoint, LedgerEntry, Preferences
from uchat_platform.errors import InvalidInputError


def entry(n: int) -> LedgerEntry:
    return LedgerEntry(
        transaction="7",
        n=n,
        kind="fill",
        reference="=cmd",
        book="free",
        asset="BTC",
        amount=Decimal(-n),
        at=AT,
    )


@dataclass
class BooksService(books_pb2_grpc.BooksServicer):
    world: Execution

    async def GetEquity(self, request, context):
        self.world.called("GetEquity", request)
        point = EquityPoint(at=AT, total=ONE, deposited=ONE, drawdown_pct=Decimal(0))
        equity = Equity(since=AT, points=[point], currency="USDT", time_zone="UTC", simulated=True)
        return books_pb2.GetEquityResponse(equity=equity.json_bytes())

    async def ListLedger(self, request, context):
        self.world.called("ListLedger", request)
        entries, following = page([entry(n) for n in range(450)], request.cursor, request.limit)
        return books_pb2.ListLedgerResponse(
            entries=[each.json_bytes() for each in entries], next=following
        )

    async def GetPreferences(self, request, context):
        self.world.called("GetPreferences", request)
        chosen = Preferences(time_zone="UTC", currency="USDT")
        return books_pb2.PreferencesState(preferences=chosen.json_bytes())

    async def SetPreferences(self, request, context):
        self.world.called("SetPreferences", request)
        if request.time_zone.startswith("Mars"):
            raise InvalidInputError("Expected a time zone", code="time_zone_unknown")
        chosen = Preferences(
            time_zone=request.time_zone or "UTC", currency=request.currency or "USDT"
        )
        return books_pb2.PreferencesState(preferences=chosen.json_bytes())
