"""The methods of the Bot API that are simulated (https://core.telegram.org/bots/api)."""

import json
import secrets
import struct
from collections.abc import Awaitable, Callable
from typing import Any, Final

from uchat_sim_telegram import formatting, markup, rich
from uchat_sim_telegram.errors import ApiError, bad_request
from uchat_sim_telegram.params import Params
from uchat_sim_telegram.server import Simulator
from uchat_sim_telegram.world import Chat, Draft, Message

Json = dict[str, Any]
Method = Callable[[Simulator, Params], Awaitable[Any]]
_QUERY_LIFE_S: Final = 30.0
_MAX_CAPTION: Final = 1024
_MAX_ANSWER: Final = 200
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_UNCHANGED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


async def get_me(sim: Simulator, params: Params) -> Json:
    """Return the bot."""
    del params
    return sim.world.bot() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


async def get_updates(sim: Simulator, params: Params) -> list[Json]:
    """Return what waits; long polling."""
    if sim.webhook.url:
        raise ApiError(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to"
            " delete the webhook first",
        )
    _allow(sim, params)
    limit = max(1, min(params.integer("limit") or 100, 100))
    return await sim.updates.poll(params.integer("offset"), limit, params.integer("timeout") or 0)


async def set_webhook(sim: Simulator, params: Params) -> bool:
    """Push updates to an address from now on."""
    _allow(sim, params)
    if params.flag("drop_pending_updates"):
        sim.updates.drop_all()
    sim.webhook.set(
        params.text("url") or "", params.text("secret_token"), params.integer("max_connections")
    )
    return True


async def delete_webhook(sim: Simulator, params: Params) -> bool:
    """Go back to getUpdates."""
    if params.flag("drop_pending_updates"):
        sim.updates.drop_all()
    sim.webhook.set("", None, None)
    return True


async def get_webhook_info(sim: Simulator, params: Params) -> Json:
    """Return where updates are pushed to."""
    del params
    return sim.webhook.info()


async def send_message(sim: Simulator, params: Params) -> Json:
    """Send a text."""
    text = params.text("text")
    body = formatting.body(text, params.text("parse_mode"), params.json("entities"))
    return _send(sim, params, body)


async def send_rich_message(sim: Simulator, params: Params) -> Json:
    """Send headings, tables, lists."""
    return _send(sim, params, {"rich_message": rich.read(params.json("rich_message"))})


async def send_photo(sim: Simulator, params: Params) -> Json:
    """Send a picture: uploaded, by the id of one that was, or by an address."""
    given = params.text("photo") or ""
    upload = params.files.get(given.removeprefix("attach://") or "photo")
    if upload is None and not given:
        raise bad_request("there is no photo in the request")
    if upload is None and given.startswith("attach://"):
        raise bad_request("wrong file identifier/HTTP URL specified")
    file_id = given if upload is None else f"AgAC{secrets.token_hex(16)}"
    content = sim.world.files.get(file_id, b"") if upload is None else upload.content
    sim.world.files[file_id] = content
    width, height = _dimensions(content)
    caption, entities = formatting.parse(
        params.text("caption") or "", params.text("parse_mode"), params.json("caption_entities")
    )
    if len(caption) > _MAX_CAPTION:
        raise bad_request("message caption is too long")
    size: Json = {"file_id": file_id, "file_unique_id": file_id[-16:], "width": width}
    body: Json = {"photo": [size | {"height": height, "file_size": len(content)}]}
    if caption:
        body |= {"caption": caption} | ({"caption_entities": entities} if entities else {})
    return _send(sim, params, body)


async def send_message_draft(sim: Simulator, params: Params) -> bool:
    """Show a text that is being written."""
    mode, entities = params.text("parse_mode"), params.json("entities")
    return _draft(sim, params, formatting.body(params.text("text"), mode, entities, empty=True))


async def send_rich_message_draft(sim: Simulator, params: Params) -> bool:
    """Show a rich message that is being written."""
    return _draft(sim, params, {"rich_message": rich.read(params.json("rich_message"))})


async def send_chat_action(sim: Simulator, params: Params) -> bool:
    """Show what the bot is doing, for 5 s."""
    chat = _chat(sim, params)
    chat.action = (params.text("action") or "typing", sim.world.now())
    chat.touch()
    return True


async def edit_message_text(sim: Simulator, params: Params) -> Json:
    """Change what a message of the bot says; without a keyboard it loses its own."""
    given = params.json("rich_message")
    if given is not None:
        body: Json = {"rich_message": rich.read(given)}
    else:
        mode, entities = params.text("parse_mode"), params.json("entities")
        body = formatting.body(params.text("text"), mode, entities)
    return _edit(sim, params, body)


async def edit_message_reply_markup(sim: Simulator, params: Params) -> Json:
    """Change or remove the buttons of a message."""
    return _edit(sim, params, None)


async def delete_message(sim: Simulator, params: Params) -> bool:
    """Delete a message."""
    chat = _chat(sim, params)
    message = chat.messages.get(params.need_integer("message_id"))
    if message is None or message.deleted:
        raise bad_request("message to delete not found")
    message.deleted = True
    chat.touch()
    return True


