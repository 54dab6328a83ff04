"""`/sim`: how a test, or the page, plays the people on the other side of the bot."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from aiohttp import web

from uchat_sim_telegram.errors import ApiError, bad_request
from uchat_sim_telegram.rich import flat
from uchat_sim_telegram.server import Simulator
from uchat_sim_telegram.world import Chat, Draft, Message, Query, User

Json = dict[str, Any]
_MAX_WAIT_S: Final = 30.0


class SimApi:
    """The routes of the test API. Errors are `{"error": …}` with 400 or 404."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._world = simulator.world

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        routes: list[tuple[str, str, Callable[[web.Request], Awaitable[Any]]]] = [
            ("GET", "/sim/state", self.state),
            ("GET", "/sim/calls", self.calls),
            ("GET", "/sim/users", self.users),
            ("POST", "/sim/users", self.add_user),
            ("POST", "/sim/groups", self.add_group),
            ("POST", "/sim/messages", self.say),
            ("POST", "/sim/callbacks", self.press),
            ("POST", "/sim/stop", self.stop),
            ("POST", "/sim/block", self.block),
            ("POST", "/sim/redeliver", self.redeliver),
            ("GET", "/sim/chats/{chat_id}/messages", self.messages),
            ("GET", "/sim/faults", self.faults),
            ("POST", "/sim/faults", self.add_fault),
            ("DELETE", "/sim/faults", self.clear_faults),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, _answering(handler))

    async def state(self, request: web.Request) -> Json:
        """Return counters: calls by method, pending updates, 409s, the webhook."""
        del request
        sim = self._simulator
        menus = list(self._world.commands.values())
        return {
            "bot": self._world.bot(),
            "commands": menus[0] if menus else [],
            "calls": dict(sim.counts),
            "pending_updates": len(sim.updates),
            "conflicts": sim.updates.conflicts,
            "webhook": sim.webhook.info(),
            "faults": sim.faults.to_json(),
        }

    async def calls(self, request: web.Request) -> Json:
        """Return the latest calls of the bot, oldest first."""
        method = request.query.get("method")
        calls = [call for call in self._simulator.calls if method in (None, call["method"])]
        return {"calls": calls}

    async def users(self, request: web.Request) -> Json:
        """Return everybody."""
        del request
        return {"users": [self._user_json(user) for user in self._world.users.values()]}

    async def add_user(self, request: web.Request) -> Json:
        """Let somebody join; the same username is the same person."""
        body = await _body(request)
        name = str(body.get("first_name") or "").strip()[:64]
        if not name:
            raise bad_request("first_name is not specified")
        username = str(body.get("username") or "").strip().lstrip("@")[:32]
        return self._user_json(self._world.add_user(name, username or None))

    async def add_group(self, request: web.Request) -> Json:
        """Open a group with the bot and these people in it."""
        body = await _body(request)
        members = {self._user(member).id for member in body.get("members", [])}
        return {"id": self._world.add_group(str(body.get("title") or "Group"), members).id}

    async def say(self, request: web.Request) -> Json:
        """Let a person write, in private or in a group (`chat_id`)."""
        body = await _body(request)
        user = self._user(body.get("user_id"))
        chat = self._chat_of(body, user)
        message = self._simulator.say(chat, user, str(body.get("text") or ""))
        return {"message_id": message.message_id, "at": message.at}

    async def press(self, request: web.Request) -> Json:
        """Let a person press a button; with `wait_s` also wait for what the bot says to it."""
        body = await _body(request)
        user = self._user(body.get("user_id"))
        chat = self._chat_of(body, user)
        message = chat.messages.get(int(body.get("message_id") or 0))
        data = str(body.get("data") or "")
        if message is None or message.deleted:
            raise bad_request("MESSAGE_ID_INVALID")
        if data not in message.offered and not body.get("force"):
            raise bad_request("DATA_INVALID")
        query = self._simulator.press(chat, user, message, data)
        await _until(query.answered, float(body.get("wait_s") or 0))
        return _query_json(query)

    async def stop(self, request: web.Request) -> Json:
        """Let a person press stop on what is being written."""
        body = await _body(request)
        user = self._user(body.get("user_id"))
        return {"stopped": self._simulator.stop_drafts(self._chat_of(body, user))}

    async def block(self, request: web.Request) -> Json:
        """Let a person block the bot (`blocked` false: take it back)."""
        body = await _body(request)
        user = self._user(body.get("user_id"))
        self._simulator.block(user, blocked=bool(body.get("blocked", True)))
        return {"blocked": user.blocked_bot}

    async def redeliver(self, request: web.Request) -> Json:
        """Send the latest update to the bot once more."""
        del request
        return {"update_id": self._simulator.updates.redeliver()}

    async def messages(self, request: web.Request) -> Json:
        """Return a chat; with `version` and `wait` (seconds), once it differs from that version."""
        chat_id = int(request.match_info["chat_id"])
        chat = self._world.chats.get(chat_id)
        if chat is None:
            self._user(chat_id)
            chat = self._world.private_chat(chat_id) if request.query.get("wait") else None
        if chat is None:
            return {"messages": [], "drafts": [], "action": None, "answers": [], "version": 0}
        seen = request.query.get("version")
        if seen is not None and int(seen) == chat.version:
            await _until(chat.changed, float(request.query.get("wait") or 0))
        return self._chat_json(chat)

    async def faults(self, request: web.Request) -> Json:
        """Return the faults that are on."""
        del request
        return {"faults": self._simulator.faults.to_json()}

    async def add_fault(self, request: web.Request) -> Json:
        """Switch a fault on; `{"kind": "none"}` switches all off."""
        body = await _body(request)
        if body.get("kind") in ("none", "clear"):
            self._simulator.faults.clear()
        else:
            try:
                self._simulator.faults.add(body)
            except (TypeError, ValueError) as e:
                raise bad_request(str(e)) from e
        return {"faults": self._simulator.faults.to_json()}

    async def clear_faults(self, request: web.Request) -> Json:
        """Switch all faults off."""
        del request
        self._simulator.faults.clear()
        return {"faults": []}

    def _user(self, value: Any) -> User:
        user = self._world.users.get(int(value or 0))
        if user is None:
            raise ApiError(404, f"No user {value!r}")
        return user

    def _chat_of(self, body: Json, user: User) -> Chat:
        chat_id = int(body.get("chat_id") or user.id)
        if chat_id == user.id:
            return self._world.private_chat(user.id)
        chat = self._world.chats.get(chat_id)
        if chat is None or user.id not in chat.members:
            raise ApiError(404, f"No chat {chat_id!r} of user {user.id}")
        return chat

    def _user_json(self, user: User) -> Json:
        return {"id": user.id, "first_name": user.first_name, "username": user.username}

    def _chat_json(self, chat: Chat) -> Json:
        now = self._world.now()
        return {
            "messages": [_message_json(message) for message in chat.messages.values()],
            "drafts": [
                *(_draft_json(draft, ended=False) for draft in chat.live_drafts(now)),
                *(_draft_json(draft, ended=True) for draft in chat.ended_drafts),
            ],
            "action": chat.live_action(now),
            "answers": [_query_json(query) for query in chat.queries],
            "version": chat.version,
        }


