"""Which account is meant: the one on paper, that at an exchange, or the live one, if it is one."""

from collections.abc import Sequence
from typing import Final

from uchat_ai_core.adapters.tools.answer import actor_of
from uchat_ai_core.adapters.turn_deps import TurnDeps
from uchat_ai_core.domain.planner.account_slot import LIVE
from uchat_contracts.trading import PAPER, VENUE_NAMES, venue_name
from uchat_platform.errors import InvalidInputError, NotFoundError

_CONNECT: Final = "Settings, Exchange accounts"


def named(account: str) -> str:
    """Return an account as the planner names it, whose words a model may write otherwise."""
    return account.strip().lower()


async def venue_of(deps: TurnDeps, account: str) -> str:
    """Return the exchange of the account that is meant; empty: the one on paper. Never guessed.

    Raises:
        InvalidInputError: `account_ambiguous`, several are connected, or `venue_unknown`.
        NotFoundError: `venue_not_connected`, no account with real money is.
    """
    asked = named(account)
    if asked in ("", PAPER):
        return ""
    if asked != LIVE:
        if asked not in VENUE_NAMES:
            raise InvalidInputError(
                f"There is no way from here to {venue_name(asked[:32])}", code="venue_unknown"
            )
        return asked
    connected = await deps.trading.connected(actor_of(deps))
    if not connected:
        raise NotFoundError(
            f"You have connected no exchange yet; you do on the web, under {_CONNECT}",
            code="venue_not_connected",
        )
    if len(connected) > 1:
        raise InvalidInputError(_which(connected), code="account_ambiguous")
    return connected[0]


def _which(connected: Sequence[str]) -> str:
    names = [f"“on {venue_name(each)}”" for each in sorted(connected)]
    return f"You have several accounts with real money; say {' or '.join(names)}"
