"""Decision cards as messages: what is asked, what it costs and changes, and what became of it."""

from decimal import Decimal
from typing import Final

from uchat_contracts.trading import (
    PAPER,
    Approval,
    Card,
    Leg,
    LegRequest,
    OrderResult,
    account_label,
    venue_name,
)
from uchat_telegram.domain import callbacks, figures
from uchat_telegram.domain.markdown import escape
from uchat_telegram.domain.view import Button, Keyboard, View

_MAX_LEGS: Final = 8
_EXTRAS: Final = {
    "ioc": "what is not filled at once is cancelled",
    "fok": "all at once or not at all",
}
_CLOSED: Final = {
    "denied": "✗ Not possible",
    "expired": "✗ Expired: nothing was ordered",
    "superseded": "✗ Replaced by a newer card",
    "cancelled": "✗ Withdrawn: nothing was ordered",
    "failed": "✗ Failed",
    "needs_human": "! Being looked into: whether it was executed is not certain yet",
}


def is_new(card: Card) -> bool:
    """Tell whether there is anything to show yet: a card without a price asks nobody anything."""
    return card.state != "proposed"


def title(card: Card) -> str:
    """Return what the decision is about, as `Buy 0.01 BTC`."""
    if card.plan is not None:
        return " · ".join(_leg_title(leg) for leg in card.plan.legs[:_MAX_LEGS])
    return " · ".join(_wish_title(leg) for leg in card.request.legs[:_MAX_LEGS]) or "Order"


def render(card: Card, person_id: str) -> View:
    """Return the message of a card, as `person_id` sees it."""
    lines = [f"<b>{escape(title(card))}</b>{_badge(card)}", *_whose(card)]
    lines += _plan_lines(card)
    if card.state == "awaiting_approval":
        lines += [f"Changed: {escape(change.text)}" for change in card.changes]
    lines += [f"! {escape(warning.text)}" for warning in card.warnings]
    lines += _approvals(card, person_id)
    outcome = _outcome(card, person_id)
    if outcome:
        lines += ["", *outcome]
    elif card.expires_at is not None:
        lines += ["", f"<i>Valid until {figures.exact_clock(card.expires_at)}.</i>"]
    return View(html="\n".join(lines), keyboard=_keyboard(card, person_id))


def told(card: Card, person_id: str) -> str:
    """Return in one sentence where the decision stands, for who pressed too late."""
    resolved = _resolved(card, person_id)
    if resolved:
        return resolved
    if card.state in _CLOSED:
        return f"{_CLOSED[card.state]}."
    return f"It is {card.state.replace('_', ' ')}."


def _whose(card: Card) -> list[str]:
    if card.owner is None:
        return []
    whose = ", ".join(filter(None, (card.owner.name, card.owner.organisation)))
    if card.state != "awaiting_approval":
        return [f"Not yours: proposed by {escape(whose)}"]
    return [f"<b>Not yours: {escape(whose)}</b> asks for a second approval"]


def live_at(card: Card) -> str:
    """Return the exchange whose real money a decision is about; empty: it is on paper."""
    venue = _live_venue(card)
    return venue and venue_name(venue)


def _live_venue(card: Card) -> str:
    if card.plan is not None:
        return "" if card.plan.simulated else card.plan.venue
    venue = card.request.venue or PAPER
    return "" if venue == PAPER else venue


def _badge(card: Card) -> str:
    venue = _live_venue(card)
    label = escape(account_label(venue, simulated=not venue))
    return f"  ·  <b>{label}</b>" if venue else f"  ·  {label}"


def _plan_lines(card: Card) -> list[str]:
    plan = card.plan
    if plan is None:
        return []
    currency = plan.quote_currency
    lines = [_leg_line(leg, currency) for leg in plan.legs[:_MAX_LEGS]]
    if len(plan.legs) > _MAX_LEGS:
        lines.append(f"… and {len(plan.legs) - _MAX_LEGS} more orders")
    lines.append(
        f"Total {figures.money(plan.total, currency)} · fee {figures.money(plan.fees, currency)}"
    )
    return [*lines, *_effect_lines(card, currency)]


def _leg_line(leg: Leg, currency: str) -> str:
    how = "at most" if leg.side == "buy" else "at least"
    price = (
        f"limit: {how} {figures.money(leg.limit_price, currency)}"
        if leg.limit_price is not None
        else f"at the market, about {figures.money(leg.price, currency)}"
    )
    extras = [_EXTRAS[leg.time_in_force]] if leg.time_in_force in _EXTRAS else []
    extras += ["only as maker"] if leg.post_only else []
    extras += ["watched here, sent when the price is reached"] if leg.kept_here else []
    return ", ".join([f"{figures.quantity(leg.quantity)} {leg.symbol} {price}", *extras])


def _effect_lines(card: Card, currency: str) -> list[str]:
    effect = card.effect
    if effect is None:
        return []
    before, after = effect.cash_before, effect.cash_after
    cash = "Cash" if card.owner is None else "Their cash"
    lines = [f"{cash} {figures.money(before, currency)} → {figures.money(after, currency)}"]
    for symbol, held in list(effect.holdings_after.items())[:_MAX_LEGS]:
        had = effect.holdings_before.get(symbol, Decimal(0))
        if had != held:
            lines.append(f"{symbol} {figures.quantity(had)} → {figures.quantity(held)}")
    return lines


