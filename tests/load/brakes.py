"""Throw the kill switch while approvals are under way: `python -m tests.load.brakes --help`.

Each trial is a person of its own: a card is approved and the switch thrown at about the same time,
in turn from the web, from Telegram, by the API and from the command line. Afterwards the exchange's
journal and the order events must agree with what the switch answered. The time from the press to
the moment after which nothing is claimed is taken on one machine's clock, and is that of whoever
presses: the way through Telegram, or the start of the command, are part of it. By default one trial
follows the other, since the people of several on one machine slow each other's presses down;
`--at-once` sets more of them on the guards.
"""

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import nats

from tests.support.api import Api
from tests.support.stack import Stack
from tests.support.telegram import TelegramUser, continue_code
from tests.support.trading import decide, decision, eventually, journal, propose

VIAS = ("web_ui", "telegram", "api", "cli")
TARGET_MS = 250.0
AT_ONCE = 1
PROGRESS = 50
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


@dataclass(frozen=True, slots=True)
class Press:
    """One trial: when the switch was pressed, what it answered, and the card that it raced with."""

    via: str
    at: datetime
    switch: dict[str, Any]
    card: dict[str, Any]
    # Of the command line: how long it took once it was loaded, in milliseconds.
    loaded_ms: float | None = None

    @property
    def stopped_ms(self) -> float:
        """Return how long after the press nothing was claimed any more, in milliseconds."""
        return (moment(self.switch["changed_at"]) - self.at).total_seconds() * 1000


@dataclass(slots=True)
class Tally:
    """What the trials came to: how approvals ended, how fast the brake held, and every fault."""

    ended: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    claims_after_press_ms: list[float] = field(default_factory=list)

    def start_s(self) -> float:
        """Return how long the command needs until it presses, as far as is known, in seconds."""
        found = [p.stopped_ms - p.loaded_ms for p in self.presses if p.loaded_ms is not None]
        return statistics.median(found) / 1000 if found else 0.0

    def report(self) -> dict[str, Any]:
        """Return the figures; times in milliseconds."""
        by_via = {
            via: [press.stopped_ms for press in self.presses if press.via == via]
            for via in dict.fromkeys(press.via for press in self.presses)
        }
        loaded = [p.loaded_ms for p in self.presses if p.loaded_ms is not None]
        if loaded:
            by_via["cli_once_loaded"] = loaded
        every = [press.stopped_ms for press in self.presses]
        return {
            "trials": len(self.presses),
            "ended": dict(sorted(self.ended.items())),
            "faults": self.faults,
            "press_to_no_new_claim_ms": {
                "all": spread(every),
                **{via: spread(times) for via, times in by_via.items()},
            },
            "last_claim_after_press_ms": spread(self.claims_after_press_ms),
            "target_p99_ms": TARGET_MS,
            "within_target": {
                via: spread(times)["p99"] <= TARGET_MS for via, times in by_via.items()
            },
        }


