"""An order from acceptance to its first fills, with the journal in between."""

from uchat_sim_exchange.domain.accounts import Account
from uchat_sim_exchange.domain.orders import Order, Ticket, Trade
from uchat_sim_exchange.exchange import Exchange


async def place(exchange: Exchange, account: Account, ticket: Ticket) -> tuple[Order, list[Trade]]:
    """Accept an order, put it on disk, match it, put that on disk; returns it with its fills.

    A kill in between leaves an accepted order, which is matched when the exchange is back.

    Raises:
        ExchangeError: as `Exchange.accept`; nothing is placed then.
    """
    order = exchange.accept(account, ticket)
    await exchange.journal.settled()
    trades = exchange.execute(order)
    await exchange.journal.settled()
    return order, trades
