"""The other services by gRPC."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from uchat_contracts.events import MessageReceived
from uchat_contracts.people import Link
from uchat_contracts.rpc.execution.v1 import decisions_pb2, safety_pb2
from uchat_contracts.rpc.notifier.v1 import deliveries_pb2
from uchat_contracts.rpc.sessions.v1 import links_pb2, sessions_pb2
from uchat_contracts.trading import Card, Choice, KillSwitch
from uchat_contracts.trading import Trading as TradingNow
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, Actor, ActorSigner
from uchat_telegram.ports import Person, Report, Verdict

if TYPE_CHECKING:
    from uchat_contracts.rpc.execution.v1.decisions_pb2_grpc import DecisionsAsyncStub
    from uchat_contracts.rpc.execution.v1.safety_pb2_grpc import SafetyAsyncStub
    from uchat_contracts.rpc.notifier.v1.deliveries_pb2_grpc import DeliveriesAsyncStub
    from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import LinksAsyncStub
    from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsAsyncStub

PROVIDER: Final = "telegram"
_CALL_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class GrpcPeople:
    """See `ports.People` for each method."""

    sessions: "SessionsAsyncStub"
    links: "LinksAsyncStub"
    signer: ActorSigner

    async def resolve(self, user_id: int, name: str) -> Person:
        """Return the person behind a Telegram user."""
        request = sessions_pb2.ResolveIdentityRequest(
            provider=PROVIDER, external_id=str(user_id), display_name=name[:64]
        )
        found: sessions_pb2.Person = await self._call(
            self.sessions.ResolveIdentity, request, SERVICE_ACTOR
        )
        return Person(found.person_id, found.home_session_id)

    async def continue_code(self, actor: Actor) -> str:
        """Return a one-time code that signs a browser in."""
        request = links_pb2.CreateContinueCodeRequest()
        made: links_pb2.CreateContinueCodeResponse = await self._call(
            self.links.CreateContinueCode, request, actor
        )
        return made.code

    async def claim(self, code: str, user_id: int, name: str, *, accept: bool) -> tuple[Link, str]:
        """Show a link code."""
        request = links_pb2.ClaimLinkCodeRequest(
            code=code,
            provider=PROVIDER,
            external_id=str(user_id),
            display_name=name[:64],
            accept=accept,
        )
        claimed: links_pb2.ClaimLinkCodeResponse = await self._call(
            self.links.ClaimLinkCode, request, SERVICE_ACTOR
        )
        return Link.model_validate_json(claimed.link), claimed.masked_account

    async def entry(self, actor: Actor, log: str, seq: int) -> bytes | None:
        """Return one entry of a log."""
        request = sessions_pb2.ReadLogRequest(log=log, after=seq - 1, limit=1)
        page: sessions_pb2.ReadLogResponse = await self._call(self.sessions.ReadLog, request, actor)
        return page.entries[0] if page.entries else None

    async def verdict(self, actor: Actor, message: MessageReceived, wait_ms: int) -> Verdict:
        """Return what became of a message."""
        request = sessions_pb2.GetVerdictRequest(
            log=message.session_id,
            client_msg_id=message.client_msg_id,
            body_hash=message.body_hash(),
            wait_ms=wait_ms,
        )
        found: sessions_pb2.AppendResponse = await self._call(
            self.sessions.GetVerdict, request, actor, wait_ms / 1000 + _CALL_S
        )
        return Verdict(found.status, found.code)

    async def _call(
        self, method: Any, request: Any, actor: Actor, timeout_s: float = _CALL_S
    ) -> Any:
        return await rpc.call(method, request, signer=self.signer, actor=actor, timeout_s=timeout_s)


@dataclass(frozen=True, slots=True)
class GrpcTrading:
    """See `ports.Trading` for each method."""

    decisions: "DecisionsAsyncStub"
    safety: "SafetyAsyncStub"
    signer: ActorSigner

    async def resolve(
        self, actor: Actor, decision_id: str, choice: Choice, plan_hash: str, op_id: str
    ) -> tuple[str, Card]:
        """Answer a decision."""
        request = decisions_pb2.ResolveDecisionRequest(
            decision_id=decision_id, choice=choice, plan_hash=plan_hash, op_id=op_id
        )
        answer: decisions_pb2.ResolveDecisionResponse = await self._call(
            self.decisions.ResolveDecision, request, actor
        )
        return answer.status, Card.model_validate_json(answer.card)

    async def card(self, actor: Actor, decision_id: str) -> Card:
        """Return a decision of the actor."""
        request = decisions_pb2.GetDecisionRequest(decision_id=decision_id)
        found: decisions_pb2.DecisionCard = await self._call(
            self.decisions.GetDecision, request, actor
        )
        return Card.model_validate_json(found.card)

    async def quote_again(
        self, actor: Actor, decision_id: str, op_id: str, *, remedy: bool
    ) -> Card:
        """Make a new decision of one that is over, or of its remedy."""
        request = decisions_pb2.QuoteAgainRequest(
            decision_id=decision_id, op_id=op_id, remedy=remedy
        )
        made: decisions_pb2.DecisionCard = await self._call(
            self.decisions.QuoteAgain, request, actor
        )
        return Card.model_validate_json(made.card)

    async def settle(self, actor: Actor, decision_id: str, leg: int, choice: str) -> Card:
        """Help with an order of unknown outcome."""
        request = decisions_pb2.SettleOrderRequest(decision_id=decision_id, leg=leg, choice=choice)
        found: decisions_pb2.DecisionCard = await self._call(
            self.decisions.SettleOrder, request, actor
        )
        return Card.model_validate_json(found.card)

    async def trading(self, actor: Actor) -> TradingNow:
        """Return how the actor trades now."""
        state: safety_pb2.TradingStatus = await self._call(
            self.safety.GetTrading, safety_pb2.GetTradingRequest(), actor
        )
        return TradingNow.model_validate_json(state.trading)

    async def set_mode(self, actor: Actor, mode: str) -> TradingNow:
        """Change how the actor trades."""
        state: safety_pb2.TradingStatus = await self._call(
            self.safety.SetMode, safety_pb2.SetModeRequest(mode=mode), actor
        )
        return TradingNow.model_validate_json(state.trading)

    async def kill(self, actor: Actor, *, on: bool) -> KillSwitch:
        """Throw the kill switch, or release it."""
        state: safety_pb2.KillSwitchState = await self._call(
            self.safety.SetKillSwitch, safety_pb2.SetKillSwitchRequest(on=on), actor
        )
        return KillSwitch.model_validate_json(state.kill_switch)

    async def _call(self, method: Any, request: Any, actor: Actor) -> Any:
        return await rpc.call(method, request, signer=self.signer, actor=actor, timeout_s=_CALL_S)


@dataclass(frozen=True, slots=True)
class GrpcLedger:
    """See `ports.Ledger`."""

    deliveries: "DeliveriesAsyncStub"
    signer: ActorSigner

    async def report(self, reports: Sequence[Report]) -> None:
        """Write down what became of deliveries."""
        request = deliveries_pb2.ReportRequest(
            reported=[
                deliveries_pb2.Reported(
                    delivery_id=report.delivery_id,
                    status=report.status,
                    external_id="" if report.message_id is None else str(report.message_id),
                    at=report.at.isoformat(),
                    code=report.code,
                )
                for report in reports
            ]
        )
        await rpc.call(
            self.deliveries.Report,
            request,
            signer=self.signer,
            actor=SERVICE_ACTOR,
            timeout_s=_CALL_S,
        )
