"""When an order may go to a live exchange: not unless everybody who has to has said so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from uchat_contracts.trading import Reason, venue_name
from uchat_execution.domain.money import quantity
from uchat_execution.domain.orders import Order
from uchat_execution.domain.venues import Traits

SETTINGS: Final = "Settings, Exchange accounts"
"""Where a person connects an account, and consents to real orders."""
KEY_REFUSED: Final = "venue_key_refused"
_NAMED: Final = 5
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

    `may_withdraw`: it could not when it was connected, but can by now. `refused_at`: since when
    the exchange does not accept it.
    """

    account: str
    venue: str
    masked: str
    may_trade: bool
    connected_at: datetime
    connected_via: str
    may_withdraw: bool = False
    refused_at: datetime | None = None

    @property
    def is_spent(self) -> bool:
        """Tell whether no order goes out with it any more: another one may take its place."""
        return self.may_withdraw or self.refused_at is not None


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
            not_connected(traits.venue),
        ),
        (key is not None and key.refused_at is not None, KEY_REFUSED, _refuses(name)),
        (key is not None and key.may_withdraw, "venue_key_can_withdraw", _withdraws(name)),
        (
            not traits.tested,
            "venue_untested",
            f"Orders at {name} are not tested here, so accounts there are only read.",
        ),
        (
            key is not None and not key.may_trade,
            "venue_key_read_only",
            f"Your key at {name} can only read; connect one that may trade, under {SETTINGS}.",
        ),
        (
            not allowed.switched_on,
            "live_trading_off",
            f"Real orders at {name} are off; the operator does “uchat live on {traits.venue}”.",
        ),
        (
            allowed.consent != CONSENT_VERSION,
            "live_consent_missing",
            f"You have not consented to real orders at {name}: do it on the web, {SETTINGS}.",
        ),
    )
    return next((Reason(code=code, text=text) for refused, code, text in checks if refused), None)


def not_connected(venue: str) -> str:
    """Return what a person is told who has no account at an exchange."""
    name = venue_name(venue)
    return f"You have connected no account at {name}; you do on the web, under {SETTINGS}."


def told_rights(traits: Traits, key: Key) -> str:
    """Return what a person is told when their key may do something else than before."""
    if key.refused_at is not None:
        return _refuses(traits.name)
    if key.may_withdraw:
        return _withdraws(traits.name)
    may = "read and trade" if key.may_trade else "only read"
    return f"Your key at {traits.name} can {may} now, and not move funds out."


def told_unreachable(traits: Traits, orders: Sequence[Order]) -> str:
    """Return what of the orders that are open there, while the key is refused."""
    if not orders:
        return ""
    name = traits.name
    return f" Open there, as far as known: {_listed(orders)}. Cancel them at {name} if you want to."


def told_orders(traits: Traits, buys: Sequence[Order], sales: Sequence[Order]) -> str:
    """Return what becomes of orders that rest there when a key places none any more."""
    told = ""
    if buys:
        told += f" Cancelled there now: {_listed(buys)}."
    if sales:
        told += (
            f" Still open there: {_listed(sales)}. Say “cancel all my orders on {traits.name}” to"
            " cancel them; stop losses protect no longer then."
        )
    return told


def _listed(orders: Sequence[Order]) -> str:
    said = [_said(order) for order in orders[:_NAMED]]
    more = len(orders) - len(said)
    return "; ".join(said) + (f" and {more} more" if more > 0 else "")


def _said(order: Order) -> str:
    at = order.trigger_price if order.limit_price is None else order.limit_price
    price = "" if at is None else f" at {at:,f} {order.quote_currency}"
    return f"{order.side} {quantity(order.quantity - order.filled)} {order.symbol}{price}"


def _refuses(name: str) -> str:
    return (
        f"{name} does not accept your key any more, so your account there is not read and no order"
        f" goes out. Connect a new key of the same account on the web, under {SETTINGS}. If it was"
        f" not you who removed this one, check at {name} who did."
    )


def _withdraws(name: str) -> str:
    return f"Your key at {name} can move funds out by now, so it places no orders. Replace it."
