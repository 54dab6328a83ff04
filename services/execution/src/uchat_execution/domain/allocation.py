"""How an amount could be spread: inverse volatility, capped by a profile, the rest in cash.

Each asset gets a weight in proportion to 1 / its volatility (the standard deviation of daily log
returns, over a year of 365 days), so that each brings about the same risk when they move alone.
What is above the cap goes to the others, in proportion.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise
from typing import Final

from uchat_contracts.profiles import PROFILES, Profile
from uchat_contracts.trading import Allocation, AllocationLine
from uchat_execution.domain.market import Quote
from uchat_execution.domain.money import ZERO, cents, exact, on_step, percent, quantity
from uchat_execution.domain.orders import SymbolRules

HISTORY_DAYS: Final = 60
_LEAST_RETURNS: Final = 10
_YEAR_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class Candidate:
    """An asset that could get a part: its name, price, rules and yearly volatility (0.5 = 50 %)."""

    symbol: str
    name: str
    quote: Quote
    rules: SymbolRules
    volatility: float


def volatility(closes: Sequence[Decimal]) -> float | None:
    """Return the yearly volatility of daily closes, or None if they are too few or never move."""
    # Floats measure, they are never a sum of money: the weights become exact below.
    prices = [float(close) for close in closes]
    returns = [math.log(b / a) for a, b in pairwise(prices) if a > 0 and b > 0]
    if len(returns) < _LEAST_RETURNS:
        return None
    mean = sum(returns) / len(returns)
    variance = sum((value - mean) ** 2 for value in returns) / (len(returns) - 1)
    return math.sqrt(variance * _YEAR_DAYS) or None


def weights(
    volatilities: Mapping[str, float], invested: Decimal, cap: Decimal
) -> dict[str, Decimal]:
    """Return each asset's weight: they sum up to `invested` or less, and none is above the cap."""
    inverse = {symbol: 1 / value for symbol, value in volatilities.items()}
    found: dict[str, Decimal] = {}
    left = float(invested)
    free = dict(inverse)
    while free:
        total = sum(free.values())
        above = [symbol for symbol, value in free.items() if value / total * left > float(cap)]
        if not above:
            found.update({symbol: _weight(value / total * left) for symbol, value in free.items()})
            break
        for symbol in above:
            found[symbol] = cap
            left -= float(cap)
            del free[symbol]
    return {symbol: found[symbol] for symbol in volatilities}


def allocate(
    amount: Decimal, profile: Profile, candidates: Sequence[Candidate], now: datetime
) -> Allocation:
    """Return how the amount could be spread; what no order can be made of stays in cash.

    `candidates`: in order of importance, all with the same quote currency.
    """
    character = PROFILES[profile]
    chosen = list(candidates[: character.assets])
    spread = weights(
        {candidate.symbol: candidate.volatility for candidate in chosen},
        1 - character.cash,
        character.cap,
    )
    lines = [
        line
        for candidate in chosen
        if (line := _line(candidate, spread[candidate.symbol], amount)) is not None
    ]
    lines.sort(key=lambda line: -line.amount)
    cash = exact(amount - sum((line.amount for line in lines), ZERO))
    return Allocation(
        amount=amount,
        quote_currency=chosen[0].quote.quote_currency,
        profile=profile,
        lines=lines,
        cash=cash,
        cash_weight=min(Decimal(1), max(ZERO, (cash / amount).quantize(Decimal("0.0001")))),
        method=f"Inverse volatility over {HISTORY_DAYS} days: the calmer an asset, the larger its"
        f" part; at most {percent(character.cap)} in one, {percent(character.cash)} kept in cash",
        as_of=min((candidate.quote.as_of for candidate in chosen), default=now),
        simulated=any(candidate.quote.simulated for candidate in chosen),
    )


def _line(candidate: Candidate, weight: Decimal, amount: Decimal) -> AllocationLine | None:
    price, rules = candidate.quote.ask, candidate.rules
    units = on_step(amount * weight / price, rules.quantity_step)
    spent = exact(units * price)
    if units < rules.min_quantity or spent < rules.min_notional or not units:
        return None
    pct = Decimal(repr(candidate.volatility * 100)).quantize(Decimal("0.1"))
    return AllocationLine(
        symbol=candidate.symbol,
        name=candidate.name,
        weight=(spent / amount).quantize(Decimal("0.0001"), ROUND_DOWN),
        amount=cents(spent),
        quantity=units,
        price=price,
        volatility_pct=pct,
        why=f"Moves about {quantity(pct)} % a year",
    )


def _weight(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("0.000001"), ROUND_DOWN)
