"""Prices by gRPC from execution; the list of instruments is kept for a while."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from uchat_contracts.rpc.execution.v1 import market_data_pb2 as pb
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, ActorSigner

if TYPE_CHECKING:
    from uchat_contracts.rpc.execution.v1.market_data_pb2_grpc import MarketDataAsyncStub

_KEPT_S: Final = 60.0
_PAGE: Final = 200
_MOST_SYMBOLS: Final = 50


class GrpcMarketData:
    """Market data on ai-core's own behalf: prices are the same for everybody."""

    def __init__(self, stub: "MarketDataAsyncStub", signer: ActorSigner) -> None:
        self._stub = stub
        self._signer = signer
        self._instruments: list[dict[str, str]] = []
        self._read_at = float("-inf")

    async def quotes(self, symbols: Sequence[str]) -> dict[str, Any]:
        """Return quotes of the symbols, or of everything that is listed."""
        listed = await self.instruments()
        names = {each["symbol"]: each["name"] for each in listed}
        asked = list(symbols) or [each["symbol"] for each in listed]
        answer = await rpc.call(
            self._stub.GetQuotes,
            pb.GetQuotesRequest(symbols=asked[:_MOST_SYMBOLS]),
            signer=self._signer,
            actor=SERVICE_ACTOR,
        )
        quotes = [_quote(quote, names.get(quote.symbol, quote.symbol)) for quote in answer.quotes]
        return {"quotes": quotes, "unknown": list(answer.unknown)}

    async def instruments(self) -> list[dict[str, str]]:
        """Return what is listed, at most a minute old."""
        if time.monotonic() - self._read_at < _KEPT_S:
            return self._instruments
        found: list[dict[str, str]] = []
        cursor = ""
        while True:
            page = await rpc.call(
                self._stub.ListInstruments,
                pb.ListInstrumentsRequest(cursor=cursor, limit=_PAGE),
                signer=self._signer,
                actor=SERVICE_ACTOR,
            )
            found += [
                {"symbol": each.symbol, "name": each.name, "quote_currency": each.quote_currency}
                for each in page.instruments
            ]
            cursor = page.next
            if not cursor:
                break
        self._instruments, self._read_at = found, time.monotonic()
        return found

    async def closes(self, symbols: Sequence[str], days: int) -> dict[str, list[float]]:
        """Return daily closes by base asset, oldest first."""
        answer = await rpc.call(
            self._stub.GetCloses,
            pb.GetClosesRequest(symbols=symbols[:_MOST_SYMBOLS], days=days),
            signer=self._signer,
            actor=SERVICE_ACTOR,
        )
        return {each.symbol: [float(close) for close in each.closes] for each in answer.series}


def _quote(quote: pb.Quote, name: str) -> dict[str, Any]:
    return {
        "symbol": quote.symbol,
        "name": name,
        "quote_currency": quote.quote_currency,
        "price": quote.price,
        "bid": quote.bid,
        "ask": quote.ask,
        "change_24h_pct": quote.change_24h_pct,
        "as_of": quote.as_of,
        "source": quote.source,
        "simulated": quote.simulated,
    }
