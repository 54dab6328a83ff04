"""A proposed decision becomes a card: priced, checked, hashed, and stored once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from uchat_contracts.events import DecisionProposed
from uchat_contracts.trading import PAPER, Approval, Card, Leg, PlanRequest, Reason
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.changes import changes
from uchat_execution.domain.decisions import entering
from uchat_execution.domain.mandates import SignedLimit, charged
from uchat_execution.domain.orders import Order, client_order_id
from uchat_execution.ports.store import Books, Unit
from uchat_execution.service.accounts import AccountKeeper
from uchat_execution.service.mandates import suspend, tell_mandate
from uchat_execution.service.planning import Planned, Planner
from uchat_platform import logging
from uchat_platform.errors import NotFoundError, NotPermittedError

AUTONOMOUS: Final = "autonomous"
_RECENT: Final = timedelta(minutes=2)
_MERGED: Final = Reason(
    code="account_merged", text="This account has been joined with another one; ask there."
)
_MANUAL: Final = Reason(
    code="mode_manual",
    text="You are in manual mode: nothing is proposed but what you ask for yourself.",
)
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Proposing:
    """Takes decisions in. `wake` is told of those that approved themselves."""

    books: Books
    keeper: AccountKeeper
    planner: Planner
    wake: Callable[[str], None]

    async def preview(self, person: str, request: PlanRequest) -> Planned:
        """Return what a proposal would become. Nothing is stored.

        Raises:
            NotPermittedError: the person has been joined with another one.
            NotFoundError: `venue_not_connected`.
            UnavailableError: the database is away.
        """
        account = await self.keeper.of(person, request.venue)
        async with self.books.unit() as unit:
            return await self.planner.plan(unit, account, request, await unit.now())

    async def propose(self, event: DecisionProposed) -> None:
        """Store a proposed decision as a card; a repeated one changes nothing.

        Raises:
            UnavailableError: the database is away.
        """
        venue = event.request.venue or PAPER
        try:
            account = await self.keeper.of(event.user_id, venue)
        except NotPermittedError:
            await self._refuse(event, _MERGED)
            return
        except NotFoundError as e:
            await self._refuse(event, Reason(code=e.code, text=f"{e.detail.rstrip('.')}."))
            return
        async with self.books.unit() as unit:
            await unit.safety.switches(event.user_id, share=True)
            locked = await unit.accounts.of_person(event.user_id, venue, lock=True)
            now = await unit.now()
            if locked is None or locked.account != account.account:
                # The person was joined with another one meanwhile.
                await unit.decisions.insert(_refused(event, now, _MERGED), None)
                return
            account = locked
            planned = await self.planner.plan(unit, account, event.request, now, event.decision_id)
            if now - event.occurred_at > _RECENT:
                # What was wished for long ago does not approve itself today.
                planned = replace(planned, mandate=None)
            if planned.mode == "manual" and event.interface == AUTONOMOUS:
                planned = replace(planned, denied=_MANUAL, mandate=None)
            if planned.suspended is not None:
                await suspend(unit, *planned.suspended, now)
            card = await self.settle(unit, _seed(event, now), planned, account, first=True)
        _log.info("decision_stored", decision=event.decision_id, state=card.state)
        if card.state == "approved":
            self.wake(event.decision_id)

    async def settle(
        self, unit: Unit, card: Card, planned: Planned, account: Account, *, first: bool
    ) -> Card:
        """Store what a plan makes of a decision: denied, waiting, or approved by a mandate.

        Approvals of another version are void: each version needs its own.

        `first`: the decision is not stored yet (one that is there already stays as it is). The
        account is locked.
        """
        now = card.updated_at
        planned_card = _with_plan(card, planned)
        if planned.denied is not None:
            made = entering(planned_card, "denied", now, reason=planned.denied)
            return await self._store(unit, made, account, first=first)
        if planned.mandate is not None and planned.plan is not None:
            opened = entering(planned_card, "proposed", now) if first else planned_card
            if first and not await unit.decisions.insert(opened, account.account):
                return opened
            approved = await self._by_mandate(unit, opened, planned.mandate, account)
            if approved is not None:
                return approved
            if first:
                waiting = entering(opened, "awaiting_approval", now)
                await unit.decisions.save(waiting)
                return waiting
        made = entering(planned_card, "awaiting_approval", now)
        return await self._store(unit, made, account, first=first)

    async def _by_mandate(
        self, unit: Unit, card: Card, mandate: SignedLimit, account: Account
    ) -> Card | None:
        if card.plan is None:
            return None
        now = card.updated_at
        used = await unit.safety.use_mandate(mandate.mandate_id, charged(card.plan), now.date())
        if used is None:
            return None
        await tell_mandate(unit, used, now)
        approval = Approval(
            choice="approve",
            by=card.user_id,
            via=AUTONOMOUS,
            at=now,
            mandate_id=mandate.mandate_id,
        )
        approved = entering(card, "approved", now, resolved=approval, approvals=[approval])
        await unit.decisions.save(approved)
        await unit.orders.insert(orders_of(approved, account, now), card.user_id)
        return approved

    async def _store(self, unit: Unit, card: Card, account: Account, *, first: bool) -> Card:
        if first:
            await unit.decisions.insert(card, account.account)
        else:
            await unit.decisions.save(card)
        return card

    async def _refuse(self, event: DecisionProposed, why: Reason) -> None:
        async with self.books.unit() as unit:
            await unit.decisions.insert(_refused(event, await unit.now(), why), None)


def next_version(card: Card, planned: Planned, now: datetime, **more: Any) -> Card:
    """Return the card as it is before the next version of its plan is settled."""
    differs = changes(card.plan, planned.plan) if card.plan and planned.plan else []
    update = {
        "version": card.version + 1,
        "updated_at": now,
        "changes": differs,
        "resolved": None,
        "result": None,
        "remedy": None,
        **more,
    }
    return card.model_copy(update=update)


async def give_mandate_back(unit: Unit, card: Card, now: datetime) -> None:
    """Give back what a decision used of a mandate, since nothing came of it."""
    if card.resolved is None or card.resolved.mandate_id is None or card.plan is None:
        return
    back = await unit.safety.give_back(
        card.resolved.mandate_id, charged(card.plan), card.resolved.at.date()
    )
    if back is not None:
        await tell_mandate(unit, back, now)


def orders_of(card: Card, account: Account, now: datetime) -> list[Order]:
    """Return the orders of an approved plan: durable before anything is sent."""
    if card.plan is None or card.plan_hash is None:
        return []
    return [_order(card, card.plan_hash, leg, account, now) for leg in card.plan.legs]


def _order(card: Card, plan_hash: str, leg: Leg, account: Account, now: datetime) -> Order:
    own_id = client_order_id(card.decision_id, plan_hash, leg.n, 1)
    return Order(
        order_id=f"ord_{own_id}",
        decision_id=card.decision_id,
        version=card.version,
        leg=leg.n,
        attempt=1,
        rev=1,
        account=account.account,
        venue=account.venue,
        symbol=leg.symbol,
        quote_currency=account.quote_currency,
        side=leg.side,
        type=leg.type,
        quantity=leg.quantity,
        price=leg.price,
        limit_price=leg.limit_price,
        client_order_id=own_id,
        state="waiting" if leg.kept_here else "ready",
        fee_asset=leg.fee_asset,
        created_at=now,
        updated_at=now,
        next_at=now,
        trigger_price=leg.trigger_price,
        time_in_force=leg.time_in_force,
        post_only=leg.post_only,
        kept_here=leg.kept_here,
        plan_hash=plan_hash,
        # Of what is kept here the time begins when it is triggered.
        send_until=None if leg.kept_here else card.expires_at,
    )


def _refused(event: DecisionProposed, now: datetime, why: Reason) -> Card:
    return entering(_seed(event, now), "denied", now, reason=why)


def _seed(event: DecisionProposed, now: datetime) -> Card:
    # One before its first event.
    return Card(
        decision_id=event.decision_id,
        rev=1,
        version=1,
        state="new",
        session_id=event.session_id,
        user_id=event.user_id,
        message_id=event.message_id,
        turn_id=event.turn_id,
        interface=event.interface,
        proposed_at=now,
        updated_at=now,
        request=event.request,
    ).model_copy(update={"rev": 0})


def _with_plan(card: Card, planned: Planned) -> Card:
    plan = planned.plan
    update = {
        "plan": plan,
        "plan_hash": plan.hash(card.decision_id, card.user_id, card.version) if plan else None,
        "expires_at": plan.expires_at if plan else None,
        "effect": planned.effect,
        "warnings": planned.warnings,
        "approvals": [],
        "approvals_needed": planned.approvals_needed,
    }
    return card.model_copy(update=update)
