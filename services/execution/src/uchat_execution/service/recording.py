"""Writes down what became of an order: fills, ledger, the decision's state, all in one unit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from uchat_contracts.trading import Reason
from uchat_execution.domain import ledger
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.decisions import entering, outcome
from uchat_execution.domain.money import ZERO, exact
from uchat_execution.domain.orders import (
    AT_VENUE,
    RESTING,
    SETTLED,
    UNSENT,
    Order,
    OrderState,
    VenueFill,
    VenueOrder,
    client_order_id,
)
from uchat_execution.ports.decisions import Decision
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.alerts.filling import of_order, tell_filled
from uchat_execution.service.changed import portfolio_changed
from uchat_execution.service.desk import Desk
from uchat_execution.service.proposing import give_mandate_back
from uchat_platform import logging

NEEDS_HUMAN_AFTER: Final = timedelta(minutes=10)
NOT_PLACED: Final = Reason(
    code="not_placed", text="The order did not reach the exchange; nothing was ordered."
)
UNKNOWN_LONG: Final = Reason(
    code="outcome_unknown",
    text="The exchange has not told for too long whether the order was placed. It goes on being"
    " asked; please look there too.",
)
# What the venue may still tell something about; a late fill is one after a cancellation.
_TELLABLE: Final = AT_VENUE | {"cancelled", "filled"}
_ATTEMPTS: Final = 20
"""Claims of one order at most; its approval usually ends before."""
_FIRST_WAIT: Final = timedelta(milliseconds=500)
_LONGEST_WAIT: Final = timedelta(seconds=8)
_ASK_SOON: Final = timedelta(milliseconds=500)
_LOOK_AGAIN: Final = timedelta(seconds=2)
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    unit: Unit
    account: Account
    decision: Decision
    order: Order
    now: datetime


@dataclass(frozen=True, slots=True)
class Recording:
    """Records outcomes. Each is guarded by the epoch of the claim that it belongs to.

    Of what is unknown for longer than `needs_human_after` the person is asked.
    """

    books: Books
    desk: Desk
    needs_human_after: timedelta = NEEDS_HUMAN_AFTER

    async def venue_says(self, claimed: Order, found: VenueOrder, source: str) -> Order | None:
        """Adopt the venue's order with its fills; None: somebody else holds the order by now."""
        async with self.books.unit() as unit:
            held = await self._hold(unit, claimed, any_state=True)
            if held is None:
                return None
            order, filled = await self._fills(held, found)
            state = _state(found, order)
            # What is over changes only by what was traded after all.
            changed = filled or (state != order.state and order.state not in SETTLED)
            if not changed:
                waiting = order.but(next_at=held.now + _pause(order))
                await unit.orders.save(waiting, held.account.person, source, event=False)
                return waiting
            order = order.entering(
                state,
                held.now,
                venue_order_id=found.venue_order_id,
                reason=_why_cancelled(found, order),
                unknown_since=None,
                absent=0,
                next_at=held.now + _pause(order),
            )
            return await self._close(held, order, source, filled=filled)

    async def rejected(self, claimed: Order, reason: Reason) -> Order | None:
        """The venue refused the order for good."""
        async with self.books.unit() as unit:
            held = await self._hold(unit, claimed)
            if held is None:
                return None
            order = held.order.entering("rejected", held.now, reason=reason)
            return await self._close(held, order, "venue")

    async def not_placed(
        self,
        claimed: Order,
        *,
        again_after: timedelta | None,
        source: str,
        same_id: bool = False,
        reason: Reason = NOT_PLACED,
    ) -> Order | None:
        """The venue certainly did not place it: send it again later, if that is still allowed.

        A new attempt has a new id, except (`same_id`) when the venue was asked and had none: should
        the first one arrive after all, then its id is taken.
        """
        async with self.books.unit() as unit:
            held = await self._hold(unit, claimed)
            if held is None:
                return None
            order, card = held.order, held.decision.card
            expires = order.send_until or card.expires_at or held.now
            again_at = held.now + max(again_after or timedelta(), _wait_before(order))
            if order.cancel_at is not None:
                return await self._close(held, order.entering("not_placed", held.now), source)
            if again_after is None or order.epoch >= _ATTEMPTS or again_at >= expires:
                gone = order.entering("not_placed", held.now, reason=reason)
                return await self._close(held, gone, source)
            attempt = order.attempt if same_id else order.attempt + 1
            own_id = client_order_id(order.decision_id, card.plan_hash or "", order.leg, attempt)
            freed = await self._release(held, order)
            ready = freed.entering(
                "ready",
                held.now,
                attempt=attempt,
                client_order_id=order.client_order_id if same_id else own_id,
                next_at=again_at,
                unknown_since=None,
            )
            await unit.orders.save(ready, held.account.person, source)
            return ready

    async def unknown(self, claimed: Order) -> Order | None:
        """Nobody knows whether it was placed: the venue has to be asked."""
        async with self.books.unit() as unit:
            held = await self._hold(unit, claimed)
            if held is None:
                return None
            # Whoever held the claim may not write any more.
            order = held.order.entering(
                "unknown",
                held.now,
                epoch=held.order.epoch + 1,
                unknown_since=held.order.unknown_since or held.now,
                next_at=held.now + _ASK_SOON,
            )
            return await self._close(held, order, "worker")

    async def doubted(self, order: Order) -> Order | None:
        """Something waits to be sent that the venue may have: it is asked for first."""
        async with self.books.unit() as unit:
            held = await self._hold(unit, order)
            if held is None or held.order.state != "ready":
                return None
            doubted = held.order.entering(
                "unknown",
                held.now,
                epoch=held.order.epoch + 1,
                sign_ts=held.order.sign_ts or held.order.created_at,
                deadline=held.now,
                unknown_since=held.now,
                absent=0,
                next_at=held.now,
            )
            return await self._close(held, doubted, "recon")

    async def forgotten(self, order: Order, reason: Reason) -> Order | None:
        """A paper venue that began anew has no trace of a resting order: it is over."""
        async with self.books.unit() as unit:
            held = await self._hold(unit, order)
            if held is None or held.order.state not in RESTING:
                return None
            return await self._close(
                held, held.order.entering("cancelled", held.now, reason=reason), "recon"
            )

    async def cancelled(self, order: Order) -> Order | None:
        """Somebody wants it gone: at once, if the venue never heard of it; else that is noted.

        None: it changed meanwhile.
        """
        async with self.books.unit() as unit:
            held = await self._hold(unit, order)
            if held is None or held.order.state in SETTLED:
                return None
            if held.order.state in UNSENT:
                return await self._close(held, held.order.entering("cancelled", held.now), "human")
            if held.order.cancel_at is not None:
                return held.order
            soon = held.now if held.order.state in RESTING else held.order.next_at
            wanted = held.order.entering(
                held.order.state, held.now, cancel_at=held.now, next_at=soon
            )
            await unit.orders.save(wanted, held.account.person, "human")
            return wanted

    async def ask_again(self, order: Order, at: datetime, *, absent: int) -> None:
        """Note that the question brought no answer that counts, and when to ask again."""
        async with self.books.unit() as unit:
            held = await self._hold(unit, order)
            if held is None:
                return
            waiting = held.order.but(next_at=at, absent=absent)
            await unit.orders.save(waiting, held.account.person, "recon", event=False)
            card = held.decision.card
            since = waiting.unknown_since
            if card.state == "executing" and since and held.now - since > self.needs_human_after:
                await unit.decisions.save(
                    entering(card, "needs_human", held.now, reason=UNKNOWN_LONG)
                )

    async def _hold(self, unit: Unit, claimed: Order, *, any_state: bool = False) -> _Held | None:
        # None: whoever asks knows an older order. `any_state`: the same claim is enough.
        account = await unit.accounts.get(claimed.account, lock=True)
        decision = await unit.decisions.get(claimed.decision_id, lock=True)
        order = await unit.orders.get(claimed.order_id, lock=True)
        if decision is None or order is None or order.epoch != claimed.epoch:
            _log.warning("outcome_fenced", order=claimed.order_id, epoch=claimed.epoch)
            return None
        if order.state != claimed.state and not (any_state and order.state in _TELLABLE):
            _log.warning("outcome_too_late", order=claimed.order_id, state=order.state)
            return None
        return _Held(unit, account, decision, order, await unit.now())

    async def _fills(self, held: _Held, found: VenueOrder) -> tuple[Order, bool]:
        known = await held.unit.orders.known_fills(held.order) if held.order.filled else set[str]()
        named = [held.account.numbered(fill) for fill in found.fills]
        fills = [fill for fill in named if fill.trade_id not in known]
        order = held.order
        if not fills:
            return order, False
        balances = await held.unit.accounts.balances(order.account)
        for fill in fills:
            posting, order = ledger.filled(order, fill, balances)
            if not await held.unit.orders.add_fill(order, fill, posting.realised):
                continue
            await held.unit.accounts.post(posting)
            balances = ledger.after(balances, posting)
            order = _with_fill(order, fill)
        return order, True

    async def _release(self, held: _Held, order: Order) -> Order:
        if order.reserved:
            await held.unit.accounts.post(ledger.reservation(order, -order.reserved))
        return order.but(reserved=ZERO)

    async def _close(
        self, held: _Held, order: Order, source: str, *, filled: bool = False
    ) -> Order:
        unit, person = held.unit, held.account.person
        if order.state in SETTLED:
            order = await self._release(held, order)
        await unit.orders.save(order, person, source)
        if order.state in SETTLED and order.filled:
            await tell_filled(unit, held.account, of_order(order, held.now), held.now)
        card = held.decision.card
        if card.version == order.version:
            orders = await unit.orders.of_decision(order.decision_id, order.version)
            made = outcome(card, orders, held.now)
            await unit.decisions.save(made)
            if made.state in ("failed", "cancelled") and not any(each.filled for each in orders):
                await give_mandate_back(unit, card, held.now)
        if filled:
            account, now = held.account, held.now
            await portfolio_changed(unit, self.desk, account, now, order.symbol)
        return order


