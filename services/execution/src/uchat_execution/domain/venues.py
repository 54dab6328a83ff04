"""Exchanges that accounts may be at: what each can do, and what a key of theirs may."""

from dataclasses import dataclass, field
from typing import Final, Literal

from uchat_contracts.trading import venue_name

IdCodec = Literal["verbatim", "uuid", "prefix_t"]
"""How a venue takes our id of an order: as it is, as a UUID, or with `t-` before it."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a live venue. Spot only.

    `tested`: orders are proven against a simulator of it; without that it is only read. `readable`:
    it tells what a key may do, so that one that could withdraw can be refused. `deadline`: the
    parameter by which it refuses what comes too late; without any, an order of unknown outcome
    could be placed at any time. `from_trade_id`: trades can be read after one of them.
    """

    venue: str
    tested: bool
    readable: bool
    client_id_lookup: bool
    id_codec: IdCodec
    deadline: str | None
    oco: bool
    quote_market_buy: bool
    triggers: bool
    needs_passphrase: bool = False
    from_trade_id: bool = False

    @property
    def name(self) -> str:
        """Return how the exchange writes itself."""
        return venue_name(self.venue)


# Sources: what ccxt 4.5.90 says of itself (`features`, `requiredCredentials`), and the exchanges'
# API documentation for client ids, deadlines and the question what a key may do. ccxt has no OCO
# for any of them.
VENUES: Final = (
    Traits(
        venue="binance", tested=True, readable=True, client_id_lookup=True,
        id_codec="verbatim", deadline="recvWindow", oco=False, quote_market_buy=True, triggers=True,
        from_trade_id=True,
    ),
    Traits(
        venue="okx", tested=False, readable=True, client_id_lookup=True,
        id_codec="verbatim", deadline=None, oco=False, quote_market_buy=True, triggers=True,
        needs_passphrase=True,
    ),
    Traits(
        venue="bybit", tested=False, readable=True, client_id_lookup=True,
        id_codec="verbatim", deadline=None, oco=False, quote_market_buy=True, triggers=True,
    ),
    Traits(
        venue="kraken", tested=False, readable=False, client_id_lookup=True,
        id_codec="uuid", deadline=None, oco=False, quote_market_buy=True, triggers=True,
    ),
    Traits(
        venue="coinbase", tested=False, readable=False, client_id_lookup=False,
        id_codec="verbatim", deadline=None, oco=False, quote_market_buy=True, triggers=True,
    ),
    Traits(
        venue="kucoin", tested=False, readable=False, client_id_lookup=True,
        id_codec="verbatim", deadline=None, oco=False, quote_market_buy=True, triggers=True,
        needs_passphrase=True,
    ),
    Traits(
        venue="bitget", tested=False, readable=False, client_id_lookup=True,
        id_codec="verbatim", deadline=None, oco=False, quote_market_buy=True, triggers=True,
        needs_passphrase=True,
    ),
    Traits(
        venue="gate", tested=False, readable=False, client_id_lookup=False,
        id_codec="prefix_t", deadline=None, oco=False, quote_market_buy=True, triggers=True,
    ),
    Traits(
        venue="mexc", tested=False, readable=False, client_id_lookup=True,
        id_codec="verbatim", deadline="recvWindow", oco=False, quote_market_buy=True,
        triggers=False,
    ),
)  # fmt: skip
BY_NAME: Final = {each.venue: each for each in VENUES}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key of an account at a live venue; shown nowhere."""

    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)

    @property
    def masked(self) -> str:
        """Return as much of the key as its owner needs to know it by."""
        return f"…{self.api_key[-4:]}"


@dataclass(frozen=True, slots=True)
class Rights:
    """What the venue says of a key. `withdraw`: send funds out of the account.

    `account`: which account there it is of: the venue's own name for it within the venue worker
    (empty: it tells none), a mark that only the worker can make outside of it.
    """

    read: bool
    trade: bool
    withdraw: bool
    account: str = field(default="", repr=False)
