"""When an order may go to a live exchange: not unless everybody who has to has said so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from uchat_contracts.trading import Reason
from uchat_execution.domain.venues import Traits

CONSENT_VERSION: Final = "1"
CONSENT_TEXT: Final = (
    "Orders that I approve here are sent to my account at this exchange and trade real money. Only"
    " spot orders are placed. Prices can move between approval and execution, orders can be filled"
    " in part, and losses are mine. I can take this back at any time; orders that were sent by then"
    " stay."
)


@dataclass(frozen=True, slots=True)
class Consent:
    """That a person lets orders be sent to an exchange."""

    venue: str
    version: str
    text: str
    given_at: datetime
    given_via: str


@dataclass(frozen=True, slots=True)
class Key:
    """A person's key at an exchange; `masked` is what its owner sees of it.

    `may_withdraw`: it could not when it was connected, but can by now.
    """

    account: str
    venue: str
    masked: str
    may_trade: bool
    connected_at: datetime
    connected_via: str
    may_withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a person's trading at an exchange rests on, at one moment.

    `switched_on`: by the operator. `consent`: the version that the person has consented to.
    """

    key: Key | None
    switched_on: bool
    consent: str | None


def barred(traits: Traits | None, allowed: Allowed) -> Reason | None:
    """Return why no order may go to an exchange; None: one may."""
    if traits is None:
        return Reason(code="venue_unknown", text="There is no such exchange here.")
    name, key = traits.name, allowed.key
    checks = (
        (
            key is None,
            "venue_not_connected",
            f"You have connected no account at {name}. Connect one in the settings first.",
        ),
        (key is not None and key.may_withdraw, "venue_key_can_withdraw", _withdraws(name)),
        (
            not traits.tested,
            "venue_untested",
            f"Orders at {name} are not tested here, so accounts there are only read.",
        ),
        (
            key is not None and not key.may_trade,
            "venue_key_read_only",
            f"Your key at {name} can only read. To trade, connect one that may place orders.",
        ),
        (
            not allowed.switched_on,
            "live_trading_off",
            f"Real orders at {name} are switched off here; the operator can switch them on.",
        ),
        (
            allowed.consent != CONSENT_VERSION,
            "live_consent_missing",
            f"You have not consented to real orders at {name} yet; you can in the settings.",
        ),
    )
    return next((Reason(code=code, text=text) for refused, code, text in checks if refused), None)


def told_rights(traits: Traits, key: Key) -> str:
    """Return what a person is told when their key may do something else than before."""
    if key.may_withdraw:
        return _withdraws(traits.name)
    may = "read and trade" if key.may_trade else "only read"
    return f"Your key at {traits.name} can {may} now, and not move funds out."


def _withdraws(name: str) -> str:
    return f"Your key at {name} can move funds out by now, so it places no orders. Replace it."
