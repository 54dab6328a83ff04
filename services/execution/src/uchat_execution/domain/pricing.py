"""From a wish to a plan: prices, quantities on the venue's steps, fees, and its effect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from uchat_contracts.trading import Collar, Effect, Leg, LegRequest, Plan, PlanRequest, Reason
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.market import Quote
from uchat_execution.domain.money import BPS, ZERO, exact, money, on_step, quantity, ratio
from uchat_execution.domain.orders import SymbolRules

MARKET_LIFE: Final = timedelta(seconds=120)
LIMIT_LIFE: Final = timedelta(minutes=15)
_FRESH: Final = timedelta(seconds=5)
_FAR: Final = 100
_AGGRESSIVE: Final = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is priced by: rules and quotes by base asset, the collar, and the time."""

    rules: Mapping[str, SymbolRules]
    quotes: Mapping[str, Quote]
    collar_bps: int
    now: datetime


class UnpriceableError(Exception):
    """No plan can be made of the wish; `reason` is for the person."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


def plan(request: PlanRequest, account: Account, terms: Terms) -> tuple[Plan, list[Reason]]:
    """Return the plan, sales before purchases, and what the person should know about it.

    Raises:
        UnpriceableError: an unknown symbol, no fresh price, or a quantity that the venue refuses.
    """
    if request.quote_currency != account.quote_currency:
        raise _refused(
            "quote_currency_unsupported",
            f"Only {account.quote_currency} can be traded against, not {request.quote_currency}.",
        )
    warnings: list[Reason] = []
    ordered = sorted(request.legs, key=lambda leg: leg.side != "sell")
    legs = [_leg(n, leg, account, terms, warnings) for n, leg in enumerate(ordered, 1)]
    life = LIMIT_LIFE if all(leg.type == "limit" for leg in legs) else MARKET_LIFE
    as_of = min(terms.quotes[leg.symbol].as_of for leg in legs)
    made = Plan(
        account=account.account,
        venue=account.venue,
        simulated=account.simulated,
        quote_currency=account.quote_currency,
        legs=legs,
        collar=Collar(max_deviation_bps=terms.collar_bps, as_of=as_of),
        total=exact(sum((leg.notional for leg in legs), ZERO)),
        fees=exact(sum((leg.fee for leg in legs), ZERO)),
        expires_at=(terms.now + life).replace(microsecond=0),
    )
    return made, warnings


def is_fresh(quote: Quote, now: datetime) -> bool:
    """Tell whether a quote is young enough to trade on: 5 s."""
    return now - quote.as_of <= _FRESH


def reference(side: str, quote: Quote) -> Decimal:
    """Return what a market order would get now: the ask for a buy, the bid for a sale."""
    return quote.ask if side == "buy" else quote.bid


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
            asset: ratio(worth, total).quantize(Decimal("0.0001"))
            for asset, worth in sorted(worths.items(), key=lambda item: -item[1])
            if worth > 0
        },
    )


def _worth(asset: str, units: Decimal, prices: Mapping[str, Decimal], quote: str) -> Decimal:
    return units if asset == quote else units * prices.get(asset, ZERO)


def _leg(n: int, wish: LegRequest, account: Account, terms: Terms, warnings: list[Reason]) -> Leg:
    if wish.type not in ("market", "limit") or wish.all or wish.post_only:
        raise _refused("order_type_unsupported", "Orders of this kind cannot be placed here yet.")
    rules, quote = _listed(wish.symbol, account, terms)
    price = reference(wish.side, quote)
    limit = None
    if wish.limit_price is not None:
        price = limit = _limit(wish, wish.limit_price, rules, quote, warnings)
    wished = wish.quantity if wish.quantity is not None else (wish.amount or ZERO) / price
    amount = on_step(wished, rules.quantity_step)
    if wish.quantity is not None and amount != wish.quantity and amount > 0:
        warnings.append(
            Reason(
                code="rounded",
                text=f"{quantity(wish.quantity)} {wish.symbol} becomes {quantity(amount)}:"
                f" {wish.symbol} is traded in steps of {quantity(rules.quantity_step)}.",
            )
        )
    notional = exact(amount * price)
    _check_size(wish, amount, notional, price, rules)
    return Leg(
        n=n,
        symbol=wish.symbol,
        side=wish.side,
        type=wish.type,
        quantity=amount,
        price=price,
        limit_price=limit,
        notional=notional,
        fee=exact(notional * rules.taker_fee_bps / BPS),
        fee_asset=account.quote_currency,
    )


def _listed(symbol: str, account: Account, terms: Terms) -> tuple[SymbolRules, Quote]:
    rules = terms.rules.get(symbol)
    if rules is None or symbol == account.quote_currency:
        raise _refused("symbol_not_allowed", f"{symbol} cannot be traded here.")
    quote = terms.quotes.get(symbol)
    if quote is None or not is_fresh(quote, terms.now) or quote.bid <= 0 or quote.ask <= 0:
        raise _refused(
            "price_unavailable",
            f"There is no current price for {symbol}. Nothing is traded on an old one; try again.",
        )
    return rules, quote


def _limit(
    wish: LegRequest,
    wished: Decimal,
    rules: SymbolRules,
    quote: Quote,
    warnings: list[Reason],
) -> Decimal:
    market = reference(wish.side, quote)
    if not market / _FAR <= wished <= market * _FAR:
        raise _refused(
            "price_collar",
            f"A limit of that size has nothing to do with the market, which is at"
            f" {money(market, quote.quote_currency)}.",
        )
    # Between two ticks the person gets the better one, never a worse one than was said.
    whole = ROUND_FLOOR if wish.side == "buy" else ROUND_CEILING
    limit = exact((wished / rules.price_tick).to_integral_value(whole) * rules.price_tick)
    if limit != wished:
        warnings.append(
            Reason(
                code="rounded",
                text=f"The limit becomes {quantity(limit)}: prices of {wish.symbol} go in steps of"
                f" {quantity(rules.price_tick)}.",
            )
        )
    away = (limit - market if wish.side == "buy" else market - limit) / market
    if limit <= 0 or away > _AGGRESSIVE:
        raise _refused(
            "price_collar",
            f"A limit of {money(wished, quote.quote_currency)} is more than 5 % worse than the"
            f" market, which is at {money(market, quote.quote_currency)}.",
        )
    return limit


def _check_size(
    wish: LegRequest, amount: Decimal, notional: Decimal, price: Decimal, rules: SymbolRules
) -> None:
    quote = rules.quote_currency
    least = max(rules.min_quantity, rules.quantity_step)
    if amount < least:
        raise _refused(
            "quantity_below_min",
            f"The least that can be traded of {wish.symbol} is {quantity(least)}"
            f" (about {money(least * price, quote)}).",
        )
    if rules.max_quantity and amount > rules.max_quantity:
        raise _refused(
            "quantity_above_max",
            f"At most {quantity(rules.max_quantity)} {wish.symbol} fit into one order.",
        )
    if notional < rules.min_notional:
        raise _refused(
            "notional_below_min",
            f"An order must be worth at least {money(rules.min_notional, quote)};"
            f" this one is worth {money(notional, quote)}.",
        )


def _refused(code: str, text: str) -> UnpriceableError:
    return UnpriceableError(Reason(code=code, text=text))


def symbols_of(requests: Iterable[LegRequest]) -> list[str]:
    """Return every symbol once, in order."""
    return list(dict.fromkeys(leg.symbol for leg in requests))