def _wait_before(order: Order) -> timedelta:
    # Longer each time: who refuses a third time will hardly take it at once.
    return min(_FIRST_WAIT * 2 ** max(0, order.epoch - 1), _LONGEST_WAIT)


def _state(found: VenueOrder, order: Order) -> OrderState:
    if order.state in SETTLED and (order.state == "filled" or found.status in RESTING):
        # What the venue says late never takes back an end; late fills are added all the same.
        return order.state
    if order.filled and found.status == "open":
        return "partially_filled"
    return found.status


def _why_cancelled(found: VenueOrder, order: Order) -> Reason | None:
    if found.status == "cancelled" and order.cancel_at is None and _ends_at_once(order):
        return Reason(
            code="not_all_filled", text="The market had no more to trade at a price in reach."
        )
    if found.status == "rejected":
        return Reason(code="rejected_by_venue", text="The exchange refused the order.")
    return None


def _pause(order: Order) -> timedelta:
    return _LOOK_AGAIN if order.cancel_at is None else _ASK_SOON


def _ends_at_once(order: Order) -> bool:
    return order.limit_price is None or order.time_in_force != "gtc"


def _with_fill(order: Order, fill: VenueFill) -> Order:
    return order.but(
        filled=order.filled + fill.quantity,
        quote_filled=exact(order.quote_filled + fill.quantity * fill.price),
        fee=order.fee + fill.fee,
        fee_asset=fill.fee_asset,
    )
