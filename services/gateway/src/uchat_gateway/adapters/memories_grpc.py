"""What is remembered by gRPC from ai-core."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from uchat_contracts.rpc.ai_core.v1 import memory_pb2 as pb
from uchat_gateway.adapters.trading_grpc import Caller
from uchat_gateway.ports.memories import Memory, MemoryPage
from uchat_platform.auth import Actor

if TYPE_CHECKING:
    from uchat_contracts.rpc.ai_core.v1.memory_pb2_grpc import MemoryAsyncStub


@dataclass(frozen=True, slots=True)
class GrpcMemories(Caller):
    """Calls `Memory` for an actor; see `ports.memories` for each method."""

    stub: "MemoryAsyncStub"

    async def page(self, actor: Actor, *, cursor: str, limit: int) -> MemoryPage:
        """Return a page of memories."""
        asked = pb.ListMemoriesRequest(cursor=cursor, limit=limit)
        answer: pb.ListMemoriesResponse = await self.call(self.stub.ListMemories, asked, actor)
        memories = [_memory(each) for each in answer.memories]
        return MemoryPage(memories, answer.next or None, answer.forget_all)

    async def get(self, actor: Actor, memory_id: str) -> Memory:
        """Return one memory."""
        asked = pb.GetMemoryRequest(memory_id=memory_id)
        answer: pb.Remembered = await self.call(self.stub.GetMemory, asked, actor)
        return _memory(answer)


def _memory(told: pb.Remembered) -> Memory:
    return Memory(
        memory_id=told.memory_id,
        session_id=told.session_id,
        message_id=told.message_id,
        kind=told.kind,
        value=told.value,
        amount=told.amount or None,
        unit=told.unit or None,
        text=told.text,
        interface=told.interface,
        at=told.at,
        forget=told.forget,
    )
