"""What must hold at the end of everything: no text in clear on disk, and nothing left running.

The name puts it last: it stops the products that the other tests use.
"""

import aiohttp
import pytest

from tests.e2e.conftest import Strict
from tests.e2e.test_conversation import socket
from tests.support import proc
from tests.support.api import Api
from tests.support.canary import CANARY, search
from tests.support.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def tell(api: Api) -> None:
    """Say the canary by every way there is, as message, title, query and memory."""
    log = await api.new_session(title=CANARY)
    await api.say(log, CANARY)
    await api.say(log, f"Remember this: {CANARY}. What did I say?")
    await api.say(log, f"My goal is {CANARY}")
    kept = await api.expect(200, "GET", "/api/v1/memories")
    assert CANARY in str(kept)
    for memory in kept["memories"]:
        await api.expect(200, "DELETE", f"/api/v1/memories/{memory['memory_id']}")
    assert (await api.expect(200, "GET", "/api/v1/memories"))["memories"] == []
    client = socket(api, log, "canary")
    async with client:
        await client.until(lambda: client.views[log].is_live)
        head = client.views[log].seq
        await client.say(log, "canary-1", CANARY)
        await client.until(lambda: client.views[log].seq >= head + 2)
    entries = await api.history(log)
    assert sum(CANARY in str(entry["data"]) for entry in entries) >= 3


def check(directory: Stack) -> None:
    """Search the data directory, which holds the databases, the streams and the logs."""
    assert list(search(directory.data_dir)) == []


async def test_no_text_stands_in_clear_on_disk_and_ctrl_c_leaves_nothing(
    stack: Stack, strict: Strict, http: aiohttp.ClientSession
):
    strict.model.steer(broken=False)
    for running in (stack, strict.stack):
        await tell(await Api.guest(http, running.url))
        check(running)
        pids = running.pids()
        everything = {pid for each in pids.values() for pid in proc.tree(each)}
        assert running.stop() == 0
        assert [pid for pid in everything if proc.alive(pid)] == []
        check(running)
