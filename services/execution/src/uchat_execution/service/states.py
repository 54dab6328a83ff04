"""Trading states of accounts: what sources demand, told to the person; the strictest counts."""

from typing import Final

from uchat_contracts.trading import Reason, Trading, TradingState
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.modes import Demand, Standing
from uchat_execution.ports.store import Told, Unit
from uchat_platform import logging
from uchat_platform.logging import hashed

OPERATOR: Final = "operator"
DRAWDOWN: Final = "drawdown"
RECONCILIATION: Final = "reconciliation"
INTERNAL: Final = "internal"
_log = logging.get_logger(__name__)


async def set_trading_state(
    unit: Unit,
    account: Account,
    state: TradingState,
    reason: Reason | None,
    source: str,
    *,
    via: str = INTERNAL,
) -> Standing:
    """Set what a source demands of an account (active: nothing any more); idempotent.

    Locks the account: claims that are under way are waited for, and later ones see it. Each source
    has one demand, the strictest of all counts. A refusal carries the reason's text; its code too
    if that is `account_reconciling`. Returns how the person trades then.

    Raises:
        ValueError: reducing or halted without a reason.
    """
    if state != "active" and reason is None:
        raise ValueError(f"Expected why the account is {state}")
    await unit.accounts.get(account.account, lock=True)
    before = await unit.states.standing(account.person, account.account)
    held = next((each for each in before.demands if each.source == source), None)
    if state == "active" or reason is None:
        if held is None:
            return before
        await unit.states.withdraw(account.account, source)
    else:
        wanted = Demand(source, state, reason)
        if held == wanted:
            return before
        await unit.states.demand(account.account, wanted)
    await unit.states.count_change(account.person, via)
    after = await unit.states.standing(account.person, account.account)
    if account.simulated:
        # What interfaces show by themselves is one account's; of live ones refusals tell.
        await tell_trading(unit, account.person, after)
    _log.warning(
        "trading_state",
        account=account.account,
        person=hashed(account.person),
        source=source,
        demanded=state,
        state=after.state,
        code=reason.code if reason else None,
    )
    return after


async def tell_trading(unit: Unit, person: str, standing: Standing) -> Trading:
    """Announce how a person trades, and return it as every interface shows it."""
    shown = standing.as_shown(person)
    await unit.tell(
        Told(
            about=f"trading:{person}",
            rev=standing.rev,
            what="trading",
            person=person,
            session_id=None,
            body=shown.json_bytes(),
        )
    )
    return shown
