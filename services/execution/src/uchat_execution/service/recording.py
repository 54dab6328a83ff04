"""Writes down what became of an order: fills, ledger, the decision's state, all in one unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from uchat_contracts.trading import Card, Reason
from uchat_execution.domain import ledger
from uchat_execution.domain.accounts import Account, Balance, worth
from uchat_execution.domain.decisions import entering, result, standing
from uchat_execution.domain.ledger import Posting
from uchat_execution.domain.money import ZERO, exact
from uchat_execution.domain.orders import (
    AT_VENUE,
    SETTLED,
    Order,
    OrderState,
    VenueFill,
    VenueOrder,
    client_order_id,
)
from uchat_execution.ports.store import Books, Decision, Point, Told, Unit
from uchat_execution.service.desk import Desk
from uchat_execution.service.proposing import give_mandate_back
from uchat_platform import logging

NEEDS_HUMAN_AFTER: Final = timedelta(minutes=10)
NOT_PLACED: Final = Reason(
    code="not_placed", text="The order did not reach the exchange; nothing was ordered."
)
UNKNOWN_LONG: Final = Reason(
    code="outcome_unknown",
    text="The exchange has not told for ten minutes whether the order was placed. It goes on being"
    " asked; please look there too.",
)
# What the venue may still tell something about; a late fill is one after a cancellation.
_TELLABLE: Final = AT_VENUE | {"cancelled", "filled"}
_RESTING: Final = frozenset({"open", "partially_filled"})
_ATTEMPTS: Final = 3
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
    """Records outcomes. Each is guarded by the epoch of the claim that it belongs to."""

    books: Books
    desk: Desk

    async def venue_says(self, claimed: Order, found: VenueOrder, source: str) -> Order | None:
        """Adopt the venue's order with its fills; None: somebody else holds the order by now."""
        async with self.books.unit() as unit:
            held = await self._hold(unit, claimed, any_state=True)
            if held is None:
                return None
            order, filled = await self._fills(held, found)
            state = _state(found, order)
            changed = state != order.state or filled
            if not changed:
                waiting = order.but(next_at=held.now + _LOOK_AGAIN)
                await unit.orders.save(waiting, held.account.person, source, event=False)
                return waiting
            order = order.entering(
                state,
                held.now,
                venue_order_id=found.venue_order_id,
                reason=_why_cancelled(found, order),
                unknown_since=None,
                absent=0,
                next_at=held.now + _LOOK_AGAIN,
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
        self, claimed: Order, *, again_after: timedelta | None, source: str, same_id: bool = False
    ) -> Order | None:
        """The venue certainly did not place it: send it again later, if that is still allowed.

        A new attempt has a new id, except (`same_id`) when the venue was asked and had none.
        """
        async with self.books.unit() as unit:
            held = await self._hold(unit, claimed)
            if held is None:
                return None
            order, card = held.order, held.decision.card
            expires = card.expires_at or held.now
            again_at = held.now + (again_after or timedelta())
            if again_after is None or order.epoch >= _ATTEMPTS or again_at >= expires:
                gone = order.entering("not_placed", held.now, reason=NOT_PLACED)
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

    async def withdrawn(self, order: Order) -> Order | None:
        """The person cancelled an order that nobody has claimed; None: somebody has."""
        async with self.books.unit() as unit:
            held = await self._hold(unit, order)
            if held is None or held.order.state != "ready":
                return None
            return await self._close(held, held.order.entering("cancelled", held.now), "human")

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
            if card.state == "executing" and since and held.now - since > NEEDS_HUMAN_AFTER:
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
        fills = [fill for fill in found.fills if fill.trade_id not in known]
        order = held.order
        if not fills:
            return order, False
        balances = await held.unit.accounts.balances(order.account)
        for fill in fills:
            posting, order = ledger.filled(order, fill, balances)
            if not await held.unit.orders.add_fill(order, fill, posting.realised):
                continue
            await held.unit.accounts.post(posting)
            balances = _moved(balances, posting)
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
        card = held.decision.card
        if card.version == order.version:
            orders = await unit.orders.of_decision(order.decision_id, order.version)
            state, reason = standing(orders)
            made = entering(
                _resumed(card), state, held.now, reason=reason, result=result(orders, held.now)
            )
            await unit.decisions.save(made)
            if state in ("failed", "cancelled") and not any(each.filled for each in orders):
                await give_mandate_back(unit, card, held.now)
        if filled:
            await self._portfolio_changed(held, order)
        return order

    async def _portfolio_changed(self, held: _Held, order: Order) -> None:
        account = held.account
        rev = await held.unit.accounts.next_rev(account.account)
        about = f"portfolio:{account.account}"
        await held.unit.tell(Told(about, rev, "portfolio", account.person, None, b"{}"))
        balances = await held.unit.accounts.balances(account.account)
        held_assets = [asset for asset, balance in balances.items() if balance.quantity]
        total = worth(
            balances, await self.desk.prices([*held_assets, order.symbol]), account.quote_currency
        )
        if total is not None:
            await held.unit.accounts.note_worth(account.account, Point(held.now, exact(total)))


def _resumed(card: Card) -> Card:
    return card if card.state != "needs_human" else card.model_copy(update={"reason": None})


def _state(found: VenueOrder, order: Order) -> OrderState:
    if order.state in SETTLED and (order.state == "filled" or found.status in _RESTING):
        # What the venue says late never takes back an end; late fills are added all the same.
        return order.state
    if order.filled and found.status == "open":
        return "partially_filled"
    return found.status


def _why_cancelled(found: VenueOrder, order: Order) -> Reason | None:
    if found.status == "cancelled" and order.type == "market":
        return Reason(
            code="not_all_filled", text="The market had no more to trade at a price in reach."
        )
    if found.status == "rejected":
        return Reason(code="rejected_by_venue", text="The exchange refused the order.")
    return None


def _with_fill(order: Order, fill: VenueFill) -> Order:
    return order.but(
        filled=order.filled + fill.quantity,
        quote_filled=exact(order.quote_filled + fill.quantity * fill.price),
        fee=order.fee + fill.fee,
        fee_asset=fill.fee_asset,
    )


def _moved(balances: Mapping[str, Balance], posting: Posting) -> dict[str, Balance]:
    after = dict(balances)
    for asset, (free, reserved) in posting.moved().items():
        held = after.get(asset, Balance(asset))
        profit = posting.profits.get(asset)
        after[asset] = Balance(
            asset,
            held.free + free,
            held.reserved + reserved,
            held.cost + (profit.cost if profit else ZERO),
            held.realised + (profit.realised if profit else ZERO),
        )
    return after