def spread(times: Sequence[float]) -> dict[str, float]:
    """Return how many there are, their median, 99th percentile and the most."""
    ordered = sorted(times)
    if not ordered:
        return {"count": 0, "p50": 0.0, "p99": 0.0, "max": 0.0}
    return {
        "count": len(ordered),
        "p50": round(ordered[len(ordered) // 2], 1),
        "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 1),
        "max": round(ordered[-1], 1),
    }


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
        # A command takes its time to start: the approval is for when it presses.
        lead_s = self.tally.start_s() if via == "cli" else 0.0
        approving = asyncio.create_task(_later(max(0.0, -offset_s) + lead_s, decide(person, card)))
        await asyncio.sleep(max(0.0, offset_s))
        pressed = datetime.now(UTC)
        loaded_ms = await self._throw(person, telegram, via)
        approved = await approving
        switch = await eventually("the switch to be on", lambda: _switch(person))

        async def settled() -> dict[str, Any] | None:
            found = await decision(person, card["decision_id"])
            return None if found["state"] in UNDER_WAY else found

        found = await eventually("nothing to be under way", settled, 60)
        late = await decide(person, card, op_id="late")
        self.tally.ended[f"{via}: {found['state']}"] += 1
        self.tally.presses.append(Press(via, pressed, switch, found, loaded_ms))
        if late.status == 200 and approved.status != 200:
            self.tally.faults.append(f"{via} {card['decision_id']}: approved after the switch")

    async def check(self) -> None:
        """Compare what every switch answered with the order events and the exchange's journal."""
        placed = {
            order["client_order_id"]: moment(order["placed_at"])
            for order in await journal(self.http, self._at("exchange"))
        }
        for press in self.tally.presses:
            decision_id = press.card["decision_id"]
            faults = self._faults(press, placed)
            self.tally.faults += [f"{press.via} {decision_id}: {fault}" for fault in faults]
            self.tally.claims_after_press_ms += [
                (at - press.at).total_seconds() * 1000
                for at in self.orders.claimed(decision_id)
                if at > press.at
            ]

    def _faults(self, press: Press, placed: Mapping[str, datetime]) -> list[str]:
        thrown, effective = (moment(press.switch[name]) for name in ("changed_at", "effective_at"))
        decision_id = press.card["decision_id"]
        faults = [
            f"claimed at {at}, thrown at {thrown}"
            for at in self.orders.claimed(decision_id)
            if at > thrown
        ]
        orders = (press.card.get("result") or {}).get("orders", [])
        ids = {order["client_order_id"] for order in orders}
        ids |= {event["client_order_id"] for event in self.orders.events.get(decision_id, [])}
        faults += [
            f"placed at {placed[each]}, effective at {effective}"
            for each in ids & placed.keys()
            if placed[each] > effective
        ]
        return faults

    async def _throw(self, person: Api, telegram: TelegramUser, via: str) -> float | None:
        if via == "telegram":
            await telegram.write("/kill")
        elif via == "cli":
            return await self._command(person.person)
        else:
            body = {"on": True, "interface": via}
            await person.expect(200, "POST", "/api/v1/kill-switch", json=body)
        return None

    async def _command(self, person: str) -> float | None:
        running = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).with_name("uchat")),
            *("kill", "on", "--scope", person),
            env={**os.environ, "UCHAT_DATA_DIR": str(self.stack.data_dir)},  # noqa: TID251 - passed on
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await running.communicate()
        took = re.search(r"in effect (\d+) ms", said.decode(errors="replace"))
        if running.returncode or took is None:
            self.tally.faults.append(f"cli {person}: {said.decode(errors='replace')}")
            return None
        return float(took[1])

    def _at(self, name: str) -> str:
        return str(self.stack.endpoints()[name])


async def trials(
    stack: Stack,
    count: int,
    seed: int,
    vias: Sequence[str] = VIAS,
    at_once: int = AT_ONCE,
    *,
    each: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Run trials, a few at a time, tell `each` how they stand, and check them all."""
    chance = random.Random(seed)
    offsets = [chance.uniform(-SPREAD_S, SPREAD_S) for _ in range(count)]
    slots = asyncio.Semaphore(at_once)
    async with aiohttp.ClientSession() as http, order_events(stack) as orders:
        running = Trials(stack, http, orders)

        async def one(n: int) -> None:
            async with slots:
                await running.one(vias[n % len(vias)], offsets[n])
                each(running.tally)

        async with asyncio.TaskGroup() as group:
            for n in range(count):
                group.create_task(one(n))
        await running.check()
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


async def _switch(person: Api) -> dict[str, Any] | None:
    found = await person.expect(200, "GET", "/api/v1/kill-switch")
    return found if found["on"] else None


def _progress(tally: Tally) -> None:
    done = len(tally.presses)
    if done % PROGRESS == 0:
        print(f"{done} trials, {len(tally.faults)} faults so far", file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> int:
    """Run from the command line; exit code 0: no fault and, one by one, fast from everywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vias", nargs="+", choices=VIAS, default=VIAS)
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="trials at a time")
    parser.add_argument("--out", type=Path, help="write the figures there, as JSON")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="uchat-brakes-") as directory:
        with Stack(Path(directory) / "data", replicas=2) as stack:
            run = trials(stack, args.trials, args.seed, args.vias, args.at_once, each=_progress)
            tally = asyncio.run(run)
    report = {"seed": args.seed, "at_once": args.at_once, **tally.report()}
    text = json.dumps(report, indent=2)
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n")
    print(text)
    slow = args.at_once == 1 and not all(report["within_target"].values())
    return 1 if tally.faults or slow else 0


if __name__ == "__main__":
    sys.exit(main())
