"""From a wish to a plan: prices, quantities on the venue's steps, fees, and its effect."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import Collar, Effect, Leg, LegRequest, Plan, PlanRequest, Reason
from uchat_execution.domain import legs
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.market import Quote
from uchat_execution.domain.money import BPS, ZERO, exact, ratio, share
from uchat_execution.domain.terms import Terms, UnpriceableError, is_fresh, reference, refused

__all__ = [
    "LIMIT_LIFE",
    "MARKET_LIFE",
    "Terms",
    "UnpriceableError",
    "collar_bps",
    "deviation_bps",
    "effect",
    "is_fresh",
    "plan",
    "reference",
    "symbols_of",
]

MARKET_LIFE: Final = timedelta(seconds=120)
LIMIT_LIFE: Final = timedelta(minutes=15)
_TRIGGERED_SLACK: Final = 5
_MAY_LEAVE_OUT: Final = frozenset({"allocation", "close", "rebalance", "remedy"})
_DUST: Final = frozenset({"notional_below_min", "quantity_below_min"})


def plan(request: PlanRequest, account: Account, terms: Terms) -> tuple[Plan, list[Reason]]:
    """Return the plan, sales before purchases, and what the person should know about it.

    Of an allocation, a rebalance, a closing or a remedy, legs that are too small are left out.

    Raises:
        UnpriceableError: an unknown symbol, no fresh price, a kind of order that there is not, a
            trigger on the wrong side, or a price or quantity that the venue refuses.
    """
    if request.quote_currency != account.quote_currency:
        raise refused(
            "quote_currency_unsupported",
            f"Only {account.quote_currency} can be traded against, not {request.quote_currency}.",
        )
    warnings: list[Reason] = []
    ordered = sorted(request.legs, key=lambda leg: leg.side != "sell")
    priced: list[Leg] = []
    for wish in ordered:
        try:
            leg, said = legs.priced(len(priced) + 1, wish, account, terms, priced)
        except UnpriceableError as e:
            if request.purpose not in _MAY_LEAVE_OUT or e.reason.code not in _DUST:
                raise
            warnings.append(_left_out(wish, e.reason))
        else:
            priced.append(leg)
            warnings += said
    if not priced:
        raise refused("nothing_to_trade", "Nothing of this is large enough to be traded.")
    life = MARKET_LIFE if any(leg.type == "market" for leg in priced) else LIMIT_LIFE
    as_of = min(terms.quotes[leg.symbol].as_of for leg in priced)
    made = Plan(
        account=account.account,
        venue=account.venue,
        simulated=account.simulated,
        quote_currency=account.quote_currency,
        legs=priced,
        collar=Collar(max_deviation_bps=terms.collar_bps, as_of=as_of),
        total=exact(sum((leg.notional for leg in priced), ZERO)),
        fees=exact(sum((leg.fee for leg in priced), ZERO)),
        expires_at=(terms.now + life).replace(microsecond=0),
    )
    return made, warnings


def _left_out(wish: LegRequest, why: Reason) -> Reason:
    # One part that is too small does not stop the others.
    verb = "Buying" if wish.side == "buy" else "Selling"
    return Reason(code="dust_dropped", text=f"{verb} {wish.symbol} is left out: {why.text}")


def collar_bps(leg: Leg, made: Plan) -> int:
    """Return by how much worse than `leg.price` a market order may be filled, in basis points.

    Of a triggered one that price is the trigger, and the market moves fast when it is reached: the
    collar is five times as wide, so that a stop-loss does sell.
    """
    most = made.collar.max_deviation_bps
    return most if leg.trigger_price is None else most * _TRIGGERED_SLACK


def deviation_bps(side: str, planned: Decimal, quote: Quote) -> Decimal:
    """Return how much worse than planned the market is now for this side, in basis points."""
    now = reference(side, quote)
    worse = now - planned if side == "buy" else planned - now
    return ratio(worse, planned) * BPS


def effect(made: Plan, balances: Mapping[str, Balance], prices: Mapping[str, Decimal]) -> Effect:
    """Return what the plan would change, at the plan's prices and fees.

    `prices`: what every asset that is held, or would be, is worth now.
    """
    quote = made.quote_currency
    touched = [leg.symbol for leg in made.legs]
    before = {asset: balance.quantity for asset, balance in balances.items()}
    after = dict(before)
    for leg in made.legs:
        sign = 1 if leg.side == "buy" else -1
        after[leg.symbol] = after.get(leg.symbol, ZERO) + sign * leg.quantity
        after[quote] = after.get(quote, ZERO) - sign * leg.notional - leg.fee
    worths = {asset: _worth(asset, units, prices, quote) for asset, units in after.items()}
    total = sum(worths.values(), ZERO)
    return Effect(
        cash_before=exact(before.get(quote, ZERO)),
        cash_after=exact(after.get(quote, ZERO)),
        holdings_before={asset: exact(before.get(asset, ZERO)) for asset in touched},
        holdings_after={asset: exact(after[asset]) for asset in touched},
        shares_after={
            asset: share(worth, total)
            for asset, worth in sorted(worths.items(), key=lambda item: -item[1])
            if worth > 0
        },
    )


def _worth(asset: str, units: Decimal, prices: Mapping[str, Decimal], quote: str) -> Decimal:
    return units if asset == quote else units * prices.get(asset, ZERO)


def symbols_of(requests: Iterable[LegRequest]) -> list[str]:
    """Return every symbol once, in order."""
    return list(dict.fromkeys(leg.symbol for leg in requests))
