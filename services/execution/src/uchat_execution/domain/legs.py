"""One wish becomes one leg: its price, its size on the venue's steps, and who keeps it.

Each refusal has a stable code and a sentence that says what would do instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Final

from uchat_contracts.trading import Leg, LegRequest, Reason
from uchat_execution.domain.accounts import Account, Balance
from uchat_execution.domain.market import Quote
from uchat_execution.domain.money import BPS, ZERO, exact, money, on_step, quantity
from uchat_execution.domain.orders import (
    TRIGGERS,
    Feature,
    SymbolRules,
    falls_to,
    reaches,
)
from uchat_execution.domain.terms import Terms, is_fresh, reference, refused

_FAR: Final = 100
_KINDS: Final[dict[Feature, str]] = {
    "market": "market orders",
    "limit": "limit orders",
    "ioc": "immediate-or-cancel orders",
    "fok": "fill-or-kill orders",
    "post_only": "post-only orders",
    "stop": "stop orders",
    "stop_limit": "stop-limit orders",
    "take_profit": "take-profit orders",
    "take_profit_limit": "take-profit-limit orders",
}
_TRIGGERED: Final = {
    ("stop", "sell"): "A stop-loss sale",
    ("stop", "buy"): "A stop purchase",
    ("take_profit", "sell"): "A take-profit sale",
    ("take_profit", "buy"): "A take-profit purchase",
}


def priced(
    n: int, wish: LegRequest, account: Account, terms: Terms, before: Sequence[Leg]
) -> tuple[Leg, list[Reason]]:
    """Return leg `n` of a plan, after those `before`, and what the person should know of it.

    Raises:
        UnpriceableError: it cannot be traded so, here or now.
    """
    rules, quote = _listed(wish.symbol, account, terms)
    sheet = _Sheet(wish, rules, quote, terms)
    kept_here = sheet.kept_here()
    trigger = sheet.trigger()
    price = reference(wish.side, quote) if trigger is None else trigger
    limit = None
    if wish.limit_price is not None:
        price = limit = sheet.limit(wish.limit_price, price)
        sheet.check_range(limit, trigger if trigger is not None and kept_here else quote.price)
        sheet.check_taking(limit)
    amount = sheet.everything(before) if wish.all else sheet.amount(price)
    notional = exact(amount * price)
    sheet.check_size(amount, notional, price)
    fee_bps = rules.maker_fee_bps if wish.post_only else rules.taker_fee_bps
    leg = Leg(
        n=n,
        symbol=wish.symbol,
        side=wish.side,
        type=wish.type,
        quantity=amount,
        price=price,
        limit_price=limit,
        trigger_price=trigger,
        time_in_force=wish.time_in_force,
        post_only=wish.post_only,
        kept_here=kept_here,
        notional=notional,
        fee=exact(notional * fee_bps / BPS),
        fee_asset=account.quote_currency,
    )
    return leg, sheet.warnings


def feature_of(wish: LegRequest) -> Feature:
    """Return what a venue must have for it."""
    if wish.type == "stop":
        return "stop" if wish.limit_price is None else "stop_limit"
    if wish.type == "take_profit":
        return "take_profit" if wish.limit_price is None else "take_profit_limit"
    if wish.type == "market":
        return "market"
    if wish.post_only:
        return "post_only"
    return "limit" if wish.time_in_force == "gtc" else wish.time_in_force


def _listed(symbol: str, account: Account, terms: Terms) -> tuple[SymbolRules, Quote]:
    rules = terms.rules.get(symbol)
    # No rules at all: the venue was away since the start, which says nothing about the symbol.
    if (rules is None and terms.rules) or symbol == account.quote_currency:
        raise refused("symbol_not_allowed", f"{symbol} cannot be traded here.")
    quote = terms.quotes.get(symbol)
    fresh = quote is not None and is_fresh(quote, terms.now, terms.reference_age_s)
    if rules is None or quote is None or not fresh or quote.bid <= 0 or quote.ask <= 0:
        raise refused(
            "price_unavailable",
            f"There is no current price for {symbol}. Nothing is traded on an old one; try again.",
        )
    return rules, quote


@dataclass(frozen=True, slots=True)
class _Sheet:
    # One wish with all that it is priced by; `warnings` are collected on the way.
    wish: LegRequest
    rules: SymbolRules
    quote: Quote
    terms: Terms
    warnings: list[Reason] = field(default_factory=list[Reason])

    def warn(self, code: str, text: str) -> None:
        self.warnings.append(Reason(code=code, text=text))

    def money(self, value: Decimal) -> str:
        return money(value, self.quote.quote_currency)

    def kept_here(self) -> bool:
        feature, symbol = feature_of(self.wish), self.wish.symbol
        if feature in self.rules.offers:
            return False
        ends_as: Feature = "market" if self.wish.limit_price is None else "limit"
        if feature not in TRIGGERS or ends_as not in self.rules.offers:
            raise refused(
                "order_type_unsupported", f"The exchange has no {_KINDS[feature]} for {symbol}."
            )
        self.warn(
            "kept_here",
            f"The exchange has no {_KINDS[feature]} for {symbol}: it is kept here and sent when"
            " the price is reached. Nothing is set aside for it until then.",
        )
        return True

    def trigger(self) -> Decimal | None:
        wish, now_at = self.wish, self.money(self.quote.price)
        if wish.trigger_price is None:
            return None
        if not self.quote.price / _FAR <= wish.trigger_price <= self.quote.price * _FAR:
            raise refused(
                "trigger_far_away",
                f"A trigger of that size has nothing to do with the market, which is at {now_at}.",
            )
        trigger = self.on_tick("trigger", wish.trigger_price, ROUND_HALF_EVEN)
        if reaches(wish.type, wish.side, trigger, self.quote.price):
            falls = falls_to(wish.type, wish.side)
            raise refused(
                "trigger_already_reached",
                f"{_TRIGGERED[wish.type, wish.side]} waits until {wish.symbol}"
                f" {'falls' if falls else 'rises'} to its trigger. The market is at {now_at}"
                f" already, so the trigger must be {'below' if falls else 'above'} that.",
            )
        return trigger

    def limit(self, wished: Decimal, market: Decimal) -> Decimal:
        buys = self.wish.side == "buy"
        what = "trigger" if self.wish.trigger_price is not None else "market"
        at = f"the {what}, which is at {self.money(market)}"
        if not market / _FAR <= wished <= market * _FAR:
            raise refused("price_collar", f"A limit of that size has nothing to do with {at}.")
        # Between two ticks the person gets the better one, never a worse one than was said.
        limit = self.on_tick("limit", wished, ROUND_FLOOR if buys else ROUND_CEILING)
        away = (limit - market if buys else market - limit) / market
        if limit <= 0 or away * BPS > self.terms.limit_away_bps:
            most = quantity(Decimal(self.terms.limit_away_bps) / 100)
            raise refused(
                "price_collar",
                f"A limit of {self.money(wished)} is more than {most} % worse than {at}.",
            )
        return limit

    def check_range(self, limit: Decimal, market: Decimal) -> None:
        side = self.wish.side
        up, down = self.rules.price_up.get(side), self.rules.price_down.get(side)
        if (up and limit > market * up) or (down and limit < market * down):
            least = self.money(market * (down or ZERO))
            most = self.money(market * up) if up else "any price"
            raise refused(
                "price_out_of_range",
                f"For {self.wish.symbol} the exchange takes limits from {least} to {most} now.",
            )

    def check_taking(self, limit: Decimal) -> None:
        wish = self.wish
        takes = limit >= self.quote.ask if wish.side == "buy" else limit <= self.quote.bid
        now_at = self.money(reference(wish.side, self.quote))
        if wish.post_only and takes:
            raise refused(
                "would_take",
                "A post-only order must not be filled at once, and this one would be: the market"
                f" is at {now_at}.",
            )
        if wish.time_in_force != "gtc" and not takes:
            self.warn(
                "not_marketable",
                f"The market is at {now_at}: at this limit nothing can be filled at once, and what"
                " is not is cancelled.",
            )

    def amount(self, price: Decimal) -> Decimal:
        wish, step = self.wish, self.rules.quantity_step
        wished = wish.quantity if wish.quantity is not None else (wish.amount or ZERO) / price
        amount = on_step(wished, step)
        if wish.quantity is not None and amount != wish.quantity and amount > 0:
            self.warn(
                "rounded",
                f"{quantity(wish.quantity)} {wish.symbol} becomes {quantity(amount)}:"
                f" {wish.symbol} is traded in steps of {quantity(step)}.",
            )
        return amount

    def everything(self, before: Sequence[Leg]) -> Decimal:
        symbol = self.wish.symbol
        held = self.terms.balances.get(symbol, Balance(symbol))
        sales = [each.quantity for each in before if (each.symbol, each.side) == (symbol, "sell")]
        free = max(held.free - sum(sales, ZERO), ZERO)
        amount, reserved = on_step(free, self.rules.quantity_step), quantity(held.reserved)
        if not amount and held.reserved:
            raise refused(
                "reserved_by_orders",
                f"All your {symbol} ({reserved}) is set aside for open orders. Cancel those first,"
                " then close the position.",
            )
        if not free:
            raise refused("insufficient_balance", f"You have no {symbol} to sell.")
        if held.reserved:
            self.warn(
                "reserved_by_orders",
                f"{reserved} {symbol} more is set aside for open orders and is not sold by this."
                " Cancel them to sell it too.",
            )
        if amount and free != amount:
            left = quantity(free - amount)
            self.warn("dust", f"{left} {symbol} is less than can be traded and stays.")
        return amount

    def check_size(self, amount: Decimal, notional: Decimal, price: Decimal) -> None:
        symbol, rules = self.wish.symbol, self.rules
        least = max(rules.min_quantity, rules.quantity_step)
        if amount < least:
            raise refused(
                "quantity_below_min",
                f"The least that can be traded of {symbol} is {quantity(least)}"
                f" (about {self.money(least * price)}).",
            )
        limits = [
            rules.max_quantity,
            ZERO if self.wish.limit_price is not None else rules.max_market_quantity,
        ]
        most = min((each for each in limits if each), default=ZERO)
        if most and amount > most:
            raise refused(
                "quantity_above_max", f"At most {quantity(most)} {symbol} fit into one order."
            )
        if notional < rules.min_notional:
            raise refused(
                "notional_below_min",
                f"An order must be worth at least {self.money(rules.min_notional)};"
                f" this one is worth {self.money(notional)}.",
            )

    def on_tick(self, what: str, value: Decimal, rounding: str) -> Decimal:
        tick = self.rules.price_tick
        rounded = exact((value / tick).to_integral_value(rounding) * tick)
        if rounded != value:
            self.warn(
                "rounded",
                f"The {what} becomes {quantity(rounded)}: prices of {self.wish.symbol} go in steps"
                f" of {quantity(tick)}.",
            )
        return rounded
