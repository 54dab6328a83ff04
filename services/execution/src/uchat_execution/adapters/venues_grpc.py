"""Live exchanges through the venue worker, by gRPC."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from uchat_contracts.rpc.execution.v1 import venue_worker_pb2 as pb
from uchat_execution.adapters.postgres.venues import PostgresSealedKeys
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.instruments import Instrument
from uchat_execution.domain.market import Quote
from uchat_execution.domain.orders import NewOrder, OrderRef, SeenOrder, SymbolRules, VenueOrder
from uchat_execution.domain.statements import ToldOrder, ToldTrade, ToldTransfer
from uchat_execution.domain.venues import Credentials, Rights
from uchat_execution.ports import NotPlacedError, OutcomeUnknownError, RejectedByVenueError
from uchat_execution.ports import venue_worker as wire
from uchat_execution.ports.reconciling import AccountLostError
from uchat_execution.ports.venues import SealedKey
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, ActorSigner
from uchat_platform.errors import ConflictError, NotFoundError, UchatError, UnavailableError

if TYPE_CHECKING:
    from uchat_contracts.rpc.execution.v1.venue_worker_pb2_grpc import VenueWorkerAsyncStub

_READ_S: Final = 30.0
_QUICK_S: Final = 1.5
"""What is in the worker's memory; somebody holds a transaction open meanwhile."""
_ENGINE_S: Final = 12.0
_RULES_FOR_S: Final = 300.0
_AGAIN_S: Final = 10.0
"""A worker that was silent is left alone for so long."""
_UNSENT: Final = frozenset({"venue_not_configured", "venue_key_unreadable"})
"""The worker says so before it sends anything."""
_QUOTES_FOR_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class WorkerClient:
    """Calls the worker for one service. Without a `stub` none is configured."""

    stub: "VenueWorkerAsyncStub | None"
    signer: ActorSigner | None
    keys: PostgresSealedKeys

    async def public(self, venue: str, method: str, body: bytes, timeout_s: float) -> bytes:
        """Ask what needs no key; returns the answer's body.

        Raises:
            UnavailableError: `venue_not_configured`, or the worker or the exchange is away.
        """
        return await self._call(method, pb.VenueCall(venue=venue, body=body), timeout_s)

    async def private(self, venue: str, account: str, method: str, body: bytes) -> bytes:
        """Ask about an account by the key that is stored; returns the answer's body.

        Raises:
            UnavailableError: as for `public`, or the account has no key any more.
            AccountLostError: the exchange refuses the key.
        """
        sealed = await self.keys.sealed(account)
        request = pb.VenueCall(venue=venue, account=account, sealed=sealed, body=body)
        return await self.keyed(method, request)

    async def keyed(self, method: str, request: pb.VenueCall, timeout_s: float = _READ_S) -> bytes:
        """Ask about an account by the key of a request; errors are those of `private`."""
        try:
            return await self._call(method, request, timeout_s)
        except ConflictError as e:
            raise AccountLostError(e.detail, code=e.code) from e

    async def seal(self, request: pb.SealKeyRequest) -> pb.SealKeyResponse:
        """Have a key checked and sealed."""
        return await self._answer("Seal", request, _READ_S)

    async def _call(self, method: str, request: pb.VenueCall, timeout_s: float) -> bytes:
        answer: pb.VenueAnswer = await self._answer(method, request, timeout_s)
        return answer.body

    async def _answer(self, method: str, request: Any, timeout_s: float) -> Any:
        if self.stub is None or self.signer is None:
            raise UnavailableError(
                "No live exchange is connected to this installation", code="venue_not_configured"
            )
        called: Any = getattr(self.stub, method)
        try:
            return await rpc.call(
                called, request, signer=self.signer, actor=SERVICE_ACTOR, timeout_s=timeout_s
            )
        except NotFoundError as e:
            raise UnavailableError(e.detail, code=e.code) from e