async def answer_callback_query(sim: Simulator, params: Params) -> bool:
    """Say something to who pressed a button; once, and soon."""
    query = sim.world.queries.get(params.text("callback_query_id") or "")
    late = query is not None and sim.world.now() - query.at > _QUERY_LIFE_S
    if query is None or query.answer is not None or late:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = params.text("text") or ""
    if len(text) > _MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = {"text": text, "show_alert": params.flag("show_alert")}
    query.answered.set()
    for chat in sim.world.chats.values():
        if query in chat.queries:
            chat.touch()
    return True


async def set_my_commands(sim: Simulator, params: Params) -> bool:
    """Set the menu of commands of a scope."""
    commands = params.json("commands")
    if not isinstance(commands, list):
        raise bad_request("can't parse commands: expected an array")
    sim.world.commands[_scope(params)] = commands
    return True


async def get_my_commands(sim: Simulator, params: Params) -> list[Json]:
    """Return the menu of commands of a scope."""
    return sim.world.commands.get(_scope(params), [])


async def delete_my_commands(sim: Simulator, params: Params) -> bool:
    """Remove the menu of commands of a scope."""
    sim.world.commands.pop(_scope(params), None)
    return True


async def get_chat(sim: Simulator, params: Params) -> Json:
    """Return a chat."""
    chat = _chat(sim, params)
    limits: Json = {"accent_color_id": 0, "max_reaction_count": 11}
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    accepted = dict.fromkeys((*gifts, "gifts_from_channels"), False)
    return sim.world.chat_json(chat) | limits | {"accepted_gift_types": accepted}


async def get_file(sim: Simulator, params: Params) -> Json:
    """Return where a picture can be fetched."""
    file_id = params.text("file_id") or ""
    if file_id not in sim.world.files:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    size = len(sim.world.files[file_id])
    return {
        "file_id": file_id,
        "file_unique_id": file_id[-16:],
        "file_size": size,
        "file_path": f"photos/{file_id}",
    }


METHODS: Final[dict[str, Method]] = {
    "getme": get_me,
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "sendrichmessage": send_rich_message,
    "sendphoto": send_photo,
    "sendmessagedraft": send_message_draft,
    "sendrichmessagedraft": send_rich_message_draft,
    "sendchataction": send_chat_action,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "getchat": get_chat,
    "getfile": get_file,
}


def _allow(sim: Simulator, params: Params) -> None:
    allowed = params.json("allowed_updates")
    if allowed is not None:
        sim.updates.allowed = frozenset(allowed) or None


def _scope(params: Params) -> str:
    return json.dumps([params.json("scope"), params.text("language_code")], sort_keys=True)


def _chat(sim: Simulator, params: Params) -> Chat:
    chat_id = params.need_integer("chat_id")
    chat = sim.world.chats.get(chat_id)
    user = sim.world.users.get(chat_id)
    if user is not None and user.blocked_bot:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    if chat is None and user is not None:
        raise ApiError(403, "Forbidden: bot can't initiate conversation with a user")
    if chat is None:
        raise bad_request("chat not found")
    return chat


def _send(sim: Simulator, params: Params, body: Json) -> Json:
    chat = _chat(sim, params)
    keyboard = markup.read(params.json("reply_markup"))
    message = sim.world.post(chat, None, body)
    message.show(body, keyboard)
    message.silent = params.flag("disable_notification")
    return sim.world.message_json(message)


def _edit(sim: Simulator, params: Params, body: Json | None) -> Json:
    chat = _chat(sim, params)
    message: Message | None = chat.messages.get(params.need_integer("message_id"))
    if message is None or message.deleted:
        raise bad_request("message to edit not found")
    if message.sender is not None:
        raise bad_request("message can't be edited")
    keyboard = markup.read(params.json("reply_markup"))
    new = message.body if body is None else body
    if new == message.body and keyboard == message.keyboard:
        raise bad_request(_UNCHANGED)
    message.show(new, keyboard)
    message.edits += 1
    message.edited_at = sim.world.now()
    message.first_edited_at = message.first_edited_at or message.edited_at
    chat.touch()
    return sim.world.message_json(message)


def _draft(sim: Simulator, params: Params, body: Json) -> bool:
    chat = _chat(sim, params)
    if not chat.private:
        raise bad_request("drafts can be sent to private chats only")
    draft_id = params.need_integer("draft_id")
    if draft_id == 0:
        raise bad_request("draft_id must be non-zero")
    before = chat.drafts.get(draft_id)
    if before is not None and before.stopped:
        return True
    now = sim.world.now()
    flags = params.flag("can_stop"), params.flag("keep_on_stop")
    draft = Draft(draft_id, body, *flags, now if before is None else before.at, now)
    draft.frames = 1 if before is None else before.frames + 1
    for other in chat.live_drafts(now):
        if other.draft_id != draft_id:
            chat.end_draft(other)
    chat.drafts[draft_id] = draft
    chat.touch()
    return True


def _dimensions(content: bytes) -> tuple[int, int]:
    if content.startswith(_PNG) and len(content) >= 24:  # noqa: PLR2004 - up to IHDR's sizes
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    return 640, 480
