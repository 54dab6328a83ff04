"""Which answers to an order are definite. Whatever is not in the table is of unknown outcome.

Sources: https://developers.binance.com/docs/binance-spot-api-docs/errors and, for "the execution
status is UNKNOWN" after a 5xx,
https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-api-information
"""

from dataclasses import dataclass
from typing import Final

from uchat_execution.adapters.binance_api import Answer, NoAnswerError
from uchat_execution.ports import NotPlacedError, OutcomeUnknownError, RejectedByVenueError

VenueError = RejectedByVenueError | NotPlacedError | OutcomeUnknownError


@dataclass(frozen=True, slots=True)
class _Row:
    """An answer that is definite: status, code and how the words begin ('': any)."""

    status: int
    code: int
    begins: str
    refused: str | None  # our code of a refusal for good; None: it may be tried again
    passing: str = ""  # our code of a refusal that passes

    def fits(self, answer: Answer) -> bool:
        return (answer.status, answer.code) == (self.status, self.code) and (
            answer.message.startswith(self.begins)
        )


# -2010 "Duplicate order sent." is missing on purpose: the open order may be this very one.
_DEFINITE: Final = (
    _Row(400, -2010, "Account has insufficient balance", "insufficient_balance"),
    _Row(400, -2010, "Order would immediately match and take", "would_take"),
    _Row(400, -2010, "Order would trigger immediately", "would_trigger"),
    _Row(400, -2010, "Stop price would trigger immediately", "would_trigger"),
    _Row(400, -2010, "Market is closed", "market_closed"),
    _Row(400, -2010, "Market orders are not supported", "type_refused"),
    _Row(400, -2010, "Stop loss orders are not supported", "type_refused"),
    _Row(400, -2010, "Stop loss limit orders are not supported", "type_refused"),
    _Row(400, -2010, "Take profit orders are not supported", "type_refused"),
    _Row(400, -2010, "Take profit limit orders are not supported", "type_refused"),
    _Row(400, -2010, "Unsupported order combination", "type_refused"),
    _Row(400, -2010, "This symbol is not permitted", "symbol_not_permitted"),
    _Row(400, -2010, "This symbol is restricted", "symbol_not_permitted"),
    _Row(400, -2010, "This action is disabled on this account", "venue_account_restricted"),
    _Row(400, -2010, "This account may not place or cancel orders", "venue_account_restricted"),
    _Row(400, -2010, "Price * QTY is zero or less", "notional_refused"),
    _Row(400, -1013, "Filter failure: LOT_SIZE", "quantity_refused"),
    _Row(400, -1013, "Filter failure: MARKET_LOT_SIZE", "quantity_refused"),
    _Row(400, -1013, "Filter failure: PRICE_FILTER", "price_refused"),
    _Row(400, -1013, "Filter failure: PERCENT_PRICE", "price_refused"),
    _Row(400, -1013, "Filter failure: NOTIONAL", "notional_refused"),
    _Row(400, -1013, "Filter failure: MIN_NOTIONAL", "notional_refused"),
    _Row(400, -1013, "Filter failure:", "filter_refused"),
    _Row(400, -1121, "", "symbol_unknown_to_venue"),
    _Row(400, -1100, "", "order_malformed"),
    _Row(400, -1101, "", "order_malformed"),
    _Row(400, -1102, "", "order_malformed"),
    _Row(400, -1103, "", "order_malformed"),
    _Row(400, -1104, "", "order_malformed"),
    _Row(400, -1105, "", "order_malformed"),
    _Row(400, -1106, "", "order_malformed"),
    _Row(400, -1111, "", "order_malformed"),
    _Row(400, -1114, "", "order_malformed"),
    _Row(400, -1115, "", "order_malformed"),
    _Row(400, -1116, "", "order_malformed"),
    _Row(400, -1117, "", "order_malformed"),
    _Row(400, -1128, "", "order_malformed"),
    _Row(400, -1131, "", "order_malformed"),
    _Row(400, -1022, "", "venue_credentials_refused"),
    _Row(401, -2014, "", "venue_credentials_refused"),
    _Row(401, -2015, "", "venue_credentials_refused"),
    _Row(400, -1021, "", None, "window_passed"),
    _Row(429, -1003, "", None, "venue_rate_limited"),
    _Row(418, -1003, "", None, "venue_rate_limited"),
    _Row(429, -1015, "", None, "venue_rate_limited"),
)
_SENTENCES: Final = {
    "insufficient_balance": "The account at the exchange has too little for this order",
    "would_take": "The order would have been filled at once, which it was not to be",
    "would_trigger": "The market has reached the trigger already",
    "market_closed": "The market is closed",
    "type_refused": "The exchange does not take this kind of order for this asset",
    "symbol_not_permitted": "The account may not trade this asset at the exchange",
    "venue_account_restricted": "The exchange does not let this account trade",
    "quantity_refused": "The exchange does not take this quantity",
    "price_refused": "The exchange does not take this price",
    "notional_refused": "The order is too small for the exchange",
    "filter_refused": "The order is outside the exchange's limits",
    "symbol_unknown_to_venue": "The exchange does not list this asset",
    "order_malformed": "The exchange does not understand the order",
    "venue_credentials_refused": "The exchange does not accept the account's key",
    "window_passed": "The order reached the exchange too late and was not placed",
    "venue_rate_limited": "The exchange takes no more orders for a moment",
}


def outcome_of(answer: Answer) -> VenueError:
    """Return what an answer that is no success says about the order."""
    for row in _DEFINITE:
        if row.fits(answer):
            if row.refused is not None:
                return RejectedByVenueError(_SENTENCES[row.refused], code=row.refused)
            return NotPlacedError(
                _SENTENCES[row.passing], code=row.passing, retry_after_s=answer.retry_after_s
            )
    return OutcomeUnknownError(
        f"The exchange answered HTTP {answer.status}, code {answer.code}: the outcome is unknown"
    )


def outcome_without(error: NoAnswerError) -> VenueError:
    """Return what a missing answer says: nothing, unless no connection was ever made."""
    if error.sent:
        return OutcomeUnknownError(f"The exchange did not answer ({error}): the outcome is unknown")
    return NotPlacedError("The exchange cannot be reached", code="venue_unreachable")
