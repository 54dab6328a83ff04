"""What execution and its venue worker say to each other, and how it is written as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal, Protocol

from pydantic import TypeAdapter

from uchat_execution.domain.market import Quote
from uchat_execution.domain.orders import NewOrder, OrderRef, SeenOrder, SymbolRules, VenueOrder
from uchat_execution.domain.statements import ToldOrder, ToldTrade, ToldTransfer
from uchat_execution.domain.venues import Credentials, Rights, Traits


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of an order that was to be sent; `code` and `text` unless it was placed."""

    outcome: Literal["placed", "rejected", "not_placed", "unknown"]
    order: VenueOrder | None = None
    code: str = ""
    text: str = ""
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """An order of the venue's own number, asked for in the words of one of ours."""

    ref: OrderRef
    venue_order_id: str


@dataclass(frozen=True, slots=True)
class InMarket:
    """Which market a question is about, and which orders."""

    symbol: str
    quote_currency: str
    venue_order_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TradesAfter:
    """Which trades: those of a market after one of them, or since a time."""

    market: InMarket
    after: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class TradePage:
    """Some trades, oldest first, and whether there are more."""

    trades: tuple[ToldTrade, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Closes:
    """Of which symbol the daily closes are asked for, and of how many days."""

    symbol: str
    days: int


MaybeOrder: Final = VenueOrder | None
MaybeSeen: Final = SeenOrder | None
Balances: Final = dict[str, tuple[Decimal, Decimal]]
Resting: Final = list[ToldOrder]
Names: Final = dict[str, str]
Transfers: Final = list[ToldTransfer]
Rules: Final = dict[str, SymbolRules]
Symbols: Final = list[str]
Quotes: Final = dict[str, Quote]
Prices: Final = list[Decimal]


def read(kind: Any, body: bytes) -> Any:
    """Return what was written as JSON; `kind` is one of the types of this module.

    Raises:
        ValidationError: it is something else.
    """
    return _adapter(kind).validate_json(body)


def write(kind: Any, value: object) -> bytes:
    """Return a value of a type as JSON."""
    return _adapter(kind).dump_json(value)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    # Made when it is needed: an installation without live exchanges never does.
    return TypeAdapter(kind)


class KeyedAccount(Protocol):
    """An account at an exchange, by its key. Errors are those of `Venue` and `Statements`."""

    async def place(self, order: NewOrder) -> VenueOrder:
        """Send an order once."""
        ...

    async def find(self, ref: OrderRef) -> VenueOrder | None:
        """Return the order of our id, None if the venue certainly has none."""
        ...

    async def by_number(self, ref: OrderRef, venue_order_id: str) -> SeenOrder | None:
        """Return the order of the venue's own number."""
        ...

    async def cancel(self, ref: OrderRef) -> VenueOrder | None:
        """Cancel an order and return it as it stands then."""
        ...

    async def balances(self) -> Mapping[str, tuple[Decimal, Decimal]]:
        """Return free and reserved units by asset."""
        ...

    async def open_orders(self, quote_currency: str) -> Sequence[ToldOrder]:
        """Return every order that rests."""
        ...

    async def trades(
        self, symbol: str, quote_currency: str, after: str | None, since: datetime
    ) -> tuple[Sequence[ToldTrade], bool]:
        """Return trades after one or since a time, and whether there are more."""
        ...

    async def client_ids(
        self, symbol: str, quote_currency: str, venue_order_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """Return what whoever placed these orders called them."""
        ...

    async def transfers(self, since: datetime) -> Sequence[ToldTransfer]:
        """Return deposits and withdrawals."""
        ...


class LiveExchange(Protocol):
    """An exchange that the worker was started for."""

    @property
    def traits(self) -> Traits:
        """Return what is known of it."""
        ...

    def account(self, credentials: Credentials) -> KeyedAccount:
        """Return the account that a key is of."""
        ...

    async def rights(self, credentials: Credentials) -> Rights:
        """Ask what a key may do.

        Raises:
            InvalidInputError: `venue_key_refused`.
            UnavailableError: the exchange is away.
        """
        ...

    def rules(self) -> Mapping[str, SymbolRules]:
        """Return the rules of every symbol, by base asset.

        Raises:
            UnavailableError: they were never read.
        """
        ...

    async def quotes(self, symbols: Sequence[str]) -> dict[str, Quote]:
        """Return the latest quotes of listed symbols.

        Raises:
            UnavailableError: the exchange is away.
        """
        ...

    async def daily_closes(self, symbol: str, days: int) -> list[Decimal]:
        """Return daily closing prices, oldest first.

        Raises:
            UnavailableError: the exchange is away.
        """
        ...
