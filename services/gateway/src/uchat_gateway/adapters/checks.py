"""Whether the parts that the gateway speaks to answer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from redis.exceptions import RedisError

from uchat_contracts import subjects
from uchat_contracts.rpc.execution.v1.market_data_pb2 import (
    GetMarketStatusRequest,
    ListInstrumentsRequest,
    MarketStatus,
)
from uchat_contracts.rpc.notifier.v1.deliveries_pb2 import ListDeliveriesRequest
from uchat_contracts.rpc.sessions.v1.sessions_pb2 import GetHeadsRequest
from uchat_gateway.adapters.postgres import Database
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, ActorSigner
from uchat_platform.errors import UchatError, UnavailableError

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from uchat_contracts.rpc.execution.v1.market_data_pb2_grpc import MarketDataAsyncStub
    from uchat_contracts.rpc.notifier.v1.deliveries_pb2_grpc import DeliveriesAsyncStub
    from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsAsyncStub
    from uchat_gateway.service.status import Check, Recovering
    from uchat_platform.bus import Bus

_Request = TypeVar("_Request")
_NOBODYS_LOG: Final = f"unified_{'0' * 26}"
_SILENCE_S: Final = 0.05
_CALL_S: Final = 0.8


@dataclass(frozen=True, slots=True)
class Checks:
    """One question for each part, cheap to answer."""

    bus: "Bus"
    database: Database
    valkey: "Redis"
    sessions: "SessionsAsyncStub"
    market: "MarketDataAsyncStub"
    deliveries: "DeliveriesAsyncStub"
    signer: ActorSigner
    has_bot: bool

    def all(self) -> "dict[str, Check]":
        """Return the questions by the name of the part."""
        telegram: dict[str, Check] = {"telegram": self._telegram} if self.has_bot else {}
        return {
            "nats": self._nats,
            "postgres": self._postgres,
            "valkey": self._valkey,
            "sessions": self._sessions,
            "ai_core": self._ai_core,
            "execution": self._execution,
            "market": self._prices,
            "venue": self._venue,
            "notifier": self._notifier,
            **telegram,
        }

    async def _nats(self) -> bool:
        try:
            await self.bus.flush(timeout_s=_CALL_S)
        except UnavailableError:
            return False
        return True

    async def _postgres(self) -> bool:
        try:
            return await self.database.row("SELECT 1") is not None
        except UnavailableError:
            return False

    async def _valkey(self) -> bool:
        try:
            await self.valkey.exists("-")
        except (RedisError, OSError, TimeoutError):
            return False
        return True

    async def _ai_core(self) -> bool:
        # ai-core answers only for the runs that it holds, so that silence is a good sign.
        subject = subjects.running(_NOBODYS_LOG)
        return await self.bus.has_listener(subject, timeout_s=_SILENCE_S)

    async def _sessions(self) -> bool:
        return await self._answers(self.sessions.GetHeads, GetHeadsRequest())

    async def _execution(self) -> bool:
        return await self._answers(self.market.ListInstruments, ListInstrumentsRequest(limit=1))

    async def _prices(self) -> "bool | Recovering":
        status = await self._market_status()
        return status is not None and status.fresh and _circuit(status.circuits["market"])

    async def _venue(self) -> "bool | Recovering":
        status = await self._market_status()
        return status is not None and _circuit(status.circuits["venue"])

    async def _market_status(self) -> MarketStatus | None:
        try:
            return await rpc.call(
                self.market.GetMarketStatus,
                GetMarketStatusRequest(),
                signer=self.signer,
                actor=SERVICE_ACTOR,
                timeout_s=_CALL_S,
            )
        except UchatError:
            return None

    async def _notifier(self) -> bool:
        return await self._answers(self.deliveries.ListDeliveries, ListDeliveriesRequest(limit=1))

    async def _telegram(self) -> bool:
        return await self.bus.has_listener(subjects.alive("telegram"), timeout_s=_SILENCE_S)

    async def _answers(self, method: rpc.Method[_Request, object], request: _Request) -> bool:
        try:
            await rpc.call(
                method, request, signer=self.signer, actor=SERVICE_ACTOR, timeout_s=_CALL_S
            )
        except UnavailableError:
            return False
        except UchatError:
            # A refusal is an answer, too.
            return True
        return True


def _circuit(state: str) -> "bool | Recovering":
    return "recovering" if state == "half_open" else state != "open"
