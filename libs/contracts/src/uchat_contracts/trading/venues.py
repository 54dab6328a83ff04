"""Live exchanges: what each can do, the person's keys there, what they have consented to."""

from collections.abc import Mapping
from typing import Final

from pydantic import AwareDatetime

from uchat_contracts.ids import InterfaceName, PersonId
from uchat_contracts.model import Model
from uchat_contracts.trading.decision import Reason
from uchat_contracts.trading.portfolio import Order

PAPER: Final = "paper"
"""The account without real money, which everybody has."""
VENUE_NAMES: Final[Mapping[str, str]] = {
    "binance": "Binance",
    "okx": "OKX",
    "bybit": "Bybit",
    "kraken": "Kraken",
    "coinbase": "Coinbase",
    "kucoin": "KuCoin",
    "bitget": "Bitget",
    "gate": "Gate",
    "mexc": "MEXC",
}
"""Live exchanges as their owners write them, by the name that plans and accounts have."""


def venue_name(venue: str) -> str:
    """Return how an exchange is written; one that is not known here as its name begins large."""
    return VENUE_NAMES.get(venue, venue.capitalize())


def account_label(venue: str, *, simulated: bool) -> str:
    """Return which account it is, in the words that every interface shows it by."""
    return "paper account" if simulated else f"{venue_name(venue)}, real money"


class VenueKey(Model):
    """A key of an exchange, as its owner sees it: `masked` is its end. `may_trade`: not only read.

    `account` is the account that it opened here. `may_withdraw`: by now it can move funds out, so
    no order is sent with it. `refused_at`: since when the exchange does not accept it; the account
    is not read, and no order is sent, until it does again or another key takes its place.
    """

    venue: str
    account: str
    masked: str
    may_trade: bool
    may_withdraw: bool = False
    refused_at: AwareDatetime | None = None
    connected_at: AwareDatetime
    connected_via: InterfaceName


class KeyChanged(VenueKey):
    """That a key may do something else by now, as data of the entry `venue_key`; `text` tells it.

    `rev` counts what was told of the key. Of the orders that were open there: `cancelling` are
    purchases that are being cancelled because of it, `still_open` sales, which only their owner
    cancels.
    """

    user_id: PersonId
    rev: int
    text: str
    at: AwareDatetime
    cancelling: list[Order] = []
    still_open: list[Order] = []


class VenueConsent(Model):
    """That a person lets orders of theirs be sent to an exchange: to which text, when and where."""

    venue: str
    version: str
    text: str
    given_at: AwareDatetime
    given_via: InterfaceName


class Venue(Model):
    """An exchange, and what can be done with it here. Spot only, whatever it offers besides.

    `tested`: orders are proven against a simulator of it; others are only read. `connectable`: it
    tells what a key may do, so that one that could withdraw is refused. `served`: this installation
    reaches it. `live`: its operator has switched real orders on. `deadline`: the parameter by which
    it refuses what comes too late, `id_codec` how it takes our ids. `barred`: why no order of the
    person is sent there now; none: it would be.
    """

    venue: str
    name: str
    tested: bool
    connectable: bool
    needs_passphrase: bool
    client_id_lookup: bool
    id_codec: str
    deadline: str | None = None
    oco: bool
    quote_market_buy: bool
    triggers: bool
    spot_only: bool = True
    served: bool
    live: bool
    key: VenueKey | None = None
    consent: VenueConsent | None = None
    consent_version: str
    consent_text: str
    barred: Reason | None = None
