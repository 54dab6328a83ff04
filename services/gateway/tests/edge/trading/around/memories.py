"""The brain's own memory over conversations that are held here; sessions appends to them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from uchat_ai_core.handlers.grpc import MemoryHandlers
from uchat_ai_core.service.memories import Memories
from uchat_contracts.events import LogEntry, MessageData, MessageReceived


@dataclass
class Conversations:
    """The latest messages by conversation, and whose each is; an `OwnLogs` of ai-core."""

    logs: dict[str, list[LogEntry]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def append(self, event: MessageReceived) -> int:
        """Append a message, once for each client_msg_id; return its number."""
        entries = self.logs.setdefault(event.session_id, [])
        self.owners.setdefault(event.session_id, event.user_id)
        known = [each.seq for each in entries if each.data["client_msg_id"] == event.client_msg_id]
        if known:
            return known[0]
        data = MessageData(
            message_id=event.message_id,
            role="user",
            parts=event.parts,
            origin=event.origin,
            user_id=event.user_id,
            client_msg_id=event.client_msg_id,
        )
        entry = LogEntry(
            log=event.session_id,
            epoch="e1",
            seq=len(entries) + 1,
            ts=datetime.now(UTC),
            kind="message",
            data=data.model_dump(mode="json", exclude_none=True),
        )
        entries.append(entry)
        return entry.seq

    async def conversation_at(self, actor, cursor):
        mine = [log for log in self.logs if self.owners[log] == actor.person_id]
        place = int(cursor or 0)
        following = str(place + 1) if place + 1 < len(mine) else ""
        return (mine[place] if place < len(mine) else "", following)

    async def latest(self, actor, log):
        mine = self.owners.get(log) == actor.person_id
        return self.logs[log][-200:] if mine else []


def memory_service(conversations: Conversations) -> MemoryHandlers:
    """Return the service as ai-core serves it."""
    return MemoryHandlers(Memories(conversations))