@dataclass(frozen=True, slots=True)
class RemoteGateway:
    """`VenueGateway` by the worker."""

    client: WorkerClient

    async def served(self) -> Sequence[str]:
        """Return which exchanges the worker reaches; none if it is away."""
        try:
            return wire.read(wire.Symbols, await self.client.public("", "Served", b"", _QUICK_S))
        except UnavailableError:
            return ()

    async def seal(self, venue: str, account: str, credentials: Credentials) -> SealedKey:
        """Check a key and seal it for an account."""
        request = pb.SealKeyRequest(
            venue=venue,
            account=account,
            api_key=credentials.api_key,
            secret=credentials.secret,
            passphrase=credentials.passphrase,
        )
        made = await self.client.seal(request)
        return SealedKey(made.sealed, made.masked, made.may_trade, made.account_mark)

    async def rights(self, venue: str, account: str) -> Rights:
        """Return what an account's key may do now."""
        return wire.read(Rights, await self.client.private(venue, account, "Rights", b""))

    async def held(
        self, venue: str, account: str, key: SealedKey
    ) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return what an account holds."""
        request = pb.VenueCall(venue=venue, account=account, sealed=key.sealed)
        return wire.read(wire.Balances, await self.client.keyed("Balances", request))


@dataclass(slots=True)
class RemoteVenue:
    """The `Venue` of one live exchange. Nothing is ever sent twice."""

    client: WorkerClient
    name: str
    simulated: bool = False
    _rules: dict[str, SymbolRules] = field(default_factory=dict[str, SymbolRules])
    _rules_at: float = float("-inf")
    _silent_until: float = float("-inf")

    async def open_account(self, account: str, balances: Mapping[str, Decimal]) -> None:
        """Live accounts are opened at their exchange, by whoever they are of."""

    async def rules(self) -> Mapping[str, SymbolRules]:
        """Return the rules of every symbol, for five minutes from memory.

        Raises:
            UnavailableError: they were never read.
        """
        now = asyncio.get_running_loop().time()
        if now - self._rules_at > _RULES_FOR_S:
            try:
                body = await self.quickly("Rules", b"")
            except UnavailableError:
                if not self._rules:
                    raise
                self._rules_at = now - _RULES_FOR_S + _AGAIN_S
            else:
                self._rules, self._rules_at = wire.read(wire.Rules, body), now
        return self._rules

    async def quickly(self, method: str, body: bytes) -> bytes:
        """Ask for what is in the worker's memory; while it is silent nobody asks.

        Raises:
            UnavailableError: the worker or the exchange is away.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        if began < self._silent_until:
            raise UnavailableError("The exchange was silent a moment ago", code="venue_unavailable")
        try:
            return await self.client.public(self.name, method, body, _QUICK_S)
        except UnavailableError:
            # Claims ask under the stop switch: it must not wait for each of them in turn.
            if loop.time() - began >= _QUICK_S / 2:
                self._silent_until = loop.time() + _AGAIN_S
            raise

    async def place(self, order: NewOrder) -> VenueOrder:
        """Have an order sent once.

        Raises:
            RejectedByVenueError: refused, nothing placed.
            NotPlacedError: certainly not placed, for a passing reason.
            OutcomeUnknownError: everything else, and any failure of the call.
        """
        timeout_s = order.window_ms / 1000 + _ENGINE_S
        try:
            sealed = await self.client.keys.sealed(order.ref.account)
        except UnavailableError as e:
            # Nothing was sent yet.
            raise NotPlacedError(e.detail, code=e.code) from e
        request = pb.VenueCall(
            venue=self.name,
            account=order.ref.account,
            sealed=sealed,
            body=wire.write(NewOrder, order),
        )
        try:
            body = await self.client.keyed("Place", request, timeout_s)
        except UchatError as e:
            if e.code in _UNSENT:
                raise NotPlacedError(e.detail, code=e.code) from e
            raise OutcomeUnknownError(f"The outcome is unknown: {e.detail}") from e
        sent: wire.Sent = wire.read(wire.Sent, body)
        if sent.order is not None:
            return sent.order
        if sent.outcome == "rejected":
            raise RejectedByVenueError(sent.text, code=sent.code)
        if sent.outcome == "not_placed":
            raise NotPlacedError(sent.text, code=sent.code, retry_after_s=sent.retry_after_s)
        raise OutcomeUnknownError(sent.text, code=sent.code)

    async def find(self, ref: OrderRef) -> VenueOrder | None:
        """Return the order of our id, None if the exchange certainly has none."""
        body = await self._about(ref, "Find", wire.write(OrderRef, ref))
        return wire.read(wire.MaybeOrder, body)

    async def by_number(self, ref: OrderRef, venue_order_id: str) -> SeenOrder | None:
        """Return the account's order of the exchange's own number."""
        asked = wire.Numbered(ref, venue_order_id)
        body = await self._about(ref, "ByNumber", wire.write(wire.Numbered, asked))
        return wire.read(wire.MaybeSeen, body)

    async def cancel(self, ref: OrderRef) -> VenueOrder | None:
        """Cancel an order and return it as it stands then."""
        body = await self._about(ref, "Cancel", wire.write(OrderRef, ref))
        return wire.read(wire.MaybeOrder, body)

    async def balances(self, account: str) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return free and reserved units by asset."""
        return wire.read(
            wire.Balances, await self.client.private(self.name, account, "Balances", b"")
        )

    async def _about(self, ref: OrderRef, method: str, body: bytes) -> bytes:
        return await self.client.private(self.name, ref.account, method, body)


@dataclass(frozen=True, slots=True)
class RemoteStatements:
    """`Statements` of accounts at live exchanges."""

    client: WorkerClient

    async def balances(self, account: Account) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return free and reserved units by asset."""
        return wire.read(wire.Balances, await self._ask(account, "Balances", b""))

    async def open_orders(self, account: Account) -> Sequence[ToldOrder]:
        """Return every order that rests."""
        asked = wire.InMarket("", account.quote_currency)
        body = await self._ask(account, "OpenOrders", wire.write(wire.InMarket, asked))
        return wire.read(wire.Resting, body)

    async def trades(
        self, account: Account, symbol: str, after: str | None, since: datetime
    ) -> tuple[Sequence[ToldTrade], bool]:
        """Return a page of trades, oldest first, and whether there are more."""
        market = wire.InMarket(symbol, account.quote_currency)
        asked = wire.TradesAfter(market, after, since)
        body = await self._ask(account, "Trades", wire.write(wire.TradesAfter, asked))
        page: wire.TradePage = wire.read(wire.TradePage, body)
        return page.trades, page.more

    async def client_ids(
        self, account: Account, symbol: str, venue_order_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """Return what whoever placed these orders called them."""
        asked = wire.InMarket(symbol, account.quote_currency, tuple(venue_order_ids))
        body = await self._ask(account, "ClientIds", wire.write(wire.InMarket, asked))
        return wire.read(wire.Names, body)

    async def transfers(self, account: Account, since: datetime) -> Sequence[ToldTransfer]:
        """Return deposits and withdrawals that are completed, oldest first."""
        body = await self._ask(account, "Transfers", wire.write(datetime, since))
        return wire.read(wire.Transfers, body)

    async def _ask(self, account: Account, method: str, body: bytes) -> bytes:
        return await self.client.private(account.venue, account.account, method, body)


@dataclass(slots=True)
class RemoteMarket:
    """`MarketData` of one live exchange: real prices, from the worker's memory."""

    client: WorkerClient
    venue: RemoteVenue
    _quotes: dict[str, tuple[float, Quote]] = field(default_factory=dict[str, tuple[float, Quote]])

    async def quotes(self, symbols: Sequence[str]) -> dict[str, Quote]:
        """Return the latest quote of each listed symbol, at most half a second old here.

        Raises:
            UnavailableError: the worker or the exchange is away.
        """
        now = asyncio.get_running_loop().time()
        fresh = {
            symbol: held[1]
            for symbol in symbols
            if (held := self._quotes.get(symbol)) and now - held[0] < _QUOTES_FOR_S
        }
        wanted = [symbol for symbol in symbols if symbol not in fresh]
        if wanted:
            body = wire.write(wire.Symbols, wanted)
            body = await self.venue.quickly("Quotes", body)
            told: dict[str, Quote] = wire.read(wire.Quotes, body)
            self._quotes |= {symbol: (now, quote) for symbol, quote in told.items()}
            fresh |= told
        return fresh

    async def instruments(self) -> Sequence[Instrument]:
        """Return everything that is listed; nothing while the exchange is away."""
        try:
            rules = await self.venue.rules()
        except UnavailableError:
            return ()
        return [
            Instrument(each.symbol, each.symbol, each.price_tick, each.quote_currency)
            for each in rules.values()
        ]

    async def daily_closes(self, symbol: str, days: int) -> Sequence[Decimal]:
        """Return daily closing prices, oldest first.

        Raises:
            UnavailableError: the worker or the exchange is away.
        """
        body = wire.write(wire.Closes, wire.Closes(symbol, days))
        body = await self.client.public(self.venue.name, "DailyCloses", body, _READ_S)
        return wire.read(wire.Prices, body)
