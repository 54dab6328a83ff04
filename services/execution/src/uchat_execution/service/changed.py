"""Tells that a portfolio has changed, and notes what it is worth now."""

from datetime import datetime

from uchat_execution.domain.accounts import Account, worth
from uchat_execution.domain.money import exact
from uchat_execution.ports.store import Point, Told, Unit
from uchat_execution.service.desk import Desk


async def portfolio_changed(
    unit: Unit, desk: Desk, account: Account, now: datetime, *symbols: str
) -> None:
    """Announce the portfolio once the unit has committed. `symbols`: priced in any case."""
    rev = await unit.accounts.next_rev(account.account)
    if account.simulated:
        # What interfaces show by themselves is one account; live ones are asked for.
        await unit.tell(
            Told(f"portfolio:{account.account}", rev, "portfolio", account.person, None, b"{}")
        )
    balances = await unit.accounts.balances(account.account)
    held = [asset for asset, balance in balances.items() if balance.quantity]
    prices = await desk.at(account.venue).prices([*held, *symbols])
    total = worth(balances, prices, account.quote_currency)
    if total is not None:
        await unit.accounts.note_worth(account.account, Point(now, exact(total)))
