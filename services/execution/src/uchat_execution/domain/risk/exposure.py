"""How much may be traded: symbols, holdings, cash, the size of an order, parts of the whole."""

from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Leg, Plan, Reason
from uchat_execution.domain.accounts import Balance
from uchat_execution.domain.money import ZERO, cents, money, on_step, percent, quantity, ratio
from uchat_execution.domain.risk.situation import Situation, buys

UNVALUED: Final = Reason(
    code="price_unavailable",
    text="Something that you hold has no current price, so nobody can tell whether this keeps to"
    " your limits. Selling is possible; for buying, try again later.",
)


def symbols(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse purchases of what is not on the list, if there is one."""
    allowed = situation.limits.symbols
    if not allowed:
        return None
    for leg in plan.legs:
        if leg.side == "buy" and leg.symbol not in allowed:
            return Reason(
                code="symbol_not_allowed",
                text=f"{leg.symbol} may not be bought on this account;"
                f" {', '.join(sorted(allowed))} may.",
            )
    return None


def holdings(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse to sell more than is free, over all legs."""
    left = {asset: balance.free for asset, balance in situation.balances.items()}
    for leg in plan.legs:
        if leg.side == "buy":
            continue
        have = left.get(leg.symbol, ZERO)
        if leg.quantity > have:
            return Reason(
                code="insufficient_balance",
                text=f"You have {quantity(have)} {leg.symbol} to sell,"
                f" not {quantity(leg.quantity)}.",
            )
        left[leg.symbol] = have - leg.quantity
    return None


def order_size(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse a single order that is worth too much."""
    most = situation.limits.per_order
    for leg in plan.legs:
        if leg.notional > most:
            allowed = on_step(most / leg.price, situation.steps.get(leg.symbol, ZERO))
            return Reason(
                code="order_too_large",
                text=f"One order may be worth at most {money(most, plan.quote_currency)};"
                f" this one is worth {money(leg.notional, plan.quote_currency)}."
                f" Up to {quantity(allowed)} {leg.symbol} would be allowed.",
            )
    return None


def cash(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse what cannot be paid with its fees, over all legs."""
    quote = plan.quote_currency
    have = situation.balances.get(quote, Balance(quote)).free
    for leg in plan.legs:
        if leg.side == "sell":
            have += leg.notional - leg.fee
            continue
        needed = leg.notional + leg.fee
        if needed > have:
            return _too_little(leg, needed, have, quote)
        have -= needed
    return None


def shares(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse too much of one asset, with what open purchases may still bring."""
    total = situation.worth(plan.quote_currency)
    if total is None and buys(plan):
        return UNVALUED
    if not total:
        return None
    most = situation.limits.per_asset_share
    for symbol in dict.fromkeys(leg.symbol for leg in plan.legs if leg.side == "buy"):
        now = _exposure(situation, symbol)
        change = _change(plan, symbol)
        if change > 0 and ratio(now + change, total) > most:
            room = max(total * most - now, ZERO)
            return Reason(
                code="asset_share_exceeded",
                text=f"{symbol} would be {percent(ratio(now + change, total))} of your portfolio;"
                f" at most {percent(most)} may be. For up to"
                f" {money(cents(room), plan.quote_currency)} more of it would be allowed.",
            )
    return None


def gross(plan: Plan, situation: Situation) -> Reason | None:
    """Refuse to invest more in all than may be, with what open purchases may still bring."""
    most = situation.limits.gross_share
    total = situation.worth(plan.quote_currency)
    if most is None or not total or not buys(plan):
        return None
    quote = plan.quote_currency
    assets = {*situation.balances, *situation.incoming} - {quote}
    now = sum((_exposure(situation, asset) for asset in assets), ZERO)
    change = sum((_change(plan, symbol) for symbol in {leg.symbol for leg in plan.legs}), ZERO)
    if change <= 0 or ratio(now + change, total) <= most:
        return None
    room = max(total * most - now, ZERO)
    return Reason(
        code="gross_exposure",
        text=f"{percent(ratio(now + change, total))} of your portfolio would be invested; at most"
        f" {percent(most)} may be. For up to {money(cents(room), quote)} more would be allowed.",
    )


def _exposure(situation: Situation, asset: str) -> Decimal:
    held = situation.balances.get(asset, Balance(asset)).quantity
    return held * situation.prices.get(asset, ZERO) + situation.incoming.get(asset, ZERO)


def _change(plan: Plan, symbol: str) -> Decimal:
    parts = [
        leg.notional if leg.side == "buy" else -leg.notional
        for leg in plan.legs
        if leg.symbol == symbol
    ]
    return sum(parts, ZERO)


def _too_little(leg: Leg, needed: Decimal, have: Decimal, quote: str) -> Reason:
    return Reason(
        code="insufficient_balance",
        text=f"{quantity(leg.quantity)} {leg.symbol} would cost {money(needed, quote)} with fees;"
        f" you have {money(cents(max(have, ZERO)), quote)} left for it.",
    )
