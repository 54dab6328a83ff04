"""The page in a real browser, on the whole product."""

import asyncio

import pytest
from playwright.async_api import ViewportSize, expect

from tests.e2e.browser.conftest import Account, OpenPage
from tests.support.stack import Stack, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]
QUESTION = "What is the price of BTC?"
PHONE = ViewportSize(width=390, height=780)


async def test_a_guest_asks_and_goes_on_after_a_reload(open_page: OpenPage):
    window = await open_page()
    await window.try_it()
    await window.page.get_by_role("button", name=QUESTION).click()
    await window.expect_conversation(QUESTION, answers=1)
    await expect(window.answers).to_contain_text("BTC")
    await expect(window.answers.get_by_text("simulated", exact=True).first).to_be_visible()
    answer = await window.answers.inner_text()

    await window.page.reload()
    await window.ready()
    await window.expect_conversation(QUESTION, answers=1)
    assert await window.answers.inner_text() == answer
    assert window.complaints == []


async def test_two_windows_show_the_same_conversation_live(open_page: OpenPage):
    first = await open_page()
    await first.try_it()
    second = await open_page(beside=first)
    await second.ready()
    await first.say("My name is Ada")
    await second.expect_conversation("My name is Ada", answers=1)
    await second.say("What is my name?")
    for window in (first, second):
        await window.expect_conversation("My name is Ada", "What is my name?", answers=2)
        await expect(window.answers.nth(1)).to_contain_text("Ada")
        await expect(window.running).to_have_count(0)
    assert await first.answers.all_inner_texts() == await second.answers.all_inner_texts()
    assert first.complaints + second.complaints == []


async def test_names_and_new_conversations_reach_the_other_window(open_page: OpenPage):
    first = await open_page()
    await first.try_it()
    second = await open_page(beside=first)
    await second.ready()
    await first.page.get_by_role("button", name="New conversation").click()
    await first.page.get_by_role("button", name="Rename conversation").click()
    name = first.page.get_by_label("Name of the conversation")
    await name.fill("Bitcoin & <b>friends</b>")
    await name.press("Enter")
    listed = second.page.get_by_role("navigation").get_by_role("button", name="Bitcoin & <b>")
    await listed.click()
    await expect(second.page.get_by_role("heading", level=1)).to_have_text(
        "Bitcoin & <b>friends</b>"
    )
    await first.say("hello")
    await second.expect_conversation("hello", answers=1)
    await first.page.get_by_role("button", name="Delete conversation").click()
    await first.page.get_by_role("button", name="Delete", exact=True).click()
    for window in (first, second):
        await expect(window.page.get_by_role("heading", level=1)).to_have_text("Home")
        await expect(window.page.get_by_role("navigation").get_by_text("friends")).to_have_count(0)


@pytest.mark.parametrize("reload", [False, True], ids=["the page stays", "the page is reloaded"])
async def test_a_message_written_while_the_gateway_is_down_is_delivered_once(
    open_page: OpenPage, stack: Stack, account: Account, reload: bool
):
    text = "written while nobody was there"
    window = await open_page()
    await window.sign_in(account.email)
    killed = {name: stack.kill(name) for name in stack.names("gateway")}
    await expect(window.banner).to_be_attached()
    await window.say(text)
    await expect(window.mine).to_contain_text("Sending…")
    if reload:
        # What answers now is not the page: only the browser's own store holds the message.
        await window.page.goto("about:blank")
    for name, pid in killed.items():
        await asyncio.to_thread(stack.wait_restarted, name, pid)
    await asyncio.to_thread(wait_for, "the edge to take requests", stack.is_ready)
    if reload:
        await window.page.goto(window.url)
    await window.expect_conversation(text, answers=1)
    await expect(window.mine).not_to_contain_text("Sending")
    entries = await account.api.history(account.api.home)
    said = [e["data"] for e in entries if e["type"] == "message" and e["data"]["role"] == "user"]
    assert [each["parts"][0]["text"] for each in said] == [text]


async def test_what_was_said_elsewhere_says_where(open_page: OpenPage, account: Account):
    window = await open_page()
    await window.sign_in(account.email)
    await account.api.say(account.api.home, "hello from a script", interface="api")
    mine = window.mine.filter(has_text="hello from a script")
    await expect(mine).to_contain_text("from API")


async def test_a_phone_shows_everything_without_scrolling_sideways(open_page: OpenPage):
    window = await open_page(viewport=PHONE)
    await window.try_it()
    await window.say("price of BTC, ETH, SOL and XRP")
    await window.expect_conversation("price of BTC", answers=1)
    await window.answers.locator("summary").first.click()
    width = await window.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    navigation = window.page.get_by_role("navigation", name="Conversations")
    await expect(navigation).to_be_hidden()
    await window.page.get_by_role("button", name="Conversations", exact=True).click()
    await expect(navigation.get_by_role("button", name="New conversation")).to_be_visible()
    await window.page.keyboard.press("Escape")
    await expect(navigation).to_be_hidden()


async def test_signing_out_ends_the_other_window_too(open_page: OpenPage):
    first = await open_page()
    await first.try_it()
    second = await open_page(beside=first)
    await second.ready()
    await first.page.get_by_role("button", name="Sign out").click()
    await first.page.get_by_role("button", name="Leave", exact=True).click()
    for window in (first, second):
        await expect(window.page.get_by_role("button", name="Try it")).to_be_visible()
    await second.page.reload()
    await expect(second.page.get_by_role("button", name="Try it")).to_be_visible()
