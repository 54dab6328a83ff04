"""Claims the next order of an approved decision: checked again, fenced by a deadline, reserved.

Everything of a claim is in one transaction, under the stop switch (shared) and the account: what is
claimed has passed every check at that moment, and may be sent until its deadline only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Card, Leg, Plan, Reason
from uchat_execution.domain import four_eyes, ledger, pricing, remedies, risk
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.decisions import entering, outcome, result, standing
from uchat_execution.domain.money import BPS, ZERO, exact
from uchat_execution.domain.orders import RESTING, SETTLED, UNSENT, Order
from uchat_execution.domain.risk import Situation
from uchat_execution.ports.states import Bounds
from uchat_execution.ports.store import Books, Facts, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.guards import ALL, Guards
from uchat_execution.service.planning import Planner
from uchat_execution.service.proposing import Proposing, give_mandate_back, next_version
from uchat_execution.service.reconciling.gate import Gate
from uchat_execution.service.seconds import counting
from uchat_platform import logging

EXPIRED: Final = Reason(
    code="expired_before_execution",
    text="It was approved, but could not be sent in time; nothing was ordered.",
)
GRACE: Final = timedelta(seconds=3)
"""After the deadline, before "there is no such order" counts: clocks (1 s) and late reads (2 s)."""
_PAUSES: Final = frozenset({risk.KILL_SWITCH_ON, "trading_halted"})
"""Once trading goes on, what was triggered waits for its price again."""
_WORKING: Final = frozenset({"approved", "executing"})
_LEAST_WINDOW: Final = timedelta(milliseconds=100)
_LATER: Final = timedelta(seconds=1)
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    card: Card
    plan: Plan
    account: Account
    orders: Sequence[Order]
    stopped: bool
    facts: Facts
    bounds: Bounds

    @property
    def now(self) -> datetime:
        return self.facts.now


@dataclass(frozen=True, slots=True)
class Claiming:
    """Makes claims. `owner` names this process, `window` is how long a claim may be sent."""

    books: Books
    keeper: AccountKeeper
    planner: Planner
    proposing: Proposing
    owner: str
    window: timedelta
    gate: Gate
    guards: Guards = ALL

    async def next(self, decision_id: str) -> Order | None:
        """Claim the next order to send; None: there is nothing to send now.

        Raises:
            UnavailableError: the database is away.
        """
        while True:
            async with self.books.unit() as unit:
                claimed, again = await self._next(unit, decision_id)
            if not again:
                return claimed

    async def _next(self, unit: Unit, decision_id: str) -> tuple[Order | None, bool]:
        """The order that was claimed, and whether there may be another one to look at."""
        held = await self._hold(unit, decision_id)
        order = _claimable(held.orders, held.now, self.guards) if held else None
        if held is None or order is None:
            if held is not None:
                await self._keep(unit, held)
            return None, False
        if await self._ended(unit, held, order):
            return None, False
        leg = next(leg for leg in held.plan.legs if leg.n == order.leg)
        if await self._waits(unit, held, order, leg):
            return None, False
        moved = await self._mandate_over(unit, held, order) or await self._moved(held, leg, order)
        if moved is not None and all(_untouched(each) for each in held.orders):
            return None, await self._requote(unit, held, moved)
        situation = await self._situation(unit, held, leg, order)
        alone = held.plan.model_copy(update={"legs": [leg]})
        refused = (
            moved
            or remedies.unfunded(held.card, held.orders, leg)
            or risk.check(alone, situation, counts_orders=False)
        )
        if refused is not None:
            await self._drop(unit, held, order, refused)
            return None, True
        return await self._claim(unit, held, order, leg, situation.balances), False

    async def _hold(self, unit: Unit, decision_id: str) -> _Held | None:
        """Everything that the claim is decided by, locked in the order that every unit keeps."""
        seen = await unit.decisions.get(decision_id)
        if seen is None or seen.account is None or seen.card.state not in _WORKING:
            return None
        switches = await unit.safety.switches(seen.person, share=True)
        account = await unit.accounts.get(seen.account, lock=True)
        held = await unit.decisions.get(decision_id, lock=True)
        if held is None or held.card.state not in _WORKING or held.card.plan is None:
            return None
        return _Held(
            card=held.card,
            plan=held.card.plan,
            account=account,
            orders=await unit.orders.of_decision(decision_id, held.card.version),
            stopped=any(switch.is_on for switch in switches),
            facts=await unit.accounts.facts(account.account, account.person),
            bounds=await unit.states.bounds(account),
        )

    async def _must_wait(self, held: _Held, leg: Leg) -> bool:
        desk = self.planner.desk.at(held.account.venue)
        quote = (await desk.quotes([leg.symbol])).get(leg.symbol)
        limits = self.planner.desk.limits_of(held.bounds)
        if quote is None or not pricing.is_fresh(quote, held.now, limits.reference_age_s):
            return True
        return held.facts.recent >= limits.orders_per_minute

    async def _ended(self, unit: Unit, held: _Held, order: Order) -> bool:
        """Whether it must not be sent any more, or not before the venue was asked for it."""
        if self.gate.doubts(held.facts, held.card.proposed_at, order):
            await self._ask_first(unit, held, order)
            return True
        stop = _stop(held, order) or await _unapproved(unit, held.card, order)
        if stop is not None:
            await self._give_up(unit, held, stop)
        return stop is not None

    async def _waits(self, unit: Unit, held: _Held, order: Order, leg: Leg) -> bool:
        """Whether it is not time to send it yet; what compares the account wakes it."""
        if not self.gate.lets(held.account, held.facts):
            return True
        if held.account.at_venue and not await self._must_wait(held, leg):
            return False
        waiting = order.but(next_at=held.now + _LATER)
        await unit.orders.save(waiting, held.account.person, "worker", event=False)
        return True

    async def _ask_first(self, unit: Unit, held: _Held, order: Order) -> None:
        # What was lost by a restore may have sent it: the venue is asked before anybody sends it.
        if not self.gate.knows(held.facts):
            return
        asked = order.entering(
            "unknown",
            held.now,
            epoch=order.epoch + 1,
            sign_ts=held.card.proposed_at,
            deadline=held.now,
            unknown_since=held.now,
            next_at=held.now,
        )
        await unit.orders.save(asked, held.card.user_id, "recon")

    async def _keep(self, unit: Unit, held: _Held) -> None:
        # Nothing of it is for the venue yet: it waits here for a price, and the card says so.
        if held.card.state == "approved" and any(each.state == "waiting" for each in held.orders):
            made = result(held.orders, held.now)
            await unit.decisions.save(entering(held.card, "executing", held.now, result=made))

    async def _moved(self, held: _Held, leg: Leg, order: Order) -> Reason | None:
        if order.placed_as != "market":
            return None
        plan = held.plan
        quote = (await self.planner.desk.at(held.account.venue).quotes([leg.symbol]))[leg.symbol]
        bps = pricing.deviation_bps(leg.side, leg.price, quote)
        most = pricing.collar_bps(leg, plan)
        if bps <= most:
            return None
        now_at = pricing.reference(leg.side, quote)
        return risk.collar_broken(leg, bps, most, plan.quote_currency, now_at)

    async def _mandate_over(self, unit: Unit, held: _Held, order: Order) -> Reason | None:
        resolved = held.card.resolved
        if resolved is None or resolved.mandate_id is None:
            return None
        if _protects(order):
            return None
        mandates, person = self.planner.mandates, held.card.user_id
        return await mandates.over(unit, resolved.mandate_id, person, held.now)

    async def _situation(self, unit: Unit, held: _Held, leg: Leg, order: Order) -> Situation:
        return await self.planner.situation(
            unit,
            held.account,
            [leg.symbol],
            held.facts,
            held.bounds,
            stopped=held.stopped,
            besides=order.order_id,
        )

    async def _claim(
        self, unit: Unit, held: _Held, order: Order, leg: Leg, balances: Mapping[str, Balance]
    ) -> Order:
        card, now = held.card, held.now
        signed = now.replace(microsecond=now.microsecond // 1000 * 1000)
        deadline = min(signed + self.window, _send_until(held, order))
        claimed = order.entering(
            "submitting",
            now,
            epoch=order.epoch + 1,
            owner=self.owner,
            claimed_at=now,
            sign_ts=signed,
            deadline=deadline,
            unknown_since=None,
            absent=0,
            next_at=deadline + GRACE,
            arrival_price=order.arrival_price or await self._middle(held.account, order.symbol),
        )
        amount = _to_reserve(claimed, held.plan, leg, balances)
        claimed = claimed.but(reserved=amount)
        if amount:
            await unit.accounts.post(ledger.reservation(claimed, amount))
        await unit.orders.save(claimed, card.user_id, "worker")
        if card.state == "approved":
            await unit.decisions.save(entering(card, "executing", now))
        return claimed

    async def _middle(self, account: Account, symbol: str) -> Decimal | None:
        quote = (await self.planner.desk.at(account.venue).quotes([symbol])).get(symbol)
        return None if quote is None else exact((quote.bid + quote.ask) / 2)

    async def _requote(self, unit: Unit, held: _Held, why: Reason) -> bool:
        """Make the next version of the plan at today's prices; it needs an approval of its own."""
        card, now = held.card, held.now
        for order in held.orders:
            gone = order.entering("not_placed", now, reason=why)
            await unit.orders.save(gone, card.user_id, "worker")
        await give_mandate_back(unit, card, now)
        planned = await self.planner.plan(unit, held.account, card.request, now, card.decision_id)
        fresh = next_version(card, planned, now, reason=why)
        again = await self.proposing.settle(unit, fresh, planned, held.account, first=False)
        _log.info("decision_requoted", decision=card.decision_id, state=again.state)
        return again.state == "approved"

    async def _give_up(self, unit: Unit, held: _Held, why: Reason) -> None:
        card, now = held.card, held.now
        after: list[Order] = []
        for order in held.orders:
            gone = order
            if order.state == "ready" and why.code in _PAUSES and order.triggered_at:
                # Once trading goes on it waits for its price again, as one at the venue would.
                gone = order.entering("waiting", now, triggered_at=None, send_until=None)
            elif order.state == "ready" and (why is not EXPIRED or _too_late(held, order)):
                gone = order.entering("not_placed", now, reason=why)
            if gone is not order:
                await unit.orders.save(gone, card.user_id, "worker")
            after.append(gone)
        if why is EXPIRED and all(each.state == "not_placed" and not each.epoch for each in after):
            await give_mandate_back(unit, card, now)
            await unit.decisions.save(entering(card, "expired", now, reason=why))
            return
        await self._stand(unit, card, after, now)

    async def _drop(self, unit: Unit, held: _Held, order: Order, why: Reason) -> None:
        gone = order.entering("not_placed", held.now, reason=why)
        await unit.orders.save(gone, held.card.user_id, "worker")
        after = [gone if each.order_id == gone.order_id else each for each in held.orders]
        await self._stand(unit, held.card, after, held.now)

    async def _stand(self, unit: Unit, card: Card, orders: Sequence[Order], now: datetime) -> None:
        if standing(orders)[0] == "executing":
            return
        if not any(order.filled for order in orders):
            await give_mandate_back(unit, card, now)
        await unit.decisions.save(outcome(card, orders, now))


