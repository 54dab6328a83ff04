"""Market data by gRPC: decode, one service method, encode."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from uchat_contracts.rpc.execution.v1 import market_data_pb2 as pb
from uchat_contracts.rpc.execution.v1 import market_data_pb2_grpc as pb_grpc
from uchat_execution.domain.instruments import Instrument
from uchat_execution.ports import Quote
from uchat_execution.service.quotes import MarketDataService
from uchat_platform.rpc import Registration, Requires

_READERS: Final = Requires(
    services=frozenset({"gateway", "ai-core", "telegram"}),
    roles=frozenset({"viewer", "trader", "approver", "admin"}),
    on_own_behalf=True,
)
REQUIRES: Final = {
    "/uchat.execution.v1.MarketData/GetQuotes": _READERS,
    "/uchat.execution.v1.MarketData/ListInstruments": _READERS,
    "/uchat.execution.v1.MarketData/GetCloses": _READERS,
    "/uchat.execution.v1.MarketData/GetMarketStatus": _READERS,
}


@dataclass(frozen=True, slots=True)
class MarketDataServicer(pb_grpc.MarketDataServicer):
    """Serves `MarketData`. Its methods only read, so a retry is safe."""

    service: MarketDataService

    async def GetQuotes(self, request: pb.GetQuotesRequest, context: Any) -> pb.GetQuotesResponse:
        """Return the latest quotes of the symbols."""
        quotes = await self.service.quotes(list(request.symbols))
        return pb.GetQuotesResponse(
            quotes=[_quote(quote) for quote in quotes.found], unknown=quotes.unknown
        )

    async def ListInstruments(
        self,
        request: pb.ListInstrumentsRequest,
        context: Any,
    ) -> pb.ListInstrumentsResponse:
        """Return one page of what is listed."""
        page = await self.service.instruments(request.cursor, request.limit)
        return pb.ListInstrumentsResponse(
            instruments=[_instrument(instrument) for instrument in page.instruments],
            next=page.next,
        )

    async def GetCloses(self, request: pb.GetClosesRequest, context: Any) -> pb.GetClosesResponse:
        """Return daily closes of the symbols."""
        found, unknown = await self.service.closes(list(request.symbols), request.days)
        series = [
            pb.Closes(symbol=symbol, closes=[format(close, "f") for close in closes])
            for symbol, closes in found.items()
        ]
        return pb.GetClosesResponse(series=series, unknown=unknown)

    async def GetMarketStatus(
        self, request: pb.GetMarketStatusRequest, context: Any
    ) -> pb.MarketStatus:
        """Return where prices come from, and how the ways to the exchange stand."""
        status = await self.service.status(datetime.now(UTC))
        latest = status.latest
        return pb.MarketStatus(
            source=latest.source if latest else "",
            simulated=latest.simulated if latest else False,
            as_of=_moment(latest.as_of) if latest else "",
            fresh=status.fresh,
            circuits=dict(status.circuits),
        )


def registration(service: MarketDataService) -> Registration:
    """Return what the gRPC server needs to serve market data."""
    return Registration(
        pb_grpc.add_MarketDataServicer_to_server,
        MarketDataServicer(service),
        pb.DESCRIPTOR.services_by_name["MarketData"],
    )


def _quote(quote: Quote) -> pb.Quote:
    return pb.Quote(
        symbol=quote.symbol,
        quote_currency=quote.quote_currency,
        price=format(quote.price, "f"),
        bid=format(quote.bid, "f"),
        ask=format(quote.ask, "f"),
        change_24h_pct=format(quote.change_24h_pct, "f"),
        as_of=_moment(quote.as_of),
        source=quote.source,
        simulated=quote.simulated,
    )


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _instrument(instrument: Instrument) -> pb.Instrument:
    return pb.Instrument(
        symbol=instrument.symbol,
        name=instrument.name,
        quote_currency=instrument.quote_currency,
        price_decimals=instrument.price_decimals,
    )
