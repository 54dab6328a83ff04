"""A child that dies comes back; the product says so in one line and goes on."""

import asyncio
from functools import partial

import pytest

from tests.support.api import Api
from tests.support.stack import Stack, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

SERVERS = ("nats", "postgres", "valkey", "caddy")


async def test_every_child_comes_back_after_kill_9(stack: Stack, person: Api):
    await person.say(person.home, "before")
    children = [name for name in stack.pids() if name != "supervisor"]
    servers = [name for name in children if name in SERVERS]
    services = [name for name in children if name not in SERVERS]
    for wave in [[name] for name in servers] + [services]:
        printed = len(stack.output.splitlines())
        killed = {name: stack.kill(name) for name in wave}
        for name, pid in killed.items():
            await asyncio.to_thread(stack.wait_restarted, name, pid)
            line = await asyncio.to_thread(
                wait_for, f"a line on {name}", partial(_told, name, printed, stack)
            )
            assert "killed by signal 9" in line
    await asyncio.to_thread(wait_for, "the edge to be ready", stack.is_ready)
    async with asyncio.timeout(60):
        while (await _try(person)) is None:
            await asyncio.sleep(0.2)
    entries = await person.history(person.home)
    assert [e["seq"] for e in entries] == list(range(1, len(entries) + 1))
    assert entries[-1]["data"]["role"] == "assistant"


def _told(name: str, printed: int, stack: Stack) -> str | None:
    lines = [line for line in stack.output.splitlines()[printed:] if f" {name} " in line]
    assert len(lines) <= 1, lines
    return lines[0] if lines else None


async def _try(person: Api) -> object | None:
    body = {"session_id": person.home, "message": "after", "client_msg_id": "after"}
    try:
        answer = await person.request("POST", "/api/v1/unified-chat/message", json=body)
    except OSError:
        return None
    return answer.body if answer.status == 200 else None
