"""An answer that grows, in a real browser, by a model whose pace the test sets."""

import pytest
from playwright.async_api import expect

from tests.e2e.browser.conftest import OpenPage
from tests.e2e.conftest import Strict
from tests.support.instant_model import TOKENS

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]
PACE_MS = 250
SLOW_MS = 1000


async def test_an_answer_grows_and_a_reload_in_the_middle_of_it_loses_nothing(
    open_page: OpenPage, strict: Strict
):
    strict.model.steer(broken=False, pace_ms=SLOW_MS)
    try:
        window = await open_page(url=strict.stack.url)
        await window.try_it()
        await window.say("Tell me something long")
        # Words with two digits may claim a number: those are held until their sentence ends.
        await expect(window.running).to_contain_text("word1")
        await expect(window.running).not_to_contain_text("word5")
        strict.model.steer(pace_ms=PACE_MS)
        await expect(window.running).to_contain_text("word3")

        await window.page.reload()
        await expect(window.running).to_contain_text("word0 word1 word2 word3")
        await expect(window.running).to_contain_text("word9")
        strict.model.steer(pace_ms=0)
        await window.expect_conversation("Tell me something long", answers=1)
        await expect(window.answers).to_contain_text(" ".join(f"word{n}" for n in range(TOKENS)))
        await expect(window.running).to_have_count(0)
    finally:
        strict.model.steer(pace_ms=0)
