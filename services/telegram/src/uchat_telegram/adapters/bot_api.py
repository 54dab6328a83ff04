"""The Bot API by aiogram: calls and their errors, updates, keyboards."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiogram import Bot, methods, types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.utils.token import TokenValidationError

from uchat_platform import logging
from uchat_platform.errors import InvalidInputError, NotFoundError, UchatError
from uchat_telegram.adapters import lean
from uchat_telegram.adapters.bot_errors import called
from uchat_telegram.adapters.updates import incoming
from uchat_telegram.domain.view import Button, Incoming, Keyboard, View
from uchat_telegram.domain.words import COMMANDS

ALLOWED: Final = ("message", "callback_query", "stopped_message_generation")
_CALL_S: Final = 10
_SEND_S: Final = 20
_HTML: Final = "HTML"
_UNCHANGED: Final = "message is not modified"
_log = logging.get_logger(__name__)

lean.ready(
    types.Update,
    types.Message,
    types.User,
    types.WebhookInfo,
    types.BotCommand,
    types.BotCommandScopeAllPrivateChats,
    types.InlineKeyboardButton,
    types.InlineKeyboardMarkup,
    types.InputRichMessage,
    types.LinkPreviewOptions,
    types.ResponseParameters,
    methods.GetMe,
    methods.GetUpdates,
    methods.GetWebhookInfo,
    methods.SetWebhook,
    methods.DeleteWebhook,
    methods.SendMessage,
    methods.SendRichMessage,
    methods.SendMessageDraft,
    methods.SendChatAction,
    methods.EditMessageText,
    methods.EditMessageReplyMarkup,
    methods.AnswerCallbackQuery,
    methods.SetMyCommands,
)
_NO_PREVIEW: Final = types.LinkPreviewOptions(is_disabled=True)


def connect(token: str, api: str) -> Bot:
    """Make a bot that speaks to the server at `api`.

    Raises:
        InvalidInputError: this is no token.
    """
    session = AiohttpSession(api=TelegramAPIServer.from_base(api))
    try:
        return Bot(token, session=session)
    except TokenValidationError as e:
        raise InvalidInputError("UCHAT_TELEGRAM_TOKEN is no token", code="setting_invalid") from e


@dataclass(slots=True)
class AiogramBot:
    """See `ports.BotApi` for each method."""

    bot: Bot
    _rich: bool = field(default=True)

    async def send(self, chat_id: int, view: View) -> int:
        """Send a message, a rich one if it has tables and the server knows those."""
        if view.blocks and self._rich:
            sent = await self._send_rich(chat_id, view)
            if sent is not None:
                return sent
        for piece in view.before:
            await self._send(chat_id, piece, (), silent=view.silent)
        return await self._send(chat_id, view.html, view.keyboard, silent=view.silent)

    async def edit(self, chat_id: int, message_id: int, view: View) -> None:
        """Make a message show something else."""
        if view.blocks and self._rich:
            try:
                return await self._edit(chat_id, message_id, view, rich=True)
            except InvalidInputError as e:
                _log.info("rich_message_refused", detail=e.detail)
        try:
            await self._edit(chat_id, message_id, view, rich=False)
        except InvalidInputError as e:
            if not _is_about_url(e):
                raise
            await self._edit(chat_id, message_id, _without_urls(view), rich=False)

    async def edit_keyboard(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None:
        """Change the buttons of a message and nothing else."""
        try:
            await called(
                self.bot.edit_message_reply_markup(
                    chat_id=chat_id,
                    message_id=message_id,
                    reply_markup=_markup(keyboard),
                    request_timeout=_SEND_S,
                )
            )
        except InvalidInputError as e:
            if _UNCHANGED not in e.detail:
                raise

    async def draft(self, chat_id: int, draft_id: int, html: str) -> None:
        """Show an unfinished answer."""
        await called(
            self.bot.send_message_draft(
                chat_id, draft_id, text=html, parse_mode=_HTML, can_stop=True, keep_on_stop=True,
                request_timeout=_CALL_S,
            )
        )  # fmt: skip

    async def typing(self, chat_id: int) -> None:
        """Show that an answer is on its way."""
        await called(self.bot.send_chat_action(chat_id, "typing", request_timeout=_CALL_S))

    async def answer(self, callback_id: str, text: str, *, alert: bool = False) -> None:
        """Answer a pressed button."""
        await called(
            self.bot.answer_callback_query(
                callback_id, text=text or None, show_alert=alert, request_timeout=_CALL_S
            )
        )

    async def poll(self, offset: int | None, timeout_s: int) -> Sequence[Incoming]:
        """Wait for updates."""
        updates = await called(
            self.bot.get_updates(
                offset=offset,
                timeout=timeout_s,
                allowed_updates=list(ALLOWED),
                request_timeout=timeout_s + _CALL_S,
            )
        )
        return [incoming(update) for update in updates]

    async def begin_polling(self) -> None:
        """Remove a webhook, if there is one, and set the menu of commands."""
        info = await called(self.bot.get_webhook_info(request_timeout=_CALL_S))
        if info.url:
            await called(self.bot.delete_webhook(request_timeout=_CALL_S))
        await self._set_commands()

    async def begin_webhook(self, url: str, secret: str) -> None:
        """Have updates pushed, and set the menu of commands."""
        await called(
            self.bot.set_webhook(
                url,
                secret_token=secret,
                allowed_updates=list(ALLOWED),
                request_timeout=_CALL_S,
            )
        )
        await self._set_commands()

    async def close(self) -> None:
        """Close the connections."""
        await self.bot.session.close()

    async def _set_commands(self) -> None:
        commands = [types.BotCommand(command=name, description=text) for name, text in COMMANDS]
        await called(
            self.bot.set_my_commands(
                commands,
                scope=types.BotCommandScopeAllPrivateChats(),
                request_timeout=_CALL_S,
            )
        )

    async def _send_rich(self, chat_id: int, view: View) -> int | None:
        try:
            sent = await called(
                self.bot.send_rich_message(
                    chat_id,
                    types.InputRichMessage.model_validate({"blocks": list(view.blocks)}),
                    reply_markup=_markup(view.keyboard),
                    disable_notification=view.silent or None,
                    request_timeout=_SEND_S,
                )
            )
        except (InvalidInputError, NotFoundError) as e:
            # A server that does not know rich messages gets text from now on.
            self._rich = not isinstance(e, NotFoundError)
            _log.info("rich_message_refused", detail=e.detail)
            return None
        return sent.message_id

    async def _send(self, chat_id: int, html: str, keyboard: Keyboard, *, silent: bool) -> int:
        async def send(keys: Keyboard) -> int:
            sent = await called(
                self.bot.send_message(
                    chat_id,
                    html,
                    parse_mode=_HTML,
                    reply_markup=_markup(keys),
                    link_preview_options=_NO_PREVIEW,
                    disable_notification=silent or None,
                    request_timeout=_SEND_S,
                )
            )
            return sent.message_id

        try:
            return await send(keyboard)
        except InvalidInputError as e:
            if not _is_about_url(e):
                raise
            # Telegram opens no address of this machine alone; the message is worth more.
            _log.warning("button_url_refused", detail=e.detail)
            return await send(_without_urls(View(html, keyboard)).keyboard)

    async def _edit(self, chat_id: int, message_id: int, view: View, *, rich: bool) -> None:
        what: dict[str, Any] = {
            "chat_id": chat_id,
            "message_id": message_id,
            "reply_markup": _markup(view.keyboard),
            "request_timeout": _SEND_S,
        }
        if rich:
            blocks = list(view.blocks)
            what["rich_message"] = types.InputRichMessage.model_validate({"blocks": blocks})
        else:
            what["text"] = "\n\n".join((*view.before, view.html))
            what |= {"parse_mode": _HTML, "link_preview_options": _NO_PREVIEW}
        try:
            await called(self.bot.edit_message_text(**what))
        except InvalidInputError as e:
            if _UNCHANGED not in e.detail:
                raise


def _markup(keyboard: Keyboard) -> types.InlineKeyboardMarkup | None:
    rows = [[_button(button) for button in row] for row in keyboard if row]
    return types.InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def _button(button: Button) -> types.InlineKeyboardButton:
    return types.InlineKeyboardButton(
        text=button.text, callback_data=button.data, url=button.url, style=button.style
    )


def _without_urls(view: View) -> View:
    rows = (tuple(button for button in row if button.url is None) for row in view.keyboard)
    return View(view.html, tuple(row for row in rows if row), view.before, (), view.silent)


def _is_about_url(error: UchatError) -> bool:
    return "URL" in error.detail and "button" in error.detail.lower()
