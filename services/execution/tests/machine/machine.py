"""People, prices, faults and crashes in any order: whatever happens, the promises hold.

Each rule is something that may happen. After each of them the exchange's journal is compared with
the books; at the end everything is healed, time passes, and both have to agree in everything.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)
from services.execution.tests.machine.arena import PRICES, Arena, Replica
from services.execution.tests.machine.hearing import announce
from services.execution.tests.machine.processes import Crash, Ended
from services.execution.tests.machine.settling import settle
from services.execution.tests.world import buy, sell
from tests.support.orders.evidence import HAND, Stop
from tests.support.orders.judge import Findings, judge, judge_end

from uchat_contracts import ids
from uchat_contracts.events import DecisionProposed
from uchat_contracts.trading import Card, PlanRequest
from uchat_execution.service.modifying import Modification
from uchat_execution.service.resolving import Answer

WISHES = {
    "buy": [buy("0.01")],
    "sell": [sell("0.01")],
    "buy two": [buy("0.01"), buy("0.1", "ETH")],
    "swap": [buy("0.1", "ETH"), sell("0.01")],
    "bid below": [buy("0.01", type="limit", limit_price="49500")],
    "bid above": [buy("0.01", type="limit", limit_price="50500")],
    "bid at once": [buy("0.01", type="limit", limit_price="50500", time_in_force="ioc")],
    "bid behind": [buy("0.01", type="limit", limit_price="49800", post_only=True)],
    "stop": [sell("0.01", type="stop", trigger_price="49500")],
}
FAULTS = {
    ("accept_then_timeout", "place"): 0,
    ("accept_then_drop", "place"): 0,
    ("accept_then_503", "place"): 0,
    ("accept_then_garbage", "place"): 0,
    ("accept_then_1007", "place"): 0,
    ("drop", "place"): 0,
    ("late_fill", "cancel"): 20,
    ("read_lag", "query"): 1_500,
    ("lost", "place"): 0,
    ("http_503", "place"): 0,
    ("html_502", "place"): 0,
    ("http_429", "place"): 0,
    ("delay_ms", "place"): 30,
    ("not_found", "query"): 0,
    ("http_503", "query"): 0,
    ("html_502", "query"): 0,
    ("accept_then_drop", "cancel"): 0,
    ("accept_then_503", "cancel"): 0,
}
"""Faults of the exchange by what they are of, with how long they hang, in milliseconds."""
PEOPLE = ("ann", "ben")
CRASHES = st.none() | st.builds(
    Crash, how=st.sampled_from(["kill", "stall", "cut"]), at=st.integers(1, 60)
)
REPLICAS = st.integers(0, 1)


@dataclass
class Known:
    """A decision of the example."""

    person: str
    event: DecisionProposed


class Machine(RuleBasedStateMachine):
    """The machine; `arena` and `runner` are there before the first example."""

    arena: ClassVar[Arena]
    runner: ClassVar[asyncio.Runner]
    unsafe: ClassVar[dict[str, bool]] = {}

    cards = Bundle("cards")
    zombies = Bundle("zombies")

    def __init__(self) -> None:
        super().__init__()
        self.people = {name: ids.new_person_id() for name in PEOPLE}
        self.accounts: dict[str, str] = {}
        self.known: dict[str, Known] = {}
        self.stops: list[Stop] = []
        self.stalled: list[Replica] = []
        self.hands = 0
        self.changes = 0
        self.is_broken = False

    def play(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something to its end; after a failure nothing more is checked."""
        try:
            return self.runner.run(work)
        except BaseException:
            self.is_broken = True
            raise

    @initialize(target=cards, wish=st.sampled_from(sorted(WISHES)))
    def begin(self, wish: str) -> str:
        return self.play(self._begin(wish))

    async def _begin(self, wish: str) -> str:
        await self.arena.restart(**self.unsafe)
        keeper = self.arena.replicas[0].app.keeper
        for name in PEOPLE:
            account = await keeper.of(self.people[name])
            await keeper.at_venue(account)
            self.accounts[name] = account.account
            self.arena.accounts.append(account.account)
            for replica in self.arena.replicas:
                await self.arena.compare(replica.app, account.account)
        # Ann has something to sell, and something is approved: there is enough to break at once.
        label = await self._propose("ann", "buy", 0, None)
        await self._answer(label, "approve", 0, None)
        await self._work(label, 0, None)
        label = await self._propose("ann", wish, 0, None)
        await self._answer(label, "approve", 0, None)
        return label

    @rule(
        target=cards,
        who=st.sampled_from(PEOPLE),
        wish=st.sampled_from(sorted(WISHES)),
        n=REPLICAS,
        crash=CRASHES,
    )
    def propose(self, who: str, wish: str, n: int, crash: Crash | None) -> str:
        return self.play(self._propose(who, wish, n, crash))

    @rule(
        card=cards,
        choice=st.sampled_from(["approve", "approve", "approve", "reject"]),
        n=REPLICAS,
        crash=CRASHES,
    )
    def answer(self, card: str, choice: str, n: int, crash: Crash | None) -> None:
        self.play(self._answer(card, choice, n, crash))

    @rule(target=zombies, card=cards, n=REPLICAS, crash=CRASHES)
    def work(self, card: str, n: int, crash: Crash | None) -> int:
        return self.play(self._work(card, n, crash))

    @rule(card=cards)
    def both_work(self, card: str) -> None:
        self.play(self._both_work(card))

    @rule(target=zombies, n=REPLICAS, crash=CRASHES)
    def sweep(self, n: int, crash: Crash | None) -> int:
        return self.play(self._run(n, lambda app: app.sweeper.sweep(), crash))

    @rule(n=REPLICAS, crash=CRASHES)
    def deadlines(self, n: int, crash: Crash | None) -> None:
        self.play(self._run(n, lambda app: app.sweeper.deadlines(), crash))

    @rule(zombie=consumes(zombies))
    def wake(self, zombie: int) -> None:
        self.play(self._wake(zombie))

    @rule(ms=st.sampled_from([400, 1_100, 3_200, 7_000, 130_000]))
    def time_passes(self, ms: int) -> None:
        self.play(self.arena.advance(timedelta(milliseconds=ms)))

    @rule(symbol=st.sampled_from(sorted(PRICES)), per_mille=st.sampled_from([-40, -12, -3, 4, 30]))
    def price_moves(self, symbol: str, per_mille: int) -> None:
        price = Decimal(PRICES[symbol]) * (1000 + per_mille) / 1000
        self.play(self.arena.pin(symbol, f"{price:.2f}"))

    @rule(fault=st.sampled_from(sorted(FAULTS)), times=st.integers(1, 2))
    def exchange_fails(self, fault: tuple[str, str], times: int) -> None:
        kind, on = fault
        self.play(self.arena.fault(kind, on=on, times=times, ms=FAULTS[fault]))

    @rule(who=st.sampled_from(PEOPLE), on=st.booleans(), n=REPLICAS, crash=CRASHES)
    def stop_switch(self, who: str, on: bool, n: int, crash: Crash | None) -> None:
        self.play(self._switch(who, on, n, crash))

    @rule(card=cards, n=REPLICAS, crash=CRASHES)
    def cancel(self, card: str, n: int, crash: Crash | None) -> None:
        self.play(self._cancel(card, n, crash))

    @rule(card=cards, wish=st.sampled_from(sorted(WISHES)), n=REPLICAS, crash=CRASHES)
    def modify(self, card: str, wish: str, n: int, crash: Crash | None) -> None:
        self.play(self._modify(card, wish, n, crash))

    @rule(target=zombies, who=st.sampled_from(PEOPLE), n=REPLICAS, crash=CRASHES)
    def compare(self, who: str, n: int, crash: Crash | None) -> int:
        account = self.accounts[who]
        return self.play(self._run(n, lambda app: self.arena.compare(app, account), crash))

    @rule(target=zombies, n=REPLICAS, crash=CRASHES)
    def tell(self, n: int, crash: Crash | None) -> int:
        return self.play(self._run(n, announce, crash))

    @rule(target=zombies, n=REPLICAS, crash=CRASHES)
    def look_at_triggers(self, n: int, crash: Crash | None) -> int:
        return self.play(self._run(n, lambda app: app.triggers.look(), crash))

    @rule(who=st.sampled_from(PEOPLE), side=st.sampled_from(["BUY", "SELL"]))
    def trade_by_hand(self, who: str, side: str) -> None:
        self.play(self._by_hand(who, side))

    @invariant()
    def promises_hold(self) -> None:
        if self.accounts and not self.is_broken:
            self.play(self._judge())

    def teardown(self) -> None:
        if self.accounts and not self.is_broken:
            self.play(self._end())
        self.runner.run(self.arena.close())

    async def _propose(self, who: str, wish: str, n: int, crash: Crash | None) -> str:
        label, person = f"D{len(self.known) + 1}", self.people[who]
        event = DecisionProposed(
            occurred_at=self.arena.clock.now(),
            session_id=ids.new_conversation_id(),
            decision_id=ids.derived_decision_id(f"turn_{ids.new_ulid()}", 0),
            ordinal=0,
            user_id=person,
            turn_id=f"turn_{ids.new_ulid()}",
            message_id=ids.new_message_id(),
            interface="telegram",
            request=PlanRequest(legs=WISHES[wish]),
        )
        self.known[label] = Known(person, event)
        ended, _ = await self.arena.run(n, lambda app: app.proposing.propose(event), crash)
        if ended.stopped or ended.error:
            # What the bus was not told to be done, it delivers again.
            await self._must(n + 1, lambda app: app.proposing.propose(event))
        return label

    async def _answer(self, label: str, choice: str, n: int, crash: Crash | None) -> None:
        card = await self._card(label)
        answer = Answer(
            decision_id=card.decision_id,
            person=card.user_id,
            via="web_ui",
            choice=choice,  # type: ignore[arg-type] - one of both
            plan_hash=card.plan_hash or "",
            op_id=f"{label}-{choice}-{card.version}",
        )
        ended, _ = await self.arena.run(n, lambda app: app.resolving.resolve(answer), crash)
        if ended.stopped or ended.error:
            await self.arena.run(n + 1, lambda app: app.resolving.resolve(answer))

    async def _modify(self, label: str, wish: str, n: int, crash: Crash | None) -> None:
        card = await self._card(label)
        self.changes += 1
        modification = Modification(
            decision_id=card.decision_id,
            person=card.user_id,
            plan_hash=card.plan_hash or "",
            request=PlanRequest(legs=WISHES[wish]),
            op_id=f"change-{self.changes}",
        )
        ended, _ = await self.arena.run(n, lambda app: app.modifying.modify(modification), crash)
        if ended.stopped or ended.error:
            await self.arena.run(n + 1, lambda app: app.modifying.modify(modification))

    async def _work(self, label: str, n: int, crash: Crash | None) -> int:
        decision_id = self.known[label].event.decision_id
        return await self._run(n, lambda app: app.executor.advance(decision_id), crash)

    async def _both_work(self, label: str) -> None:
        decision_id = self.known[label].event.decision_id
        await asyncio.gather(
            *(self.arena.run(n, lambda app: app.executor.advance(decision_id)) for n in range(2))
        )

    async def _run(self, n: int, work: Any, crash: Crash | None) -> int:
        ended, replica = await self.arena.run(n, work, crash)
        if ended.stopped != "stall":
            return -1
        self.stalled.append(replica)
        return len(self.stalled) - 1

    async def _must(self, n: int, work: Any) -> Ended:
        ended, _ = await self.arena.run(n, work)
        assert ended.error is None, repr(ended.error)
        return ended

    async def _wake(self, zombie: int) -> None:
        if zombie >= 0:
            await self.stalled[zombie].process.resume()
            await self.arena.bury(self.stalled[zombie])

    async def _switch(self, who: str, on: bool, n: int, crash: Crash | None) -> None:
        person = self.people[who]
        begun = self.arena.clock.now()
        await self.arena.run(n, lambda app: app.safety.throw(person, on=on, via="web_ui"), crash)
        ended = await self._must(n + 1, lambda app: app.safety.throw(person, on=on, via="web_ui"))
        stops = [stop for stop in self.stops if stop.person == person and not stop.released_at]
        if on and not stops:
            self.stops.append(Stop(person, ended.value.effective_at))
        for stop in [] if on else stops:
            self.stops.remove(stop)
            self.stops.append(Stop(person, stop.effective_at, begun))

    async def _cancel(self, label: str, n: int, crash: Crash | None) -> None:
        known = self.known[label]
        found = [
            leg.order_id
            for leg in (await self.arena.books()).legs
            if leg.decision_id == known.event.decision_id
            and leg.state in ("ready", "open", "partially_filled", "waiting")
        ]
        if found:
            await self.arena.run(
                n, lambda app: app.cancelling.cancel(known.person, found, None), crash
            )

    async def _by_hand(self, who: str, side: str) -> None:
        self.hands += 1
        await self.arena.by_hand(
            self.accounts[who],
            {
                "symbol": "BTCUSDT",
                "side": side,
                "type": "MARKET",
                "quantity": "0.001",
                "newClientOrderId": f"{HAND}{self.hands}-{self.accounts[who][-8:]}",
            },
        )

    async def _card(self, label: str) -> Card:
        known = self.known[label]
        return await self.arena.replicas[0].app.resolving.get(known.event.decision_id, known.person)

    async def _judge(self) -> None:
        found = judge(await self.arena.books(), await self.arena.journal(), self.stops)
        await self._expect_none(found)

    async def _end(self) -> None:
        for number, replica in enumerate(self.stalled):
            if not replica.process.is_dead:
                await self._wake(number)
        await self._judge()
        await settle(self.arena)
        await announce(self.arena.replicas[0].app)
        await self.arena.heard.all_of(self.arena.owner)
        there = {
            account: await self.arena.held_there(account) for account in self.accounts.values()
        }
        found = judge_end(await self.arena.books(), await self.arena.journal(), self.stops, there)
        await self._expect_none(found)

    async def _expect_none(self, found: Findings) -> None:
        if found.faults:
            raise AssertionError(f"{found}\n{await self.arena.story()}")
