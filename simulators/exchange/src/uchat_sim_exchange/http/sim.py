"""Routes for tests and development: accounts, keys, the journal, held prices and books, rules."""

from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from uchat_sim_exchange.domain.accounts import Permissions
from uchat_sim_exchange.domain.book import Book, Level
from uchat_sim_exchange.domain.instruments import BY_PAIR, QUOTE, Instrument
from uchat_sim_exchange.domain.money import Fees
from uchat_sim_exchange.domain.reports import text
from uchat_sim_exchange.errors import ExchangeError, filter_failure, unknown_symbol
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.history import History
from uchat_sim_exchange.http.answers import answer
from uchat_sim_exchange.http.entries import order_entry, rejection_entry
from uchat_sim_exchange.limits import Limits
from uchat_sim_exchange.rules import as_bps

_KEY = r"^[A-Za-z0-9_-]{8,128}$"


class OpenAccount(BaseModel):
    """An account to open; `balances` in units of each asset, counted the first time only."""

    api_key: str = Field(pattern=_KEY)
    secret: str = Field(min_length=16, max_length=256)
    balances: dict[str, Decimal] = {}


class MakeKey(BaseModel):
    """A further key of an account, and what it may do; `account`: any key that the account has."""

    account: str
    api_key: str = Field(pattern=_KEY)
    secret: str = Field(min_length=16, max_length=256)
    enable_reading: bool = True
    enable_spot_trading: bool = False
    enable_withdrawals: bool = False
    ip_restrict: bool = False


class PinPrice(BaseModel):
    """A price to hold, in USDT; none lets the price go again. `symbol`: BTCUSDT or BTC."""

    symbol: str
    price: Decimal | None = None


class HoldBook(BaseModel):
    """A book to hold: levels of price and quantity, best first. What is taken is not made anew.

    Neither side: the book is let go again.
    """

    symbol: str
    bids: list[tuple[Decimal, Decimal]] = []
    asks: list[tuple[Decimal, Decimal]] = []


class SetRules(BaseModel):
    """Rules to change, as `Rules` has them; what is not named stays."""

    maker_bps: Decimal | None = Field(default=None, ge=0, le=1000)
    taker_bps: Decimal | None = Field(default=None, ge=0, le=1000)
    place_ms: float | None = Field(default=None, ge=0, le=60_000)
    cancel_ms: float | None = Field(default=None, ge=0, le=60_000)
    spread: float | None = Field(default=None, ge=0, le=3)
    touch: float | None = Field(default=None, ge=0, le=1)
    weight_per_minute: int | None = Field(default=None, ge=0)
    orders_per_10s: int | None = Field(default=None, ge=0)
    seed: str | None = None


