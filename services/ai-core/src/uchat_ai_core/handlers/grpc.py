"""What the brain remembers of a person, over gRPC, for the gateway."""

from dataclasses import dataclass
from typing import Any, Final

from uchat_ai_core.domain.planner.forgetting import EVERYTHING, source_of, wish_for
from uchat_ai_core.service.memories import Memories, Memory
from uchat_contracts.ids import is_log_id
from uchat_contracts.rpc.ai_core.v1 import memory_pb2 as pb
from uchat_contracts.rpc.ai_core.v1.memory_pb2_grpc import MemoryServicer
from uchat_platform.errors import InvalidInputError
from uchat_platform.rpc import Requires, current_actor

_SERVICE: Final = "/uchat.ai_core.v1.Memory"
_READ: Final = frozenset({"viewer", "trader", "approver", "admin"})
REQUIRES: Final = {
    f"{_SERVICE}/ListMemories": Requires(frozenset({"gateway"}), _READ),
    f"{_SERVICE}/GetMemory": Requires(frozenset({"gateway"}), _READ),
}
_LONGEST_PAGE: Final = 200
_DEFAULT_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class MemoryHandlers(MemoryServicer):
    """Decodes a request, calls one use case, encodes the answer."""

    memories: Memories

    async def ListMemories(
        self, request: pb.ListMemoriesRequest, context: Any
    ) -> pb.ListMemoriesResponse:
        if not 0 <= request.limit <= _LONGEST_PAGE:
            raise InvalidInputError(
                f"Expected a limit from 1 to {_LONGEST_PAGE}", code="invalid_limit"
            )
        limit = request.limit or _DEFAULT_PAGE
        page = await self.memories.page(current_actor().actor, request.cursor, limit)
        return pb.ListMemoriesResponse(
            memories=[_remembered(each) for each in page.memories],
            next=page.next,
            forget_all=EVERYTHING,
        )

    async def GetMemory(self, request: pb.GetMemoryRequest, context: Any) -> pb.Remembered:
        if not is_log_id(request.memory_id.partition(".")[0]):
            raise InvalidInputError("Expected a memory's id", code="invalid_memory_id")
        return _remembered(await self.memories.one(current_actor().actor, request.memory_id))


def _remembered(memory: Memory) -> pb.Remembered:
    fact, said = memory.remembered.fact, memory.remembered.said
    amount = fact.amount
    return pb.Remembered(
        memory_id=memory.memory_id,
        session_id=memory.session_id,
        message_id=said.message_id,
        kind=fact.kind,
        value=fact.value,
        amount=format(amount.value, "f") if amount is not None else "",
        unit=amount.unit if amount is not None else "",
        text=source_of(said),
        interface=said.interface,
        at=said.at.isoformat().replace("+00:00", "Z"),
        forget=wish_for(memory.remembered),
    )
