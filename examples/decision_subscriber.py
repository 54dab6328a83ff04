"""Prints every decision event, from the oldest that is kept on: plain nats-py, nothing of ours.

    python examples/decision_subscriber.py nats://127.0.0.1:4222 .uchat/keys/subscriber.nk

Address and key of a running product: `nats` in <data dir>/run/endpoints.json, and the key file
above. Names and fields: docs/events/.
"""

import asyncio
import json
import sys

import nats
from nats.js.api import ConsumerConfig, DeliverPolicy


async def main(url: str, key: str) -> None:
    """Read with an ordered consumer: it goes on by itself after a lost connection."""
    connection = await nats.connect(
        url, nkeys_seed=key, inbox_prefix=b"_INBOX_subscriber", max_reconnect_attempts=-1
    )
    decisions = await connection.jetstream().subscribe(
        "uchat.decision.v1.>",
        stream="TRADING",
        ordered_consumer=True,
        config=ConsumerConfig(deliver_policy=DeliverPolicy.ALL),
    )
    async for message in decisions.messages:
        event = json.loads(message.data)
        state = message.subject.split(".")[3]
        print(event["occurred_at"], event["decision_id"], state, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
