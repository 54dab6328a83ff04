"""Plans of more than a limit need two people: the owner, and an approver of the organisation."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Approval, Card, Owner, Plan, Reason, WithheldRequest
from uchat_execution.domain.mandates import charged
from uchat_execution.domain.money import money

LIFE: Final = timedelta(minutes=15)
"""How long two people have for it, also with a market order: the collar guards the price."""
_TWO: Final = 2
_MISSING: Final = Reason(
    code="approval_missing", text="This plan does not have every approval that it needs."
)
_CHANGED: Final = Reason(
    code="approval_hash_mismatch",
    text="This is not the plan that was approved; nothing of it is ordered.",
)
_WITHDRAWN: Final = Reason(
    code="approval_withdrawn",
    text="Whoever approved this as the second person may not approve for you any more; what was not"
    " sent by then is not ordered. Quote it again, and somebody who may approves it.",
)
_NOT_ASKED: Final = Reason(
    code="no_longer_asked", text="You are not asked any more: you do not approve for them today."
)
_NOT_NEEDED: Final = Reason(
    code="no_longer_asked",
    text="You are not asked any more: the plan was changed and needs one person.",
)


def needed(plan: Plan, above: Decimal | None) -> int:
    """Return how many people a plan needs; `above` in quote currency, None: one will do."""
    return _TWO if above is not None and charged(plan) > above else 1


def tightest(*limits: Decimal | None) -> Decimal | None:
    """Return the lowest of several limits; None: there is none."""
    return min((limit for limit in limits if limit is not None), default=None)


def with_time_for_two(plan: Plan, now: datetime) -> Plan:
    """Return the plan with as much time as two people need for it."""
    until = (now + LIFE).replace(microsecond=0)
    return plan.model_copy(update={"expires_at": max(plan.expires_at, until)})


def warning(plan: Plan, above: Decimal) -> Reason:
    """Return what the person should know of a plan that needs two people."""
    quote = plan.quote_currency
    return Reason(
        code="four_eyes",
        text=f"This may cost up to {money(charged(plan), quote)}; above {money(above, quote)} a"
        " second person of your organisation has to approve it as well.",
    )


def is_enough(card: Card, approvals: Sequence[Approval], people: int) -> bool:
    """Tell whether these approvals decide: the owner's, and of so many people in all."""
    approved = {approval.by for approval in approvals if approval.choice == "approve"}
    return people <= 1 or (card.user_id in approved and len(approved) >= people)


def unapproved(card: Card, plan_hash: str | None) -> Reason | None:
    """Return why an order of this plan may not be sent: the plan, as it stands, is not approved.

    `plan_hash` is the order's own, of when it was approved; None for orders older than that.
    """
    resolved = card.resolved
    if resolved is None or resolved.choice != "approve":
        return _MISSING
    if not is_enough(card, card.approvals, card.approvals_needed):
        return _MISSING
    made = card.plan.hash(card.decision_id, card.user_id, card.version) if card.plan else None
    if made != card.plan_hash or plan_hash not in (None, made):
        return _CHANGED
    return None


def withdrawn_from(card: Card, counting: Sequence[Approval]) -> Reason | None:
    """Return why an approved plan may not be sent: of its approvals only these still count."""
    return None if is_enough(card, counting, card.approvals_needed) else _WITHDRAWN


def adds(card: Card, approval: Approval, counting: Sequence[Approval]) -> bool:
    """Tell whether an approval brings a decision further: the owner's, or the first other one.

    `counting` are the approvals before it that count today.
    """
    others = {held.by for held in counting} - {card.user_id}
    if approval.by == card.user_id:
        return all(held.by != approval.by for held in counting)
    return not others


def as_seen(card: Card, owner: Owner) -> Card:
    """Return the card as an approver of the owner's organisation sees it."""

    def named(approval: Approval) -> Approval:
        is_owners = approval.by == card.user_id and not approval.display_name
        return approval.model_copy(update={"display_name": owner.name}) if is_owners else approval

    update = {
        "owner": owner,
        "approvals": [named(approval) for approval in card.approvals],
        "resolved": named(card.resolved) if card.resolved else None,
    }
    return card.model_copy(update=update)


def withdrawn(card: Card, owner: Owner) -> Card:
    """Return what is left of the card for somebody who was asked, but is not any more."""
    return Card(
        decision_id=card.decision_id,
        rev=card.rev,
        version=card.version,
        state="cancelled",
        session_id=card.session_id,
        user_id=card.user_id,
        interface=card.interface,
        proposed_at=card.proposed_at,
        updated_at=card.updated_at,
        request=WithheldRequest(),
        reason=_NOT_ASKED if card.approvals_needed > 1 else _NOT_NEEDED,
        owner=owner,
    )
