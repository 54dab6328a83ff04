"""The people behind accounts, asked of the sessions service."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from uchat_contracts.rpc.sessions.v1.sessions_pb2 import ResolveIdentityRequest
from uchat_platform import rpc
from uchat_platform.auth import SERVICE_ACTOR, ActorSigner

if TYPE_CHECKING:
    from uchat_contracts.rpc.sessions.v1.sessions_pb2_grpc import SessionsAsyncStub


@dataclass(frozen=True, slots=True)
class GrpcPeople:
    """Names people by `ResolveIdentity`."""

    sessions: "SessionsAsyncStub"
    signer: ActorSigner

    async def person_of(self, account_id: str, display_name: str) -> str:
        """Return the person's id, made on the first call.

        Raises:
            UnavailableError: the sessions service is away.
        """
        person = await rpc.call(
            self.sessions.ResolveIdentity,
            ResolveIdentityRequest(
                provider="account", external_id=account_id, display_name=display_name
            ),
            signer=self.signer,
            actor=SERVICE_ACTOR,
            timeout_s=5.0,
        )
        return person.person_id
