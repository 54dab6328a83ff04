"""What the Bot API and the test API share: the world, its updates, faults, and who called what."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Final

from uchat_sim_telegram import formatting
from uchat_sim_telegram.faults import Faults
from uchat_sim_telegram.updates import UpdateQueue
from uchat_sim_telegram.webhook import Webhook
from uchat_sim_telegram.world import Chat, Message, Query, User, World

Json = dict[str, Any]
_KEPT_CALLS: Final = 5_000


@dataclass(slots=True)
class Simulator:
    """One Telegram with one bot."""

    world: World
    updates: UpdateQueue
    faults: Faults
    webhook: Webhook
    token: str = ""
    calls: deque[Json] = field(default_factory=lambda: deque[Json](maxlen=_KEPT_CALLS))
    counts: Counter[str] = field(default_factory=Counter[str])

    def note_call(self, method: str, chat_id: int | None, error_code: int | None) -> None:
        """Take note of a call of the bot, for tests."""
        self.counts[method] += 1
        self.calls.append(
            {"method": method, "chat_id": chat_id, "error_code": error_code, "at": self.world.now()}
        )

    def say(self, chat: Chat, user: User, text: str) -> Message:
        """Let a person write into a chat with the bot."""
        message = self.world.post(chat, user, formatting.body(text, None))
        self.updates.put("message", self.world.message_json(message))
        return message

    def press(self, chat: Chat, user: User, message: Message, data: str) -> Query:
        """Let a person press a button."""
        query = self.world.press(chat, user, message, data)
        self.updates.put(
            "callback_query",
            {
                "id": query.id,
                "from": user.to_json(),
                "message": self.world.message_json(message),
                "chat_instance": str(abs(chat.id) * 7919),
                "data": data,
            },
        )
        chat.touch()
        return query

    def stop_drafts(self, chat: Chat) -> list[int]:
        """Let a person stop what the bot is writing; returns the drafts that it was."""
        stopped: list[int] = []
        for draft in chat.live_drafts(self.world.now()):
            if not draft.can_stop or draft.stopped:
                continue
            draft.stopped = True
            stopped.append(draft.draft_id)
            if not draft.keep_on_stop:
                chat.end_draft(draft)
            self.updates.put(
                "stopped_message_generation",
                {"chat": self.world.chat_json(chat), "draft_id": draft.draft_id},
            )
        chat.touch()
        return stopped

    def block(self, user: User, *, blocked: bool) -> None:
        """Let a person block the bot, or take that back."""
        user.blocked_bot = blocked
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        self.updates.put(
            "my_chat_member",
            {
                "chat": self.world.chat_json(self.world.private_chat(user.id)),
                "from": user.to_json(),
                "date": int(self.world.now()),
                "old_chat_member": self._member(before),
                "new_chat_member": self._member(after),
            },
        )

    def _member(self, status: str) -> Json:
        banned: Json = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": self.world.bot(), **banned}