def _outcome(card: Card, person_id: str) -> list[str]:
    lines: list[str] = []
    resolved = _resolved(card, person_id)
    if resolved:
        lines.append(
            f"{'✓' if card.resolved and card.resolved.choice == 'approve' else '✗'} {resolved}"
        )
    if card.state in _CLOSED:
        lines.append(_CLOSED[card.state])
    if card.state in ("approved", "executing"):
        lines.append("Being executed …")
    if card.result is not None:
        lines += [_order_line(card, order) for order in card.result.orders]
    if card.state == "partially_executed":
        lines.append("Executed in part.")
    if card.reason is not None and card.state in (*_CLOSED, "partially_executed", "rejected"):
        lines.append(escape(card.reason.text))
    return lines


def _resolved(card: Card, person_id: str) -> str:
    approval = card.resolved
    if approval is None:
        return ""
    at = figures.clock(approval.at)
    if approval.mandate_id is not None:
        return f"Approved within your mandate at {at}"
    return _approval(approval, card, person_id)


def _approval(approval: Approval, card: Card, person_id: str) -> str:
    at = figures.clock(approval.at)
    what = "Approved" if approval.choice == "approve" else "Rejected"
    # The owner may have become another person since, by a link: it is the same one who reads this.
    mine = approval.by == person_id or (card.owner is None and approval.by == card.user_id)
    who = "you" if mine else escape(approval.display_name or "somebody else")
    return f"{what} {figures.via(approval.via)} by {who} at {at}"


def _approvals(card: Card, person_id: str) -> list[str]:
    if card.state != "awaiting_approval" or not card.approvals:
        return []
    given = [_approval(each, card, person_id) for each in card.approvals]
    return [*given, _missing(card)]


def _missing(card: Card) -> str:
    approved = {each.by for each in card.approvals}
    if card.owner is None:
        others = "Somebody else has" if card.user_id in approved else "You have"
        return f"{others} to approve it as well."
    if card.user_id in approved:
        return "Your approval is the second one: it is carried out at once."
    return f"It waits for {escape(card.owner.name)} now."


def _order_line(card: Card, order: OrderResult) -> str:
    currency = card.request.quote_currency
    filled = f"{figures.quantity(order.filled)} {order.symbol}"
    if not order.filled:
        return f"{order.symbol}: {order.status.replace('_', ' ')}, nothing filled"
    price = (
        "" if order.average_price is None else f" at {figures.money(order.average_price, currency)}"
    )
    fee = figures.money(order.fee, order.fee_asset)
    part = "" if order.filled == order.quantity else f" of {figures.quantity(order.quantity)}"
    return f"<b>Filled {filled}{part}{price}</b>, fee {fee}"


def _keyboard(card: Card, person_id: str) -> Keyboard:
    if card.state == "awaiting_approval" and card.plan_hash is not None:
        return (_answers(card, card.plan_hash, person_id),)
    # What comes after the answer is the owner's to choose.
    return _afterwards(card) if card.superseded_by is None and card.owner is None else ()


def _answers(card: Card, plan_hash: str, person_id: str) -> tuple[Button, ...]:
    there = live_at(card)
    approve = Button(
        f"Approve on {there}" if there else "Approve",
        data=callbacks.approve(card.decision_id, plan_hash),
        style="success",
    )
    reject = Button("Reject", data=callbacks.reject(card.decision_id, plan_hash), style="danger")
    return (approve, reject) if _counts(card, person_id) else (reject,)


def _counts(card: Card, person_id: str) -> bool:
    """Tell whether this person's approval would bring the card any further."""
    approved = {each.by for each in card.approvals}
    if card.owner is None:
        return not approved & {person_id, card.user_id}
    return not approved - {card.user_id}


def _afterwards(card: Card) -> Keyboard:
    if card.state in ("expired", "superseded", "failed"):
        again = callbacks.quote(card.decision_id)
        return ((Button("Quote again", data=again, style="primary"),),)
    if card.state == "partially_executed" and card.remedy is not None:
        rest = callbacks.remedy(card.decision_id)
        return ((Button("Finish the rest", data=rest, style="primary"),),)
    if card.state == "needs_human":
        return (
            (Button("Check again", data=callbacks.check(card.decision_id), style="primary"),),
            (Button("It is not there", data=callbacks.absent(card.decision_id)),),
        )
    return ()


def _leg_title(leg: Leg) -> str:
    return f"{leg.side.capitalize()} {figures.quantity(leg.quantity)} {leg.symbol}{_when(leg)}"


def _when(leg: Leg | LegRequest) -> str:
    if leg.trigger_price is None:
        return ""
    falls = (leg.side == "sell") == (leg.type == "stop")
    return f" if it {'falls' if falls else 'rises'} to {figures.quantity(leg.trigger_price)}"


def _wish_title(leg: LegRequest) -> str:
    if leg.all:
        return f"Sell all {leg.symbol}{_when(leg)}"
    if leg.quantity is not None:
        return f"{leg.side.capitalize()} {figures.quantity(leg.quantity)} {leg.symbol}{_when(leg)}"
    amount = figures.money(leg.amount or Decimal(0), "")
    return f"{leg.side.capitalize()} {leg.symbol} for {amount.strip()}"
