"""The filters that an order must pass, as exchangeInfo announces them."""

from decimal import Decimal
from typing import Final

from uchat_sim_exchange.domain.instruments import MIN_NOTIONAL, Instrument
from uchat_sim_exchange.domain.orders import Ticket
from uchat_sim_exchange.errors import filter_failure

_MAX_PRICE: Final = Decimal(10_000_000)


def check(instrument: Instrument, ticket: Ticket, price: Decimal) -> None:
    """Check a ticket; `price` is the market's, for what has none of its own.

    Raises:
        ExchangeError: -1013 with the filter's name.
    """
    for limit in (ticket.price, ticket.stop_price):
        if limit is not None and (not 0 < limit <= _MAX_PRICE or limit % instrument.tick):
            raise filter_failure("PRICE_FILTER")
    if ticket.quantity is not None:
        in_range = instrument.step <= ticket.quantity <= instrument.max_quantity
        if not in_range or ticket.quantity % instrument.step:
            raise filter_failure("LOT_SIZE")
        notional = ticket.quantity * (ticket.price or ticket.stop_price or price)
    else:
        notional = ticket.quote_quantity or Decimal(0)
    if notional < MIN_NOTIONAL:
        raise filter_failure("NOTIONAL")


def describe(instrument: Instrument) -> list[dict[str, object]]:
    """Return the filters of an instrument in exchangeInfo's words."""
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": format(instrument.tick, "f"),
            "maxPrice": format(_MAX_PRICE, "f"),
            "tickSize": format(instrument.tick, "f"),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": format(instrument.step, "f"),
            "maxQty": format(instrument.max_quantity, "f"),
            "stepSize": format(instrument.step, "f"),
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": format(MIN_NOTIONAL, "f"),
            "applyMinToMarket": True,
            "avgPriceMins": 0,
        },
    ]
