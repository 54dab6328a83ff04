"""When a stop begins to work.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints, "Price
above market price: STOP_LOSS BUY, TAKE_PROFIT SELL; below: STOP_LOSS SELL, TAKE_PROFIT BUY".
"""

from decimal import Decimal

from uchat_sim_exchange.domain.orders import Order, Ticket


def is_reached(order: Order | Ticket, last: Decimal) -> bool:
    """Tell whether the last price has come to a stop price; never, if there is none."""
    if not order.stop_price:
        return False
    takes_profit = order.type.startswith("TAKE_PROFIT")
    if (order.side == "BUY") == takes_profit:
        return last <= order.stop_price
    return last >= order.stop_price
