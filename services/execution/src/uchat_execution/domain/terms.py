"""What plans are priced by, and how a wish is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from uchat_contracts.trading import Reason
from uchat_execution.domain.accounts import Balance
from uchat_execution.domain.market import Quote
from uchat_execution.domain.orders import SymbolRules


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is priced by: rules and quotes by base asset, the collar, and the time.

    `balances` are needed for wishes of all of something only. A limit may be `limit_away_bps`
    worse than the market at most, and a quote `reference_age_s` old.
    """

    rules: Mapping[str, SymbolRules]
    quotes: Mapping[str, Quote]
    collar_bps: int
    now: datetime
    balances: Mapping[str, Balance] = field(default_factory=dict[str, Balance])
    limit_away_bps: int = 500
    reference_age_s: int = 5


class UnpriceableError(Exception):
    """No plan can be made of the wish; `reason` is for the person."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


def refused(code: str, text: str) -> UnpriceableError:
    """Return the refusal of a wish, to be raised."""
    return UnpriceableError(Reason(code=code, text=text))


def is_fresh(quote: Quote, now: datetime, age_s: int = 5) -> bool:
    """Tell whether a quote is young enough to trade on: `age_s` seconds."""
    return now - quote.as_of <= timedelta(seconds=age_s)


def reference(side: str, quote: Quote) -> Decimal:
    """Return what a market order would get now: the ask for a buy, the bid for a sale."""
    return quote.ask if side == "buy" else quote.bid
