"""A child that dies comes back; the product says so in one line and goes on."""

import asyncio

import pytest

from tests.support.api import Api
from tests.support.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]


async def test_every_child_comes_back_after_kill_9(stack: Stack, person: Api):
    await person.say(person.home, "before")
    names = [name for name in stack.pids() if name != "supervisor"]
    for name in names:
        printed = len(stack.output.splitlines())
        old = stack.kill(name)
        await asyncio.to_thread(stack.wait_restarted, name, old)
        lines = [line for line in stack.output.splitlines()[printed:] if name in line]
        assert len(lines) == 1, lines
    async with asyncio.timeout(60):
        while (await _try(person)) is None:
            await asyncio.sleep(0.2)
    entries = await person.history(person.home)
    assert [e["seq"] for e in entries] == list(range(1, len(entries) + 1))
    assert entries[-1]["data"]["role"] == "assistant"


async def _try(person: Api) -> object | None:
    body = {"session_id": person.home, "message": "after", "client_msg_id": "after"}
    try:
        answer = await person.request("POST", "/api/v1/unified-chat/message", json=body)
    except OSError:
        return None
    return answer.body if answer.status == 200 else None
