"""Prices a wish and checks it: the same way for a preview, a proposal and a new quote."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError

from uchat_contracts.trading import Effect, Leg, OperationMode, Plan, PlanRequest, Reason
from uchat_execution.domain import four_eyes, live, pricing, risk
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.mandates import SignedLimit
from uchat_execution.domain.pricing import Terms, UnpriceableError
from uchat_execution.domain.risk import Situation
from uchat_execution.domain.venues import BY_NAME
from uchat_execution.ports.states import Bounds
from uchat_execution.ports.store import Facts, Unit
from uchat_execution.service.desk import Desk
from uchat_execution.service.mandates import Fit, Mandates, repeated

_UNCOUNTABLE: Final = Reason(
    code="plan_refused", text="These figures are beyond what can be traded."
)
_TWICE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Planned:
    """A wish as a plan, with what the person should know, or why it is refused.

    `mandate`: the limit inside which it may approve itself. `approvals_needed`: by how many people
    it has to be approved. `mode` is how the person trades. `suspended`: a mandate that must not be
    used any more, and why.
    """

    plan: Plan | None
    effect: Effect | None
    warnings: list[Reason]
    denied: Reason | None
    mandate: SignedLimit | None = None
    approvals_needed: int = 1
    mode: OperationMode = "assisted"
    suspended: tuple[SignedLimit, Reason] | None = None


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes plans. Reads the books, changes nothing."""

    desk: Desk
    mandates: Mandates

    async def plan(
        self,
        unit: Unit,
        account: Account,
        request: PlanRequest,
        now: datetime,
        decision_id: str = "",
    ) -> Planned:
        """Return the wish as a plan, checked against the account as it stands."""
        symbols = pricing.symbols_of(request.legs)
        closes = any(leg.all for leg in request.legs)
        balances = await unit.accounts.balances(account.account) if closes else {}
        bounds = await unit.states.bounds(account)
        mode, limits = bounds.standing.mode, self.desk.limits_of(bounds)
        desk = self.desk.at(account.venue)
        terms = await desk.terms(symbols, now, balances, limits)
        try:
            plan, warnings = pricing.plan(request, account, terms)
        except UnpriceableError as e:
            none = await _nothing_to_sell(unit, account, request, terms)
            return Planned(None, None, [], none or e.reason, mode=mode)
        except (ArithmeticError, ValidationError):
            return Planned(None, None, [], _UNCOUNTABLE)
        stopped = any(each.is_on for each in await unit.safety.switches(account.person))
        facts = await unit.accounts.facts(account.account, account.person)
        above = four_eyes.tightest(facts.four_eyes_above, limits.four_eyes_above)
        people = four_eyes.needed(plan, above)
        if people > 1 and above is not None:
            plan = four_eyes.with_time_for_two(plan, now)
            warnings.append(four_eyes.warning(plan, above))
        situation = await self.situation(unit, account, symbols, facts, bounds, stopped=stopped)
        effect = pricing.effect(plan, situation.balances, situation.prices)
        denied = risk.check(plan, situation)
        if denied is not None:
            return Planned(plan, effect, warnings, denied, approvals_needed=people, mode=mode)
        twice = await self._twice(unit, account, plan, now, decision_id)
        warnings += twice
        # What needs two people, no mandate of one of them approves; nor anything with real money.
        total = situation.worth(account.quote_currency)
        fit = Fit()
        if people == 1 and account.simulated:
            fit = await self.mandates.fit(unit, account, plan, mode=mode, total=total, now=now)
        warnings += fit.warnings + (repeated(fit.mandate) if twice else [])
        mandate = None if twice else fit.mandate
        return Planned(plan, effect, warnings, None, mandate, people, mode, fit.suspended)

    async def situation(
        self,
        unit: Unit,
        account: Account,
        symbols: list[str],
        facts: Facts,
        bounds: Bounds,
        *,
        stopped: bool,
        besides: str = "",
    ) -> Situation:
        """Return what the risk checks look at; `besides`: the order that is being claimed."""
        balances = await unit.accounts.balances(account.account)
        held = [asset for asset, balance in balances.items() if balance.quantity]
        desk = self.desk.at(account.venue)
        rules = await desk.rules()
        quotes = await desk.quotes([*held, *symbols])
        return Situation(
            limits=self.desk.limits_of(bounds),
            stopped=stopped,
            merging=facts.merging,
            balances=balances,
            prices={symbol: quote.price for symbol, quote in quotes.items()},
            steps={symbol: rules[symbol].quantity_step for symbol in symbols if symbol in rules},
            day_start=facts.day_start,
            recent_orders=facts.recent,
            incoming=await unit.orders.incoming(account.account, besides),
            standing=bounds.standing,
            peak=bounds.peak,
            rejected_in_row=bounds.rejected_in_row,
            rejected_at=bounds.rejected_at,
            stopped_out_at=bounds.stopped_out_at,
            as_of={symbol: quote.as_of for symbol, quote in quotes.items()},
            now=facts.now,
            barred=await _barred(unit, account),
        )

    async def _twice(
        self, unit: Unit, account: Account, plan: Plan, now: datetime, decision_id: str
    ) -> list[Reason]:
        others = await unit.decisions.similar(account.account, now - _TWICE, decision_id)
        wishes = {_wish(leg) for leg in plan.legs}
        for other in others:
            for leg in other.plan.legs if other.plan else []:
                if _wish(leg) in wishes:
                    text = f"The same order for {leg.symbol} was proposed less than 30 s ago."
                    return [Reason(code="duplicate_intent", text=text)]
        return []


async def _barred(unit: Unit, account: Account) -> Reason | None:
    if account.simulated:
        return None
    allowed = await unit.venues.allowed(account.person, account.venue, share=True)
    return live.barred(BY_NAME.get(account.venue), allowed)


async def _nothing_to_sell(
    unit: Unit, account: Account, request: PlanRequest, terms: Terms
) -> Reason | None:
    # Whoever has none of it should not hear about the least quantity first.
    balances = await unit.accounts.balances(account.account)
    for leg in request.legs:
        held = balances.get(leg.symbol, Balance(leg.symbol)).quantity
        if leg.side == "sell" and leg.symbol in terms.rules and not held:
            return Reason(code="insufficient_balance", text=f"You have no {leg.symbol} to sell.")
    return None


def _wish(leg: Leg) -> tuple[object, ...]:
    return leg.symbol, leg.side, leg.type, leg.quantity, leg.limit_price, leg.trigger_price
