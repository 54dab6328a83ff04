"""What the tools return of an account: plain strings, with whatever an answer needs reckoned here.

An answer reckons nothing itself: each figure that it shows is one of these, perhaps rounded.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from uchat_ai_core.domain.untrusted import with_plain_names
from uchat_contracts.model import Model
from uchat_contracts.trading import (
    Allocation,
    Card,
    Effect,
    Holding,
    Mandate,
    Plan,
    Pnl,
    Portfolio,
    Reason,
    Trade,
    Trading,
)

Data = dict[str, Any]
_DECIMAL: Final = re.compile(r"-?\d+\.\d+")
_PERCENT: Final = Decimal(100)
_AGAIN: Final = frozenset({"expired", "superseded", "denied", "failed", "rejected", "cancelled"})
_DUST: Final = Decimal("0.00000001")


def plain(model: Model) -> Data:
    """Return a message as JSON values; decimals without trailing zeros, absent fields left out."""
    return _trimmed(model.model_dump(mode="json", exclude_none=True))


def text(value: Decimal) -> str:
    """Return a decimal without exponent and trailing zeros, to 8 places at most."""
    rounded = value.quantize(_DUST) if abs(value) < Decimal(10) ** 20 else value
    return _trim(format(rounded, "f"))


def closed_data(trades: Sequence[Trade]) -> Data:
    """Return how many sales there are and how many realised a gain; nothing if there is none.

    The fills of an order are one sale.
    """
    realised: dict[str, Decimal] = {}
    for each in trades:
        if each.side == "sell" and each.realised is not None:
            realised[each.order_id] = realised.get(each.order_id, Decimal(0)) + each.realised
    if not realised:
        return {}
    won = sum(each > 0 for each in realised.values())
    share = Decimal(won) / len(realised) * _PERCENT
    return {"closed": {"sales": len(realised), "won": won, "won_pct": f"{share:.0f}"}}


def portfolio_data(portfolio: Portfolio) -> Data:
    """Return a portfolio with shares in percent, the cash as a whole, and the profit in all."""
    data = plain(portfolio)
    data["holdings"] = with_plain_names(data["holdings"])
    for shown, holding in zip(data["holdings"], portfolio.holdings, strict=True):
        shown.update(_holding_figures(holding))
    values = [holding.value for holding in portfolio.holdings]
    if portfolio.total is None or any(value is None for value in values):
        return data
    cash = portfolio.total - sum((value for value in values if value is not None), Decimal(0))
    data["cash_in_all"] = text(cash)
    if portfolio.total > 0:
        data["cash_share_pct"] = text(cash / portfolio.total * _PERCENT)
    profit = portfolio.total - portfolio.deposited
    data["profit"] = text(profit)
    if portfolio.deposited > 0:
        data["profit_pct"] = text(profit / portfolio.deposited * _PERCENT)
    return data


def account_of(portfolio: Portfolio) -> Data:
    """Return which account figures are of, and in which currency they are."""
    return {
        "venue": portfolio.venue,
        "quote_currency": portfolio.quote_currency,
        "simulated": portfolio.simulated,
    }


def position_data(portfolio: Portfolio, symbol: str) -> Data:
    """Return what is held of one asset; no `holding`: nothing."""
    found = next((each for each in portfolio.holdings if each.symbol == symbol), None)
    data: Data = {
        "symbol": symbol,
        **account_of(portfolio),
        "as_of": plain(portfolio)["as_of"],
        "stale": portfolio.stale,
        "cash": text(portfolio.cash),
        "cash_reserved": text(portfolio.cash_reserved),
    }
    if found is not None and found.quantity > 0:
        (shown,) = with_plain_names([plain(found)])
        data["holding"] = shown | _holding_figures(found)
    return data


def allocation_data(allocation: Allocation) -> Data:
    """Return an allocation with weights in percent."""
    data = plain(allocation)
    data["lines"] = with_plain_names(data["lines"])
    for shown, line in zip(data["lines"], allocation.lines, strict=True):
        shown["weight_pct"] = text(line.weight * _PERCENT)
    data["cash_weight_pct"] = text(allocation.cash_weight * _PERCENT)
    return data


def pnl_data(pnl: Pnl, period: str) -> Data:
    """Return profit and loss without its curve; `change` is the difference of the totals."""
    data = plain(pnl.model_copy(update={"points": []}))
    data["period"] = period
    if pnl.total_now is not None and pnl.total_then is not None:
        data["change"] = text(pnl.total_now - pnl.total_then)
    return data


def mandate_data(mandate: Mandate) -> Data:
    """Return a mandate with what is left of it today."""
    return plain(mandate) | {"left_today": text(left_of(mandate))}


def trading_data(trading: Trading) -> Data:
    """Return how a person trades, with what is left of the mandate."""
    data = plain(trading)
    if trading.mandate is not None:
        data["mandate"] = mandate_data(trading.mandate)
    return data


def over_data(cards: Sequence[Card]) -> list[Data]:
    """Return the decisions that can be quoted again or finished: their last word is not said."""
    followed = {card.follows for card in cards}
    return [
        card_data(card)
        | {"proposed_at": plain(card)["proposed_at"]}
        | {"quoted_again": card.state in _AGAIN, "remedied": card.remedy is not None}
        for card in cards
        if card.superseded_by is None
        and card.decision_id not in followed
        and (card.state in _AGAIN or card.remedy is not None)
    ]


def left_of(mandate: Mandate) -> Decimal:
    """Return what a mandate leaves for today, in quote currency."""
    return max(Decimal(0), mandate.per_day - mandate.used_today)


def preview_data(
    plan: Plan | None,
    effect: Effect | None,
    warnings: Sequence[Reason],
    denied: Reason | None,
    mandate_id: str,
) -> Data:
    """Return what a plan would cost and change."""
    data: Data = {"orders": [], "warnings": [each.text for each in warnings]}
    if plan is not None:
        data |= {
            "orders": [plain(leg) for leg in plan.legs],
            "total": text(plan.total),
            "fees": text(plan.fees),
            "quote_currency": plan.quote_currency,
            "simulated": plan.simulated,
            "venue": plan.venue,
            "collar_pct": text(Decimal(plan.collar.max_deviation_bps) / _PERCENT),
            "as_of": plain(plan.collar)["as_of"],
        }
    if effect is not None:
        data |= plain(effect)
        data["shares_after_pct"] = {
            name: text(share * _PERCENT) for name, share in effect.shares_after.items()
        }
    if denied is not None:
        data["denied"] = plain(denied)
    if mandate_id:
        data["mandate_id"] = mandate_id
    return data


def card_data(card: Card) -> Data:
    """Return a decision as far as an answer tells of it."""
    data: Data = {
        "decision_id": card.decision_id,
        "state": card.state,
        "interface": card.interface,
        "orders": [plain(leg) for leg in (card.plan.legs if card.plan else card.request.legs)],
    }
    if card.expires_at is not None:
        data["expires_at"] = plain(card)["expires_at"]
    if card.plan is not None:
        data |= {
            "total": text(card.plan.total),
            "quote_currency": card.plan.quote_currency,
            "venue": card.plan.venue,
            "simulated": card.plan.simulated,
        }
    return data


def _holding_figures(holding: Holding) -> Data:
    figures: Data = {}
    if holding.share is not None:
        figures["share_pct"] = text(holding.share * _PERCENT)
    if holding.average_cost is not None:
        figures["cost"] = text(holding.average_cost * holding.quantity)
    return figures


def _trimmed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _trimmed(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType] - JSON
    if isinstance(value, list):
        return [_trimmed(each) for each in value]  # pyright: ignore[reportUnknownVariableType] - JSON
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return _trim(value)
    return value


def _trim(value: str) -> str:
    if "." not in value:
        return value
    trimmed = value.rstrip("0").rstrip(".")
    return "0" if trimmed in ("", "-0") else trimmed
