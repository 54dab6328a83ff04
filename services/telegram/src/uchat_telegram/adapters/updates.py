"""Telegram's updates in the adapter's own words."""

from typing import cast

from aiogram import types

from uchat_telegram.domain.view import Button, Incoming, Keyboard, Style


def incoming(update: types.Update) -> Incoming:
    """Return what an update means here; what is not read is `other`."""
    if update.message is not None:
        return _message(update.update_id, update.message)
    if update.callback_query is not None:
        return _press(update.update_id, update.callback_query)
    stopped = update.stopped_message_generation
    if stopped is not None:
        return Incoming(
            update_id=update.update_id,
            kind="stop",
            chat_id=stopped.chat.id,
            private=stopped.chat.type == "private",
            user_id=stopped.chat.id,
            name=stopped.chat.first_name or "",
            draft_id=stopped.draft_id,
        )
    return Incoming(update.update_id, "other", 0, private=False)


def parse(body: bytes) -> Incoming:
    """Return what a pushed update means.

    Raises:
        pydantic.ValidationError: it is none.
    """
    return incoming(types.Update.model_validate_json(body))


def _message(update_id: int, message: types.Message) -> Incoming:
    sender = message.from_user
    private = message.chat.type == "private"
    return Incoming(
        update_id=update_id,
        kind="text" if message.text else "other",
        chat_id=message.chat.id,
        private=private and sender is not None and sender.id == message.chat.id,
        user_id=0 if sender is None else sender.id,
        name="" if sender is None else sender.first_name,
        message_id=message.message_id,
        text=message.text or "",
        addressed=private or (message.text or "").startswith("/"),
        forwarded=message.forward_origin is not None or message.via_bot is not None,
    )


def _press(update_id: int, query: types.CallbackQuery) -> Incoming:
    message = query.message
    return Incoming(
        update_id=update_id,
        kind="press",
        chat_id=query.from_user.id if message is None else message.chat.id,
        private=message is not None and message.chat.type == "private",
        user_id=query.from_user.id,
        name=query.from_user.first_name,
        message_id=0 if message is None else message.message_id,
        callback_id=query.id,
        data=query.data or "",
        keyboard=_keyboard(message),
    )


def _keyboard(message: types.Message | types.InaccessibleMessage | None) -> Keyboard:
    if not isinstance(message, types.Message) or message.reply_markup is None:
        return ()
    return tuple(
        tuple(
            Button(each.text, each.callback_data, each.url, cast("Style | None", each.style))
            for each in row
        )
        for row in message.reply_markup.inline_keyboard
    )