async def _unapproved(unit: Unit, card: Card, order: Order) -> Reason | None:
    refused = four_eyes.unapproved(card, order.plan_hash)
    if refused is not None or _protects(order):
        return refused
    return four_eyes.withdrawn_from(card, await counting(unit, card, card.approvals))


def _protects(order: Order) -> bool:
    # It outlives the mandate, or the right, that it was approved by, as an order at the venue does.
    return order.triggered_at is not None and order.side == "sell"


def _stop(held: _Held, order: Order) -> Reason | None:
    if held.stopped:
        return risk.STOPPED
    if held.facts.merging:
        return risk.MERGING
    if held.bounds.standing.state == "halted":
        return risk.forbidden(held.plan, held.bounds.standing)
    return EXPIRED if _too_late(held, order) else None


def _too_late(held: _Held, order: Order) -> bool:
    return _send_until(held, order) - held.now < _LEAST_WINDOW


def _send_until(held: _Held, order: Order) -> datetime:
    # Resting and waiting outlive the approval; being sent does not.
    return order.send_until or held.card.expires_at or held.now


def _to_reserve(order: Order, plan: Plan, leg: Leg, balances: Mapping[str, Balance]) -> Decimal:
    if order.side == "sell":
        return order.quantity
    worst = 1 + Decimal(pricing.collar_bps(leg, plan)) / BPS if leg.limit_price is None else 1
    free = balances.get(order.quote_currency, Balance(order.quote_currency)).free
    return max(ZERO, min(free, exact(leg.notional * worst + leg.fee * worst)))


def _untouched(order: Order) -> bool:
    return order.state in UNSENT and order.epoch == 0 and order.triggered_at is None


def _claimable(orders: Sequence[Order], now: datetime, guards: Guards) -> Order | None:
    """The first order that may be sent: purchases wait until the sales are over, rest or wait."""
    selling = any(
        order.side == "sell" and order.state not in SETTLED | RESTING | {"waiting"}
        for order in orders
    )
    for order in orders:
        if order.state == "submitting" and not guards.claim:
            return order
        if order.state != "ready" or order.next_at > now:
            continue
        if order.side == "sell" or not selling:
            return order
    return None