def _message_json(message: Message) -> Json:
    return {
        "message_id": message.message_id,
        "from": "bot" if message.sender is None else "user",
        "user_id": None if message.sender is None else message.sender.id,
        **_content(message.body),
        "buttons": [[_button_json(button) for button in row] for row in message.keyboard],
        "edited": message.edits,
        "deleted": message.deleted,
        "silent": message.silent,
        "at": message.at,
        "first_edited_at": message.first_edited_at,
        "edited_at": message.edited_at,
    }


def _content(body: Json) -> Json:
    if "rich_message" in body:
        blocks = body["rich_message"]["blocks"]
        return {"text": flat(blocks), "blocks": blocks, "entities": []}
    if "photo" in body:
        photo = body["photo"][-1]
        entities = body.get("caption_entities", [])
        return {"text": body.get("caption", ""), "entities": entities, "photo": photo["file_id"]}
    return {"text": body.get("text", ""), "entities": body.get("entities", [])}


def _button_json(button: Json) -> Json:
    return {
        "text": button["text"],
        "data": button.get("callback_data"),
        "url": button.get("url"),
        "style": button.get("style"),
        "disabled": "disabled" in button,
    }


def _draft_json(draft: Draft, *, ended: bool) -> Json:
    return {
        "draft_id": draft.draft_id,
        **_content(draft.body),
        "can_stop": draft.can_stop,
        "stopped": draft.stopped,
        "frames": draft.frames,
        "at": draft.at,
        "changed_at": draft.changed_at,
        "ended": ended,
    }


def _query_json(query: Query) -> Json:
    return {
        "id": query.id,
        "user_id": query.user_id,
        "message_id": query.message_id,
        "data": query.data,
        "answer": query.answer,
    }


async def _body(request: web.Request) -> Json:
    if not request.can_read_body:
        return {}
    try:
        body = await request.json()
    except ValueError:
        raise bad_request("expected a JSON object") from None
    if not isinstance(body, dict):
        raise bad_request("expected a JSON object")
    return cast("Json", body)


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(0.0, min(seconds, _MAX_WAIT_S))):
            await event.wait()
    except TimeoutError:
        return


def _answering(
    handler: Callable[[web.Request], Awaitable[Json]],
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await handler(request))
        except ApiError as e:
            return web.json_response({"error": e.description}, status=e.error_code)
        except (TypeError, ValueError):
            return web.json_response({"error": "Bad Request: a value does not fit"}, status=400)

    return answer