class Page(BaseModel):
    """Which entries of the journal: so many, after a number; the refused ones if asked for."""

    after: int = Field(default=0, ge=0)
    limit: int = Field(default=1000, ge=1, le=5000)
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class SimRoutes:
    """What no real exchange has."""

    exchange: Exchange
    history: History
    limits: Limits

    def routes(self) -> list[Route]:
        """Return the routes."""
        endpoints = (
            ("POST", "/accounts", self.open_account),
            ("POST", "/keys", self.make_key),
            ("DELETE", "/keys/{api_key}", self.revoke_key),
            ("GET", "/journal", self.journal),
            ("POST", "/prices", self.pin_price),
            ("POST", "/books", self.hold_book),
            ("POST", "/rules", self.set_rules),
        )
        return [
            Route(f"/sim{path}", endpoint, methods=[method]) for method, path, endpoint in endpoints
        ]

    async def open_account(self, request: Request) -> Response:
        """Open an account; the same key and secret again change nothing."""
        body = OpenAccount.model_validate_json(await request.body())
        if any(not balance.is_finite() or balance < 0 for balance in body.balances.values()):
            raise ExchangeError(-1100, "Illegal characters found in parameter 'balances'.")
        ledger = self.exchange.ledger
        account, new = ledger.open_account(body.api_key, body.secret, body.balances)
        await self.exchange.journal.settled()
        balances = {asset: text(balance.free) for asset, balance in account.balances.items()}
        return answer({"api_key": account.api_key, "created": new, "balances": balances})

    async def make_key(self, request: Request) -> Response:
        """Make a further key of an account; the same one again changes what it may do."""
        body = MakeKey.model_validate_json(await request.body())
        may = Permissions(
            body.enable_reading, body.enable_spot_trading, body.enable_withdrawals, body.ip_restrict
        )
        ledger, now = self.exchange.ledger, self.exchange.market.now_ms()
        key = ledger.make_key(ledger.account(body.account), body.api_key, body.secret, may, now)
        await self.exchange.journal.settled()
        return answer({"api_key": key.api_key, "account": key.account})

    async def revoke_key(self, request: Request) -> Response:
        """Forget a further key of an account: from now on it is refused with -2015."""
        api_key = request.path_params["api_key"]
        self.exchange.ledger.revoke_key(api_key)
        await self.exchange.journal.settled()
        return answer({"api_key": api_key})

    async def journal(self, request: Request) -> Response:
        """Answer all accounts' orders after a number, accepted or refused, and the next page's."""
        page = Page.model_validate(dict(request.query_params))
        if page.rejected:
            found = await self.history.rejected(page.after, page.limit)
            entries = [rejection_entry(each) for each in found]
            last = found[-1].number if found else 0
        else:
            orders = await self.history.accepted(page.after, page.limit)
            entries = [order_entry(order) for order in orders]
            last = orders[-1].order_id if orders else 0
        following = last if len(entries) == page.limit else None
        return answer({"orders": entries, "next": following})

    async def pin_price(self, request: Request) -> Response:
        """Hold a price, and fill what rests at it at once."""
        body = PinPrice.model_validate_json(await request.body())
        instrument = listed(body.symbol)
        price = body.price
        if price is not None and (price <= instrument.tick or price % instrument.tick):
            raise filter_failure("PRICE_FILTER")
        self.exchange.market.pin(instrument, price)
        return await self._matched(instrument)

    async def hold_book(self, request: Request) -> Response:
        """Hold a book, and fill what rests at its prices at once."""
        body = HoldBook.model_validate_json(await request.body())
        instrument, market = listed(body.symbol), self.exchange.market
        book = Book(market.now_ms() // 1000, _levels(body.bids), _levels(body.asks))
        market.hold(instrument, book if body.bids or body.asks else None)
        return await self._matched(instrument)

    async def set_rules(self, request: Request) -> Response:
        """Change rules; all counters start anew. Answers all rules."""
        asked = SetRules.model_validate_json(await request.body())
        rules, changes = self.exchange.rules, asked.model_dump(exclude_none=True)
        rules.fees = Fees(
            changes.pop("maker_bps", rules.fees.maker_bps),
            changes.pop("taker_bps", rules.fees.taker_bps),
        )
        for name, value in changes.items():
            setattr(rules, name, value)
        self.limits.forget()
        names = set(SetRules.model_fields) - {"maker_bps", "taker_bps"}
        told = {name: getattr(rules, name) for name in sorted(names)}
        return answer({**as_bps(rules.fees), **told})

    async def _matched(self, instrument: Instrument) -> Response:
        self.exchange.match_resting()
        await self.exchange.journal.settled()
        now = self.exchange.market.price(instrument)
        return answer({"symbol": instrument.pair, "price": text(now)})


def listed(symbol: str) -> Instrument:
    """Return an instrument by its pair or its base asset.

    Raises:
        ExchangeError: -1121.
    """
    instrument = BY_PAIR.get(symbol) or BY_PAIR.get(symbol + QUOTE)
    if instrument is None:
        raise unknown_symbol()
    return instrument


def _levels(asked: list[tuple[Decimal, Decimal]]) -> list[Level]:
    return [Level(price, quantity) for price, quantity in asked if quantity > 0]
