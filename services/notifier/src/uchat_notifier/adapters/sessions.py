"""Logs and channels by gRPC from the sessions service, on the notifier's own behalf."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uchat_contracts.events import LogEntry
from uchat_contracts.rpc.sessions.v1 import links_pb2, sessions_pb2
from uchat_notifier.domain.rules import Channel
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, ActorSigner

if TYPE_CHECKING:
    from uchat_contracts.rpc.sessions.v1.links_pb2_grpc import LinksAsyncStub
    from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsAsyncStub


@dataclass(frozen=True, slots=True)
class GrpcLogs:
    """The logs of whoever."""

    stub: "SessionsAsyncStub"
    signer: ActorSigner

    async def entries(self, log: str, after: int, limit: int) -> Sequence[LogEntry]:
        """Return entries with seq > after, ascending."""
        request = sessions_pb2.ReadLogRequest(log=log, after=after, limit=limit)
        answer = await rpc.call(self.stub.ReadLog, request, signer=self.signer, actor=SERVICE_ACTOR)
        return [LogEntry.model_validate_json(entry) for entry in answer.entries]

    async def heads(self, logs: Sequence[str]) -> tuple[str, dict[str, int]]:
        """Return the epoch, and how far those logs are that exist."""
        request = sessions_pb2.GetHeadsRequest(logs=logs)
        answer = await rpc.call(
            self.stub.GetHeads, request, signer=self.signer, actor=SERVICE_ACTOR
        )
        return answer.epoch, {head.log: head.seq for head in answer.heads}


@dataclass(frozen=True, slots=True)
class GrpcChannels:
    """The channels of whoever."""

    stub: "LinksAsyncStub"
    signer: ActorSigner

    async def channels(self, person: str) -> Sequence[Channel]:
        """Return the channels of a person."""
        request = links_pb2.ListChannelsRequest(person_id=person)
        answer = await rpc.call(
            self.stub.ListChannels, request, signer=self.signer, actor=SERVICE_ACTOR
        )
        return [Channel(channel.provider, channel.external_id) for channel in answer.channels]
