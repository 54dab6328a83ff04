"""What the brain remembers over HTTP: `/api/v1/memories`."""

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from uchat_contracts.ids import ConversationId, InterfaceName, MessageId
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.answers import Cursor, Limit, Via, json_answer
from uchat_gateway.doors.edge import Door
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import CurrentActor, requires
from uchat_gateway.ports.memories import Memory
from uchat_gateway.service.forgetting import Forgetting

_READ: Final = [requires(Permission.CHAT_READ)]
_WRITE: Final = [requires(Permission.CHAT_WRITE)]
MemoryId = Annotated[
    str, StringConstraints(pattern=r"^unified_[0-9A-HJKMNP-TV-Z]{26}\.\d{1,18}\.\d{1,4}$"), Path()
]


class MemoryInfo(BaseModel):
    """One thing that the person told, in which words, where and when.

    `kind` is name, amount (money they have), holding, goal, interest, risk, note or about.
    `amount` and `unit` are there for an amount of money or a holding.
    """

    memory_id: str
    session_id: ConversationId
    message_id: MessageId
    kind: str
    value: str
    amount: Decimal | None
    unit: str | None
    text: str = Field(description="The message that says so, cut to 200 characters")
    interface: InterfaceName
    at: AwareDatetime

    @classmethod
    def of(cls, memory: Memory) -> "MemoryInfo":
        """Return a memory as the API tells it."""
        return cls.model_validate(asdict(memory))


class MemoryList(BaseModel):
    """A page of memories; one may be short, or empty, though `next` names another."""

    memories: list[MemoryInfo]
    next: str | None = None


class Forgotten(BaseModel):
    """The conversations in which everything was taken back."""

    session_ids: list[ConversationId]


def build(forgetting: Forgetting) -> Door:
    """Make the door."""
    router = APIRouter(prefix="/api/v1", tags=["memories"])
    _add_list(router, forgetting)
    _add_deletes(router, forgetting)
    return Door("memory", router)


def _add_list(router: APIRouter, forgetting: Forgetting) -> None:
    @router.get("/memories", dependencies=_READ, response_model=MemoryList, responses=problems(429))
    async def list_memories(
        actor: CurrentActor, cursor: Cursor = "", limit: Limit = 50
    ) -> Response:
        """List what the caller told about themselves, in all of their conversations.

        It is read out of the latest 200 messages of each, and kept nowhere else.
        """
        page = await forgetting.page(actor, cursor=cursor, limit=limit)
        memories = [MemoryInfo.of(each) for each in page.memories]
        return json_answer(MemoryList(memories=memories, next=page.next).model_dump_json().encode())


def _add_deletes(router: APIRouter, forgetting: Forgetting) -> None:
    @router.delete(
        "/memories/{memory_id}",
        dependencies=_WRITE,
        response_model=MemoryInfo,
        responses=problems(404, 409, 410, 429),
    )
    async def forget_memory(
        actor: CurrentActor, memory_id: MemoryId, interface: Via = "api"
    ) -> Response:
        """Have one thing forgotten, on every interface, and return it as it was.

        It is a message of the caller in the conversation that it was told in, and answered there.
        """
        gone = await forgetting.forget(replace(actor, interface=interface), memory_id)
        return json_answer(MemoryInfo.of(gone).model_dump_json().encode())

    @router.delete(
        "/memories",
        dependencies=_WRITE,
        response_model=Forgotten,
        responses=problems(404, 409, 410, 429),
    )
    async def forget_everything(actor: CurrentActor, interface: Via = "api") -> Response:
        """Have everything forgotten: a message in each conversation in which something was told.

        Where it ends early (`rate_limited`), the same call again goes on.
        """
        logs = await forgetting.forget_all(replace(actor, interface=interface))
        return json_answer(Forgotten(session_ids=logs).model_dump_json().encode())
