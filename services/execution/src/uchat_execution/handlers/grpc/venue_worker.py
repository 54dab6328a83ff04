"""The venue worker by gRPC: decode, one call of an exchange, encode."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from uchat_contracts.rpc.execution.v1 import venue_worker_pb2 as pb
from uchat_contracts.rpc.execution.v1 import venue_worker_pb2_grpc as pb_grpc
from uchat_execution.domain.orders import NewOrder, OrderRef
from uchat_execution.domain.venues import Credentials, Rights
from uchat_execution.ports import NotPlacedError, OutcomeUnknownError, RejectedByVenueError
from uchat_execution.ports import venue_worker as wire
from uchat_execution.service.live.vault import Vault
from uchat_platform.errors import InvalidInputError, UchatError
from uchat_platform.rpc import Registration, Requires

_SERVICE: Final = pb.DESCRIPTOR.services_by_name["VenueWorker"]
_LONGEST: Final = 4096
_OURS: Final = Requires(frozenset({"execution"}), on_own_behalf=True)
REQUIRES: Final = {
    f"/{_SERVICE.full_name}/{method.name}": _OURS for method in _SERVICE.methods
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VenueWorkerServicer(pb_grpc.VenueWorkerServicer):
    """Serves `VenueWorker` for execution alone."""

    vault: Vault

    async def Served(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return which exchanges there are."""
        return _answer(wire.Symbols, sorted(self.vault.exchanges))

    async def Seal(self, request: pb.SealKeyRequest, context: Any) -> pb.SealKeyResponse:
        """Check a key and seal it."""
        if max(len(request.api_key), len(request.secret), len(request.passphrase)) > _LONGEST:
            raise InvalidInputError("Expected a key, found something longer")
        credentials = Credentials(request.api_key, request.secret, request.passphrase)
        made = await self.vault.seal(request.venue, request.account, credentials)
        return pb.SealKeyResponse(
            sealed=made.sealed,
            masked=made.masked,
            may_trade=made.may_trade,
            account_mark=made.account_mark,
        )

    async def Rights(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return what an account's key may do now."""
        told = await self.vault.rights(request.venue, request.account, request.sealed)
        return _answer(Rights, told)

    async def Place(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Send an order once, and say what became of it."""
        account = self._account(request)
        sent = await _sent(account, _read(NewOrder, request))
        return _answer(wire.Sent, sent)

    async def Find(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return an order by our id."""
        found = await self._account(request).find(_read(OrderRef, request))
        return _answer(wire.MaybeOrder, found)

    async def ByNumber(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return an order by the venue's number."""
        asked = _read(wire.Numbered, request)
        found = await self._account(request).by_number(asked.ref, asked.venue_order_id)
        return _answer(wire.MaybeSeen, found)

    async def Cancel(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Cancel an order."""
        found = await self._account(request).cancel(_read(OrderRef, request))
        return _answer(wire.MaybeOrder, found)

    async def Balances(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return balances."""
        return _answer(wire.Balances, await self._account(request).balances())

    async def OpenOrders(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return resting orders."""
        asked = _read(wire.InMarket, request)
        found = await self._account(request).open_orders(asked.quote_currency)
        return _answer(wire.Resting, found)

    async def Trades(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return a page of trades."""
        asked = _read(wire.TradesAfter, request)
        trades, more = await self._account(request).trades(
            asked.market.symbol, asked.market.quote_currency, asked.after, asked.since
        )
        return _answer(wire.TradePage, wire.TradePage(tuple(trades), more))

    async def ClientIds(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return what orders were called."""
        asked = _read(wire.InMarket, request)
        names = await self._account(request).client_ids(
            asked.symbol, asked.quote_currency, asked.venue_order_ids
        )
        return _answer(wire.Names, names)

    async def Transfers(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return deposits and withdrawals."""
        found = await self._account(request).transfers(_read(datetime, request))
        return _answer(wire.Transfers, found)

    async def Rules(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return the rules of all symbols."""
        return _answer(wire.Rules, self.vault.exchange(request.venue).rules())

    async def Quotes(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return quotes."""
        symbols = _read(wire.Symbols, request)
        quotes = await self.vault.exchange(request.venue).quotes(symbols)
        return _answer(wire.Quotes, quotes)

    async def DailyCloses(self, request: pb.VenueCall, context: Any) -> pb.VenueAnswer:
        """Return daily closes."""
        asked = _read(wire.Closes, request)
        exchange = self.vault.exchange(request.venue)
        return _answer(wire.Prices, await exchange.daily_closes(asked.symbol, asked.days))

    def _account(self, request: pb.VenueCall) -> wire.KeyedAccount:
        return self.vault.account(request.venue, request.account, request.sealed)


async def _sent(account: wire.KeyedAccount, order: NewOrder) -> wire.Sent:
    try:
        return wire.Sent("placed", await account.place(order))
    except RejectedByVenueError as e:
        return _told("rejected", e)
    except NotPlacedError as e:
        return _told("not_placed", e)
    except OutcomeUnknownError as e:
        return _told("unknown", e)


def _told(outcome: Any, error: UchatError) -> wire.Sent:
    return wire.Sent(outcome, None, error.code, error.detail, error.retry_after_s)


def _read(kind: Any, request: pb.VenueCall) -> Any:
    try:
        return wire.read(kind, request.body)
    except ValidationError as e:
        raise InvalidInputError(f"{e.error_count()} faults in the request") from e


def _answer(kind: Any, value: object) -> pb.VenueAnswer:
    return pb.VenueAnswer(body=wire.write(kind, value))


def registration(servicer: VenueWorkerServicer) -> Registration:
    """Return what the gRPC server needs to serve the worker."""
    return Registration(pb_grpc.add_VenueWorkerServicer_to_server, servicer, _SERVICE)
