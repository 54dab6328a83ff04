"""Everything the simulated Telegram knows: people, chats, messages, drafts. In memory."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

_FIRST_GROUP: Final = -1_000_000_000_001
_DRAFT_LIFE_S: Final = 30.0
_ACTION_LIFE_S: Final = 5.0
_KEPT_QUERIES: Final = 5_000
_KEPT_DRAFTS: Final = 20
Json = dict[str, Any]


@dataclass(slots=True)
class User:
    """A person with a Telegram account."""

    id: int
    first_name: str
    username: str | None
    blocked_bot: bool = False

    def to_json(self) -> Json:
        """Return a `User`."""
        shown: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        return (
            shown | {"language_code": "en"} | ({"username": self.username} if self.username else {})
        )


@dataclass(slots=True)
class Message:
    """A message in a chat. `body` holds text and entities, a rich message, or a photo.

    `offered` are all callback data that its buttons ever had: a client may be behind.
    """

    message_id: int
    chat_id: int
    sender: User | None
    at: float
    body: Json
    keyboard: list[list[Json]] = field(default_factory=list[list[Json]])
    edits: int = 0
    first_edited_at: float | None = None
    edited_at: float | None = None
    deleted: bool = False
    silent: bool = False
    offered: set[str] = field(default_factory=set[str])

    def show(self, body: Json, keyboard: list[list[Json]]) -> None:
        """Set what the message says and offers."""
        self.body, self.keyboard = body, keyboard
        buttons = (button for row in keyboard for button in row)
        self.offered |= {button["callback_data"] for button in buttons if "callback_data" in button}


@dataclass(slots=True)
class Draft:
    """A message that is being written before the user's eyes, for 30 s after its last change."""

    draft_id: int
    body: Json
    can_stop: bool
    keep_on_stop: bool
    at: float
    changed_at: float
    stopped: bool = False
    frames: int = 1


@dataclass(slots=True)
class Query:
    """A pressed button and what the bot said to it."""

    id: str
    user_id: int
    message_id: int
    data: str
    at: float
    answer: Json | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Chat:
    """A private chat, or a group if it has a title. `changed` is renewed at every change."""

    id: int
    title: str | None
    members: set[int]
    messages: dict[int, Message] = field(default_factory=dict[int, Message])
    drafts: dict[int, Draft] = field(default_factory=dict[int, Draft])
    ended_drafts: deque[Draft] = field(default_factory=lambda: deque[Draft](maxlen=_KEPT_DRAFTS))
    queries: deque[Query] = field(default_factory=lambda: deque[Query](maxlen=50))
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    action: tuple[str, float] | None = None
    version: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def private(self) -> bool:
        """Tell whether only one person and the bot are in it."""
        return self.title is None

    def touch(self) -> None:
        """Wake who waits for a change."""
        self.version += 1
        self.changed.set()
        self.changed = asyncio.Event()

    def live_drafts(self, now: float) -> list[Draft]:
        """Return the drafts that the user still sees."""
        for draft in list(self.drafts.values()):
            if now - draft.changed_at > _DRAFT_LIFE_S:
                self.end_draft(draft)
        return list(self.drafts.values())

    def end_draft(self, draft: Draft) -> None:
        """Take a draft out of the user's sight."""
        del self.drafts[draft.draft_id]
        self.ended_drafts.append(draft)

    def live_action(self, now: float) -> str | None:
        """Return what the bot seems to be doing, as `typing`."""
        if self.action is None or now - self.action[1] > _ACTION_LIFE_S:
            return None
        return self.action[0]


class World:
    """People and chats, and one bot."""

    def __init__(self, bot_username: str) -> None:
        self.bot_id = 4_200_000_001
        self.bot_username = bot_username
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.commands: dict[str, list[Json]] = {}
        self.files: dict[str, bytes] = {}
        self.others: dict[str, Json] = {}
        # Nobody gets the account of somebody from before a restart.
        self._user_ids = itertools.count(int(time.time()))
        self._group_ids = itertools.count(_FIRST_GROUP, -1)
        self._query_ids = itertools.count(time.time_ns() // 1000)

    @staticmethod
    def now() -> float:
        """Return the present Unix time in seconds."""
        return time.time()

    def bot(self) -> Json:
        """Return the bot's `User`."""
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": "Unified Chat",
            "username": self.bot_username,
        }

    def add_user(self, first_name: str, username: str | None) -> User:
        """Let a person join Telegram; the same username is the same person."""
        if username:
            for user in self.users.values():
                if user.username == username:
                    return user
        user = User(next(self._user_ids), first_name, username or None)
        self.users[user.id] = user
        return user

    def add_group(self, title: str, members: set[int]) -> Chat:
        """Open a group with the bot in it."""
        chat = Chat(next(self._group_ids), title, members)
        self.chats[chat.id] = chat
        return chat

    def private_chat(self, user_id: int) -> Chat:
        """Return the chat of a person with the bot, opened by the person's first message."""
        return self.chats.setdefault(user_id, Chat(user_id, None, {user_id}))

    def chat_json(self, chat: Chat) -> Json:
        """Return a `Chat`."""
        if not chat.private:
            return {"id": chat.id, "type": "group", "title": chat.title}
        user = self.users[chat.id]
        shown: Json = {"id": chat.id, "type": "private", "first_name": user.first_name}
        return shown | ({"username": user.username} if user.username else {})

    def post(self, chat: Chat, sender: User | None, body: Json) -> Message:
        """Add a message; `sender` None: the bot. A message of the bot dismisses its drafts."""
        message = Message(next(chat.numbers), chat.id, sender, self.now(), body)
        chat.messages[message.message_id] = message
        if sender is None:
            for draft in list(chat.drafts.values()):
                chat.end_draft(draft)
            chat.action = None
        chat.touch()
        return message

    def press(self, chat: Chat, user: User, message: Message, data: str) -> Query:
        """Let a person press a button."""
        query = Query(str(next(self._query_ids)), user.id, message.message_id, data, self.now())
        chat.queries.append(query)
        self.queries[query.id] = query
        if len(self.queries) > _KEPT_QUERIES:
            del self.queries[next(iter(self.queries))]
        return query

    def message_json(self, message: Message) -> Json:
        """Return a `Message`."""
        sender = self.bot() if message.sender is None else message.sender.to_json()
        shown: Json = {
            "message_id": message.message_id,
            "date": int(message.at),
            "chat": self.chat_json(self.chats[message.chat_id]),
            "from": sender,
            **message.body,
        }
        if message.edited_at is not None:
            shown["edit_date"] = int(message.edited_at)
        if message.keyboard:
            shown["reply_markup"] = {"inline_keyboard": message.keyboard}
        return shown
