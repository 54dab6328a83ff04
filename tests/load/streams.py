"""The JetStream API of a running product, asked as its provisioner."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import nats

from tests.support.stack import Stack

Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
_USER = "provisioner"


@asynccontextmanager
async def provisioner(stack: Stack) -> AsyncIterator[Ask]:
    """Connect with the provisioner's key; yields what asks the API and returns its answer."""
    client = await nats.connect(
        str(stack.endpoints()["nats"]),
        nkeys_seed=str(stack.data_dir / "keys" / f"{_USER}.nk"),
        inbox_prefix=f"_INBOX_{_USER}",
    )

    async def ask(call: str, body: dict[str, Any]) -> dict[str, Any]:
        raw = json.dumps(body).encode() if body else b""
        answer = json.loads((await client.request(f"$JS.API.{call}", raw, timeout=5)).data)
        if error := answer.get("error"):
            raise ValueError(f"Expected an answer to {call}, found {error}")
        return answer

    try:
        yield ask
    finally:
        await client.close()


async def dead_letters(stack: Stack) -> int:
    """Return how many messages were put aside because they could never be handled."""
    async with provisioner(stack) as ask:
        return int((await ask("STREAM.INFO.DLQ", {}))["state"]["messages"])
