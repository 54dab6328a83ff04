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
from uchat_execution.domain import ledger, pricing, risk
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.decisions import entering, result, standing
from uchat_execution.domain.money import BPS, ZERO, exact
from uchat_execution.domain.orders import SETTLED, Order
from uchat_execution.domain.risk import Situation
from uchat_execution.ports.store import Books, Facts, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.planning import Planner
from uchat_execution.service.proposing import Proposing, give_mandate_back
from uchat_platform import logging

EXPIRED: Final = Reason(
    code="expired_before_execution",
    text="It was approved, but could not be sent in time; nothing was ordered.",
)
MANDATE_OVER: Final = Reason(
    code="mandate_over", text="The mandate that approved it is over; now it is for you to decide."
)
GRACE: Final = timedelta(seconds=3)
"""After the deadline, before "there is no such order" counts: clocks (1 s) and late reads (2 s)."""
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
        order = _claimable(held.orders, held.now) if held else None
        if held is None or order is None:
            return None, False
        stop = _stop(held)
        if stop is not None:
            await self._give_up(unit, held, stop)
            return None, False
        leg = next(leg for leg in held.plan.legs if leg.n == order.leg)
        if not held.account.at_venue or await self._must_wait(held, leg):
            waiting = order.but(next_at=held.now + _LATER)
            await unit.orders.save(waiting, held.account.person, "worker", event=False)
            return None, False
        moved = await _mandate_over(unit, held) or await self._moved(held.plan, leg)
        if moved is not None and all(_untouched(each) for each in held.orders):
            return None, await self._requote(unit, held, moved)
        situation = await self._situation(unit, held, leg, order)
        alone = held.plan.model_copy(update={"legs": [leg]})
        refused = moved or risk.check(alone, situation, counts_orders=False)
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
        )

    async def _must_wait(self, held: _Held, leg: Leg) -> bool:
        quote = (await self.planner.desk.quotes([leg.symbol])).get(leg.symbol)
        if quote is None or not pricing.is_fresh(quote, held.now):
            return True
        return held.facts.recent >= self.planner.desk.limits.orders_per_minute

    async def _moved(self, plan: Plan, leg: Leg) -> Reason | None:
        if leg.type != "market":
            return None
        quote = (await self.planner.desk.quotes([leg.symbol]))[leg.symbol]
        bps = pricing.deviation_bps(leg.side, leg.price, quote)
        if bps <= plan.collar.max_deviation_bps:
            return None
        now_at = pricing.reference(leg.side, quote)
        return risk.collar_broken(
            leg, bps, plan.collar.max_deviation_bps, plan.quote_currency, now_at
        )

    async def _situation(self, unit: Unit, held: _Held, leg: Leg, order: Order) -> Situation:
        return await self.planner.situation(
            unit,
            held.account,
            [leg.symbol],
            held.facts,
            stopped=held.stopped,
            besides=order.order_id,
        )

    async def _claim(
        self, unit: Unit, held: _Held, order: Order, leg: Leg, balances: Mapping[str, Balance]
    ) -> Order:
        card, now = held.card, held.now
        signed = now.replace(microsecond=now.microsecond // 1000 * 1000)
        deadline = min(signed + self.window, card.expires_at or signed + self.window)
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
        )
        amount = _to_reserve(claimed, held.plan, leg, balances)
        claimed = claimed.but(reserved=amount)
        if amount:
            await unit.accounts.post(ledger.reservation(claimed, amount))
        await unit.orders.save(claimed, card.user_id, "worker")
        if card.state == "approved":
            await unit.decisions.save(entering(card, "executing", now))
        return claimed

    async def _requote(self, unit: Unit, held: _Held, why: Reason) -> bool:
        """Make the next version of the plan at today's prices; it needs an approval of its own."""
        card, now = held.card, held.now
        for order in held.orders:
            gone = order.entering("not_placed", now, reason=why)
            await unit.orders.save(gone, card.user_id, "worker")
        await give_mandate_back(unit, card, now)
        planned = await self.planner.plan(unit, held.account, card.request, now, card.decision_id)
        fresh = card.model_copy(
            update={
                "version": card.version + 1,
                "updated_at": now,
                "resolved": None,
                "result": None,
                "reason": why,
            }
        )
        again = await self.proposing.settle(unit, fresh, planned, held.account, first=False)
        _log.info("decision_requoted", decision=card.decision_id, state=again.state)
        return again.state == "approved"

    async def _give_up(self, unit: Unit, held: _Held, why: Reason) -> None:
        card, now = held.card, held.now
        after: list[Order] = []
        for order in held.orders:
            gone = order
            if order.state == "ready":
                gone = order.entering("not_placed", now, reason=why)
                await unit.orders.save(gone, card.user_id, "worker")
            after.append(gone)
        if why is EXPIRED and all(order.epoch == 0 for order in after):
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
        state, reason = standing(orders)
        if state == "executing":
            return
        if not any(order.filled for order in orders):
            await give_mandate_back(unit, card, now)
        made = entering(card, state, now, reason=reason, result=result(orders, now))
        await unit.decisions.save(made)


async def _mandate_over(unit: Unit, held: _Held) -> Reason | None:
    resolved = held.card.resolved
    if resolved is None or resolved.mandate_id is None:
        return None
    mandate = await unit.safety.mandate(resolved.mandate_id, held.card.user_id)
    return MANDATE_OVER if mandate.ended or mandate.expires_at <= held.now else None


def _stop(held: _Held) -> Reason | None:
    if held.stopped:
        return risk.STOPPED
    if held.facts.merging:
        return risk.MERGING
    if held.card.expires_at is None or held.card.expires_at - held.now < _LEAST_WINDOW:
        return EXPIRED
    return None


def _to_reserve(order: Order, plan: Plan, leg: Leg, balances: Mapping[str, Balance]) -> Decimal:
    if order.side == "sell":
        return order.quantity
    worst = 1 + Decimal(plan.collar.max_deviation_bps) / BPS if leg.type == "market" else 1
    free = balances.get(order.quote_currency, Balance(order.quote_currency)).free
    return max(ZERO, min(free, exact(leg.notional * worst + leg.fee * worst)))


def _untouched(order: Order) -> bool:
    return order.state == "ready" and order.epoch == 0


def _claimable(orders: Sequence[Order], now: datetime) -> Order | None:
    """The first order that may be sent: purchases wait until the sales are over, or rest."""
    selling = any(
        order.side == "sell" and order.state not in SETTLED | {"open", "partially_filled"}
        for order in orders
    )
    for order in orders:
        if order.state != "ready" or order.next_at > now:
            continue
        if order.side == "sell" or not selling:
            return order
    return None
