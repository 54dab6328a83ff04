"""From weights to orders: what to sell and buy so that a portfolio has them, in one plan.

Weights are parts of everything that is owned, cash included. Sales pay for purchases; what differs
by less than a band stays as it is, since trading it would cost more than it brings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from uchat_contracts.trading import LegRequest
from uchat_execution.domain.accounts import Balance
from uchat_execution.domain.market import Quote
from uchat_execution.domain.money import BPS, ZERO, cents, on_step, ratio
from uchat_execution.domain.orders import SymbolRules

BAND: Final = Decimal("0.005")
"""A weight that is off by less (0.5 % of everything) is left alone."""
_SLIP: Final = Decimal("0.995")
# What sales bring is counted a little lower than planned, so that the last purchase can be paid.


@dataclass(frozen=True, slots=True)
class Market:
    """Rules and quotes by base asset."""

    rules: Mapping[str, SymbolRules]
    quotes: Mapping[str, Quote]


def rebalance(
    weights: Mapping[str, Decimal], balances: Mapping[str, Balance], market: Market, currency: str
) -> list[LegRequest]:
    """Return the orders that bring each named asset to its weight, sales first.

    `weights`: 0 to 1 by base asset, summing up to 1 or less; assets that are not named stay as they
    are. Every asset that is held or named has a quote and rules.
    """
    total = _total(balances, market, currency)
    off = {
        symbol: weight * total - _value(balances, market, symbol)
        for symbol, weight in weights.items()
    }
    sales = [
        _sale(symbol, -by, weights[symbol], balances, market)
        for symbol, by in off.items()
        if by < 0 and -by >= BAND * total
    ]
    wanted = {symbol: by for symbol, by in off.items() if by >= BAND * total}
    return [*sales, *_purchases(wanted, _payable(sales, balances, market, currency), market)]


def _purchases(wanted: Mapping[str, Decimal], payable: Decimal, market: Market) -> list[LegRequest]:
    costs = sum((by * _with_fee(symbol, market) for symbol, by in wanted.items()), ZERO)
    share = min(Decimal(1), ratio(payable, costs))
    amounts = {symbol: cents(by * share) for symbol, by in wanted.items()}
    return [
        LegRequest(symbol=symbol, side="buy", amount=amount)
        for symbol, amount in amounts.items()
        if amount > 0
    ]


def _payable(
    sales: list[LegRequest], balances: Mapping[str, Balance], market: Market, currency: str
) -> Decimal:
    proceeds = ZERO
    for sale in sales:
        units = sale.quantity if sale.quantity is not None else balances[sale.symbol].free
        fee = 1 - market.rules[sale.symbol].taker_fee_bps / BPS
        proceeds += units * market.quotes[sale.symbol].bid * fee * _SLIP
    return balances.get(currency, Balance(currency)).free * _SLIP + proceeds


def _sale(
    symbol: str,
    worth: Decimal,
    weight: Decimal,
    balances: Mapping[str, Balance],
    market: Market,
) -> LegRequest:
    free = balances[symbol].free
    if weight == 0:
        return LegRequest(symbol=symbol, side="sell", all=True)
    units = min(free, worth / market.quotes[symbol].bid)
    step = market.rules[symbol].quantity_step
    # At least a step, so that a sale that is too small is named and left out, not lost.
    return LegRequest(symbol=symbol, side="sell", quantity=max(on_step(units, step), step))


def _with_fee(symbol: str, market: Market) -> Decimal:
    return 1 + market.rules[symbol].taker_fee_bps / BPS


def _value(balances: Mapping[str, Balance], market: Market, symbol: str) -> Decimal:
    return balances.get(symbol, Balance(symbol)).quantity * market.quotes[symbol].price


def _total(balances: Mapping[str, Balance], market: Market, currency: str) -> Decimal:
    total = balances.get(currency, Balance(currency)).quantity
    for asset, balance in balances.items():
        if asset != currency and balance.quantity:
            total += _value(balances, market, asset)
    return total
