"""People who have orders proposed to them and approve them, whatever breaks meanwhile."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import nats
from nats.js import JetStreamContext

from tests.support.api import CHAT, Api
from tests.support.stack import Stack
from uchat_contracts import ids, subjects
from uchat_contracts.events import DecisionProposed
from uchat_contracts.trading import LegRequest, PlanRequest

AGAIN_S = 0.3
LOOK_S = 0.15
OUTAGES = (aiohttp.ClientError, OSError, TimeoutError)
PASSING = frozenset({404, 429, 500, 502, 503, 504})
_PROPOSER = "sessions"
"""Who tells execution of decisions."""
Wish = Sequence[dict[str, Any]]


def market(side: str, symbol: str, amount: float) -> dict[str, Any]:
    """Return a market order by its amount, in quote currency."""
    return {"symbol": symbol, "side": side, "amount": str(amount)}


def limit(side: str, symbol: str, quantity: str, price: Decimal, **more: Any) -> dict[str, Any]:
    """Return a limit order."""
    return {
        "symbol": symbol, "side": side, "type": "limit", "quantity": quantity,
        "limit_price": str(price), **more,
    }  # fmt: skip


def wish(chance: random.Random, prices: dict[str, Decimal], *, resting: bool = False) -> Wish:
    """Return what somebody may want: one order or several, market or limit; small amounts.

    `resting`: one limit order far below the market.
    """
    amount = chance.randrange(10, 25)
    near = (prices["BTC"] * Decimal("1.01")).quantize(Decimal(1))
    far = (prices["BTC"] * Decimal("0.97")).quantize(Decimal(1))
    if resting:
        return [limit("buy", "BTC", "0.0002", far)]
    kinds: list[Wish] = [
        [market("buy", "BTC", amount)],
        [market("buy", "ETH", amount)],
        [market("buy", "BTC", amount), market("buy", "ETH", amount)],
        [market("buy", "BTC", amount), market("buy", "ETH", amount), market("buy", "SOL", amount)],
        [limit("buy", "BTC", "0.0002", near)],
        [limit("buy", "BTC", "0.0002", near, time_in_force="ioc")],
        [limit("buy", "BTC", "0.0002", near, time_in_force="fok")],
    ]
    return chance.choice(kinds)


@dataclass(slots=True)
class Tally:
    """How far everybody is. `approved` holds when each approval was taken, on the system clock."""

    wanted: int
    proposed: int = 0
    approved: dict[str, float] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)
    retries: int = 0

    @property
    def is_done(self) -> bool:
        """Tell whether as many were approved as are wanted."""
        return len(self.approved) >= self.wanted


@dataclass(frozen=True, slots=True)
class Trader:
    """One person: a decision at a time, each approved as soon as its card is there."""

    api: Api
    bus: JetStreamContext
    tally: Tally
    wave_s: float = 0
    give_up_s: float = 90.0

    async def decide(self, legs: Wish) -> None:
        """Have a plan proposed and approve it; try again for as long as something is away."""
        event = DecisionProposed(
            occurred_at=datetime.now(UTC),
            session_id=self.api.home,
            decision_id=ids.derived_decision_id(turn := f"turn_{ids.new_ulid()}", 0),
            ordinal=0,
            user_id=self.api.person,
            turn_id=turn,
            message_id=ids.new_message_id(),
            interface="api",
            request=PlanRequest(legs=[LegRequest.model_validate(leg) for leg in legs]),
        )
        if not await self._propose(event):
            self.tally.ended["not proposed"] += 1
            return
        self.tally.proposed += 1
        card = await self._card(event.decision_id)
        if card is None:
            self.tally.ended["no card"] += 1
        elif card["state"] != "awaiting_approval":
            self.tally.ended[f"{card['state']}: {(card['reason'] or {}).get('code')}"] += 1
        else:
            await self._approve(card)

    async def _propose(self, event: DecisionProposed) -> bool:
        subject = subjects.decision("proposed", event.decision_id)
        headers = {"Nats-Msg-Id": event.decision_id}
        end = time.monotonic() + self.give_up_s
        while time.monotonic() < end:
            try:
                await self.bus.publish(subject, event.json_bytes(), timeout=3, headers=headers)
            except (nats.errors.Error, *OUTAGES):
                self.tally.retries += 1
                await asyncio.sleep(AGAIN_S)
            else:
                return True
        return False

    async def _card(self, decision_id: str) -> dict[str, Any] | None:
        end = time.monotonic() + self.give_up_s
        while time.monotonic() < end:
            answer = await self._ask("GET", f"{CHAT}/decision/{decision_id}")
            if answer is not None and answer[1]["state"] != "proposed":
                return answer[1]
            await asyncio.sleep(LOOK_S)
        return None

    async def _approve(self, card: dict[str, Any]) -> None:
        if self.wave_s:
            await asyncio.sleep(self.wave_s - time.monotonic() % self.wave_s)
        body = {
            "decision_id": card["decision_id"], "approved": True, "plan_hash": card["plan_hash"],
            "op_id": f"approve-{card['decision_id']}",
        }  # fmt: skip
        end = time.monotonic() + self.give_up_s
        while time.monotonic() < end:
            answer = await self._ask("POST", f"{CHAT}/decision/approve", json=body)
            if answer is not None:
                status, said = answer
                if status == 200:
                    self.tally.approved[card["decision_id"]] = time.time()
                else:
                    self.tally.ended[f"refused: {said.get('code')}"] += 1
                return
            await asyncio.sleep(AGAIN_S)
        self.tally.ended["approval unanswered"] += 1

    async def _ask(self, method: str, path: str, **options: Any) -> tuple[int, Any] | None:
        try:
            answer = await self.api.request(method, path, **options)
        except OUTAGES:
            self.tally.retries += 1
            return None
        return None if answer.status in PASSING else (answer.status, answer.body)


async def _ignore(_: Exception) -> None:
    """The bus is away now and then: whoever publishes tries again."""


@asynccontextmanager
async def traders(
    stack: Stack, people: int, tally: Tally, wave_s: float = 0
) -> AsyncIterator[list[Trader]]:
    """Sign so many people in, and connect whoever proposes to them.

    `wave_s`: they approve all at once, so often.
    """
    client = await nats.connect(
        str(stack.endpoints()["nats"]),
        nkeys_seed=str(stack.data_dir / "keys" / f"{_PROPOSER}.nk"),
        inbox_prefix=f"_INBOX_{_PROPOSER}".encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,
        error_cb=_ignore,
    )
    timeout = aiohttp.ClientTimeout(total=15)
    try:
        async with aiohttp.ClientSession(
            timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
        ) as http:
            slots = asyncio.Semaphore(4)

            async def sign_in() -> Api:
                async with slots:
                    return await Api.guest(http, stack.url)

            apis = await asyncio.gather(*(sign_in() for _ in range(people)))
            bus = client.jetstream()
            yield [Trader(api, bus, tally, wave_s) for api in apis]
    finally:
        await client.close()
