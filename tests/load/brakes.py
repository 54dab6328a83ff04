"""Throw the kill switch while approvals are under way: `python -m tests.load.brakes --help`.

Each trial is a person of its own: a card is approved and the switch thrown at about the same time,
in turn from the web, from Telegram and by the API. Afterwards the exchange's journal and the order
events must agree with what the switch answered.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import nats

from tests.support.api import Api
from tests.support.stack import Stack
from tests.support.telegram import TelegramUser, continue_code
from tests.support.trading import decide, decision, eventually, journal, propose

VIAS = ("web_ui", "telegram", "api")
AT_ONCE = 4
SPREAD_S = 0.06
UNDER_WAY = ("approved", "executing")


@dataclass(slots=True)
class Orders:
    """Order events as an internal subscriber reads them, by decision."""

    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def claimed(self, decision_id: str) -> list[datetime]:
        """Return when legs of a decision were claimed."""
        found = self.events.get(decision_id, [])
        return [moment(e["at"]) for e in found if e["state"] == "submitting"]


@dataclass(slots=True)
class Tally:
    """What the trials came to: how approvals ended, and every fault."""

    ended: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def moment(text: str) -> datetime:
    """Return an RFC 3339 time."""
    return datetime.fromisoformat(text)


@asynccontextmanager
async def order_events(stack: Stack) -> AsyncIterator[Orders]:
    """Collect order events while the block runs."""
    orders = Orders()
    key = stack.data_dir / "keys" / "subscriber.nk"
    connection = await nats.connect(
        str(stack.endpoints()["nats"]),
        nkeys_seed=str(key),
        inbox_prefix=b"_INBOX_subscriber",
        max_reconnect_attempts=-1,
    )

    async def take(message: Any) -> None:
        event = json.loads(message.data)
        orders.events.setdefault(event["decision_id"], []).append(event)

    await connection.subscribe("uchat.order.v1.>", cb=take)
    await connection.flush()
    try:
        yield orders
    finally:
        await connection.drain()


@dataclass(frozen=True, slots=True)
class Trials:
    """Trials on one running product."""

    stack: Stack
    http: aiohttp.ClientSession
    orders: Orders
    tally: Tally = field(default_factory=Tally)

    async def one(self, via: str, offset_s: float) -> None:
        """Approve, and throw the switch `offset_s` later (or earlier)."""
        telegram = await TelegramUser.new(self.http, self._at("telegram_simulator"))
        person = await _signed_in(telegram, self.http, self.stack.url)
        card = await propose(person, "buy $10 of BTC")
        approving = asyncio.create_task(_later(max(0.0, -offset_s), decide(person, card)))
        await _later(max(0.0, offset_s), _throw(person, telegram, via))
        approved = await approving
        switch = await eventually("the switch to be on", lambda: _switch(person))

        async def settled() -> dict[str, Any] | None:
            found = await decision(person, card["decision_id"])
            return None if found["state"] in UNDER_WAY else found

        found = await eventually("nothing to be under way", settled, 60)
        late = await decide(person, card, op_id="late")
        self.tally.ended[f"{via}: {found['state']}"] += 1
        faults = await self._faults(switch, found)
        if late.status == 200 and approved.status != 200:
            faults.append("an approval after the switch was taken")
        self.tally.faults += [f"{via} {card['decision_id']}: {fault}" for fault in faults]

    async def _faults(self, switch: dict[str, Any], card: dict[str, Any]) -> list[str]:
        thrown, effective = moment(switch["changed_at"]), moment(switch["effective_at"])
        faults = [
            f"claimed at {at}, thrown at {thrown}"
            for at in self.orders.claimed(card["decision_id"])
            if at > thrown
        ]
        events = self.orders.events.get(card["decision_id"], [])
        ids = {order["client_order_id"] for order in (card.get("result") or {}).get("orders", [])}
        ids |= {event["client_order_id"] for event in events}
        faults += [
            f"placed at {order['placed_at']}, effective at {effective}"
            for order in await journal(self.http, self._at("exchange"))
            if order["client_order_id"] in ids and moment(order["placed_at"]) > effective
        ]
        return faults

    def _at(self, name: str) -> str:
        return str(self.stack.endpoints()[name])


async def trials(stack: Stack, count: int, seed: int) -> Tally:
    """Run trials, a few at a time."""
    chance = random.Random(seed)
    offsets = [chance.uniform(-SPREAD_S, SPREAD_S) for _ in range(count)]
    slots = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession() as http, order_events(stack) as orders:
        running = Trials(stack, http, orders)

        async def one(n: int) -> None:
            async with slots:
                await running.one(VIAS[n % len(VIAS)], offsets[n])

        async with asyncio.TaskGroup() as group:
            for n in range(count):
                group.create_task(one(n))
    return running.tally


async def _signed_in(telegram: TelegramUser, http: aiohttp.ClientSession, base: str) -> Api:
    hello = await telegram.ask("hello", 30)
    person = Api(http, base)
    body = {"code": continue_code(hello)}
    signed_in = await person.expect(200, "POST", "/api/v1/links/continue", json=body)
    person.token, person.person = signed_in["access_token"], signed_in["user_id"]
    person.home = signed_in["session_id"]
    return person


async def _later(seconds: float, work: Any) -> Any:
    await asyncio.sleep(seconds)
    return await work


async def _throw(person: Api, telegram: TelegramUser, via: str) -> None:
    if via == "telegram":
        await telegram.write("/kill")
    else:
        body = {"on": True, "interface": via}
        await person.expect(200, "POST", "/api/v1/kill-switch", json=body)


async def _switch(person: Api) -> dict[str, Any] | None:
    found = await person.expect(200, "GET", "/api/v1/kill-switch")
    return found if found["on"] else None


def main(argv: list[str] | None = None) -> int:
    """Run from the command line; exit code 0: no fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="uchat-brakes-") as directory:
        with Stack(Path(directory) / "data", replicas=2) as stack:
            tally = asyncio.run(trials(stack, args.trials, args.seed))
    for how, count in sorted(tally.ended.items()):
        print(f"  {how}: {count}")
    for fault in tally.faults:
        print(f"FAULT {fault}")
    print(f"{args.trials} trials, {len(tally.faults)} faults")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
