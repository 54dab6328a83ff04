"""aiogram's own client and types against the simulator: every method, and Telegram's refusals."""

import asyncio

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    DisabledButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputRichBlockParagraph,
    InputRichBlockTable,
    InputRichMessage,
    Message,
    RichBlockTableCell,
    RichTextBold,
    Update,
)

from uchat_platform.testing import eventually

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x20\0\0\0\x10"


def keys(*buttons: InlineKeyboardButton) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[list(buttons)])


async def test_every_method_answers_in_the_types_of_the_library(world):
    bot, user = world.bot, await world.person()
    me = await bot.get_me()
    assert (me.is_bot, me.username) == (True, "uchat_bot")

    sent = await bot.send_message(user, "<b>Hi</b> &amp; bye", parse_mode="HTML")
    assert (sent.text, sent.entities[0].type, sent.chat.id) == ("Hi & bye", "bold", user)
    assert (await bot.edit_message_text("other", chat_id=user, message_id=sent.message_id)).text
    markup = keys(InlineKeyboardButton(text="Go", callback_data="go", style="success"))
    edited = await bot.edit_message_reply_markup(
        chat_id=user, message_id=sent.message_id, reply_markup=markup
    )
    assert isinstance(edited, Message)
    assert edited.reply_markup.model_dump() == markup.model_dump()
    assert await bot.delete_message(user, sent.message_id)

    photo = await bot.send_photo(user, BufferedInputFile(PNG, "chart.png"), caption="A chart")
    assert (photo.photo[-1].width, photo.photo[-1].height, photo.caption) == (32, 16, "A chart")
    file = await bot.get_file(photo.photo[-1].file_id)
    assert file.file_size == len(PNG)
    again = await bot.send_photo(user, photo.photo[-1].file_id)
    assert again.photo[-1].file_id == photo.photo[-1].file_id

    assert await bot.send_chat_action(user, "typing")
    assert await bot.send_message_draft(user, 7, text="Let me", can_stop=True)
    assert await bot.set_my_commands([BotCommand(command="help", description="What I can do")])
    assert [each.command for each in await bot.get_my_commands()] == ["help"]
    assert await bot.delete_my_commands()
    assert (await bot.get_chat(user)).first_name == "Ada"
    assert await bot.set_webhook("http://127.0.0.1:9/none", secret_token="s3")
    assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/none"
    assert await bot.delete_webhook(drop_pending_updates=True)
    assert (await bot.get_webhook_info()).url == ""


async def test_a_rich_message_comes_back_as_it_was_sent(world):
    bot, user = world.bot, await world.person()
    cell = RichBlockTableCell(align="right", valign="middle", text="1.5", is_header=False)
    table = InputRichBlockTable(cells=[[cell, cell]], is_striped=True)
    words = InputRichBlockParagraph(text=[RichTextBold(text="Bold"), " and not"])
    sent = await bot.send_rich_message(user, InputRichMessage(blocks=[words, table]))
    assert [block.type for block in sent.rich_message.blocks] == ["paragraph", "table"]
    assert await bot.send_rich_message_draft(user, 5, InputRichMessage(blocks=[words]))
    text = "## Head\n\n- one\n- **two**\n\n| A | B |\n|---|---|\n| 1 | 2 |"
    by_text = await bot.send_rich_message(user, InputRichMessage(markdown=text))
    assert [block.type for block in by_text.rich_message.blocks] == ["heading", "list", "table"]
    chat = await world.chat(user)
    assert chat["messages"][-2]["text"] == "Bold and not\n1.5\t1.5"
    assert "A\tB\n1\t2" in chat["messages"][-1]["text"]
    edited = await bot.edit_message_text(
        chat_id=user,
        message_id=sent.message_id,
        rich_message=InputRichMessage(blocks=[InputRichBlockParagraph(text="Done")]),
    )
    assert len(edited.rich_message.blocks) == 1


async def test_an_edit_that_changes_nothing_and_one_without_buttons(world):
    bot, user = world.bot, await world.person()
    markup = keys(
        InlineKeyboardButton(text="Yes", callback_data="yes"),
        InlineKeyboardButton(text="Web", url="http://127.0.0.1:8000/#continue=x"),
        InlineKeyboardButton(text="Off", disabled=DisabledButton()),
    )
    sent = await bot.send_message(user, "Sure?", reply_markup=markup)
    where = {"chat_id": user, "message_id": sent.message_id}
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("Sure?", reply_markup=markup, **where)
    buttons = (await world.chat(user))["messages"][-1]["buttons"]
    assert [b["text"] for b in buttons[0]] == ["Yes", "Web", "Off"]
    assert buttons[0][1]["url"] == "http://127.0.0.1:8000/#continue=x"
    assert buttons[0][2]["disabled"]
    await bot.edit_message_text("Done", **where)
    shown = (await world.chat(user))["messages"][-1]
    assert (shown["text"], shown["buttons"], shown["edited"]) == ("Done", [], 1)


async def test_refusals_have_the_shape_and_words_of_telegram(world):
    bot, user = world.bot, await world.person()
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(999, "x")
    stranger = (await world.post("/sim/users", {"first_name": "Bob"}))["id"]
    with pytest.raises(TelegramForbiddenError, match="can't initiate"):
        await bot.send_message(stranger, "x")
    with pytest.raises(TelegramBadRequest, match="too long"):
        await bot.send_message(user, "x" * 4097)
    with pytest.raises(TelegramBadRequest, match="text is empty"):
        await bot.send_message(user, "  ")
    long = InlineKeyboardButton(text="x", callback_data="d" * 65)
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.send_message(user, "x", reply_markup=keys(long))
    with pytest.raises(TelegramBadRequest, match="can't parse entities"):
        await bot.send_message(user, "<b>x", parse_mode="HTML")
    with pytest.raises(TelegramBadRequest, match="to edit not found"):
        await bot.edit_message_text("x", chat_id=user, message_id=77)
    with pytest.raises(TelegramNotFound, match="method not found"):
        await bot.get_star_transactions()
    await world.post("/sim/block", {"user_id": user})
    with pytest.raises(TelegramForbiddenError, match="blocked"):
        await bot.send_message(user, "x")


