"""What must hold at the end of the browser's tests, too: no text in clear on disk."""

import aiohttp
import pytest

from tests.e2e.test_z_end import check, tell
from tests.support.api import Api
from tests.support.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]


async def test_no_text_stands_in_clear_on_the_disk_of_what_was_used_in_a_browser(
    stack: Stack, http: aiohttp.ClientSession
):
    await tell(await Api.guest(http, stack.url))
    check(stack)