async def test_only_the_bots_own_token_is_taken(world):
    world.simulator.token = "42:another"
    with pytest.raises(TelegramUnauthorizedError):
        await world.bot.get_me()


async def test_updates_come_again_until_they_are_confirmed(world):
    bot, user = world.bot, await world.person()
    first = await bot.get_updates(timeout=1)
    assert [update.message.text for update in first] == ["/start"]
    assert first[0].message.entities[0].type == "bot_command"
    assert await bot.get_updates(timeout=0) == first
    waiting = asyncio.create_task(bot.get_updates(offset=first[0].update_id + 1, timeout=5))
    await eventually(lambda: world.simulator.updates.polled and not len(world.simulator.updates))
    await world.post("/sim/messages", {"user_id": user, "text": "now"})
    found = await waiting
    assert [update.message.text for update in found] == ["now"]
    await bot.get_updates(offset=found[0].update_id + 1, timeout=0)
    assert (await world.post("/sim/redeliver"))["update_id"] == found[0].update_id
    assert await bot.get_updates(offset=found[0].update_id + 1, timeout=1) == found


async def test_two_pollers_are_one_too_many(world):
    other = world.another_bot()
    try:
        polling = asyncio.create_task(world.bot.get_updates(timeout=20))
        await eventually(lambda: world.simulator.updates.polled)
        second = asyncio.create_task(other.get_updates(timeout=1))
        with pytest.raises(TelegramConflictError, match="other getUpdates"):
            await polling
        assert await second == []
        await world.bot.set_webhook("http://127.0.0.1:9/")
        with pytest.raises(TelegramConflictError, match="webhook is active"):
            await world.bot.get_updates()
    finally:
        await other.session.close()


async def test_a_pressed_button_is_answered_once(world):
    bot, user = world.bot, await world.person()
    button = InlineKeyboardButton(text="Yes", callback_data="d:1:approve")
    sent = await bot.send_message(user, "Sure?", reply_markup=keys(button))
    press = {"user_id": user, "message_id": sent.message_id, "data": "d:1:approve"}
    pressing = asyncio.create_task(world.post("/sim/callbacks", {**press, "wait_s": 5}))
    update = next(u for u in await _updates(bot, 2) if u.callback_query)
    query = update.callback_query
    assert (query.data, query.from_user.id, query.message.message_id) == (
        "d:1:approve",
        user,
        sent.message_id,
    )
    assert await bot.answer_callback_query(query.id, text="Approved", show_alert=True)
    assert (await pressing)["answer"] == {"text": "Approved", "show_alert": True}
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(query.id)
    assert (await world.post("/sim/callbacks", {**press, "data": "never"}))["error"]


async def test_a_draft_is_shown_until_a_message_comes_and_can_be_stopped(world):
    bot, user = world.bot, await world.person()
    await bot.send_message_draft(user, 3, text="", can_stop=True)
    await bot.send_message_draft(user, 3, text="Bitcoin is", can_stop=True)
    (draft,) = (await world.chat(user))["drafts"]
    assert (draft["text"], draft["can_stop"], draft["frames"]) == ("Bitcoin is", True, 2)
    assert (await world.post("/sim/stop", {"user_id": user}))["stopped"] == [3]
    update = (await _updates(bot, 2))[-1]
    assert (update.stopped_message_generation.draft_id, update.event_type) == (
        3,
        "stopped_message_generation",
    )
    await bot.send_message_draft(user, 4, text="More")
    await bot.send_message(user, "The end")
    assert [d["ended"] for d in (await world.chat(user))["drafts"]] == [True, True]
    group = (await world.post("/sim/groups", {"title": "Us", "members": [user]}))["id"]
    with pytest.raises(TelegramBadRequest, match="private"):
        await bot.send_message_draft(group, 1, text="x")


async def test_faults_are_on_for_as_many_calls_or_seconds_as_asked(world):
    bot, user = world.bot, await world.person()
    await world.post("/sim/faults", {"kind": "retry_after", "seconds": 3, "method": "sendMessage"})
    with pytest.raises(TelegramRetryAfter) as limited:
        await bot.send_message(user, "x")
    assert limited.value.retry_after == 3
    assert await bot.send_message(user, "x")
    await world.post("/sim/faults", {"kind": "outage"})
    with pytest.raises(TelegramServerError, match="Bad Gateway"):
        await bot.get_me()
    await world.post("/sim/faults", {"kind": "none"})
    await world.post("/sim/faults", {"kind": "lost_answer"})
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(user, "done, but nobody knows")
    assert (await world.chat(user))["messages"][-1]["text"] == "done, but nobody knows"
    assert (await world.post("/sim/faults", {"kind": "odd"}))["error"]
    assert (await world.get("/sim/faults"))["faults"] == []


async def test_a_group_message_says_so(world):
    user = await world.person()
    group = (await world.post("/sim/groups", {"title": "Us", "members": [user]}))["id"]
    await world.post("/sim/messages", {"user_id": user, "chat_id": group, "text": "all"})
    update = (await _updates(world.bot, 2))[-1]
    assert (update.message.chat.type, update.message.chat.id) == ("group", group)
    assert (await world.bot.send_message(group, "hello")).chat.title == "Us"


async def _updates(bot, count: int) -> list[Update]:
    while True:
        found = await bot.get_updates(timeout=1)
        if len(found) >= count:
            return found
