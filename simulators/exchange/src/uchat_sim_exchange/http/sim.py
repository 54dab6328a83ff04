"""Routes for tests and development: accounts, the journal, faults, held prices."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from uchat_sim_exchange.domain.instruments import BY_PAIR, QUOTE, Instrument
from uchat_sim_exchange.domain.orders import Order
from uchat_sim_exchange.errors import ExchangeError, filter_failure, unknown_symbol
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.faults import Fault, Faults, Kind, On
from uchat_sim_exchange.history import History
from uchat_sim_exchange.http.answers import answer, text

_MAX_HANG_MS = 120_000


class OpenAccount(BaseModel):
    """An account to open; `balances` in units of each asset, counted the first time only."""

    api_key: str = Field(pattern=r"^[A-Za-z0-9_-]{8,128}$")
    secret: str = Field(min_length=16, max_length=256)
    balances: dict[str, Decimal] = {}


class PlanFault(BaseModel):
    """A fault to plan; kind `none` forgets all that are planned."""

    kind: Kind | Literal["none"]
    on: On = "place"
    times: int = Field(default=1, ge=1, le=100_000)
    ms: int = Field(default=30_000, ge=0, le=_MAX_HANG_MS)


class PinPrice(BaseModel):
    """A price to hold, in USDT; none lets the price go again. `symbol`: BTCUSDT or BTC."""

    symbol: str
    price: Decimal | None = None


class Page(BaseModel):
    """Which orders of the journal: so many, after an order number."""

    after: int = Field(default=0, ge=0)
    limit: int = Field(default=1000, ge=1, le=5000)


@dataclass(frozen=True, slots=True)
class SimRoutes:
    """What no real exchange has."""

    exchange: Exchange
    history: History
    faults: Faults

    def routes(self) -> list[Route]:
        """Return the routes."""
        endpoints = (
            ("POST", "/accounts", self.open_account),
            ("GET", "/journal", self.journal),
            ("POST", "/faults", self.plan_fault),
            ("POST", "/prices", self.pin_price),
        )
        return [
            Route(f"/sim{path}", endpoint, methods=[method]) for method, path, endpoint in endpoints
        ]

    async def open_account(self, request: Request) -> Response:
        """Open an account; the same key and secret again change nothing."""
        body = OpenAccount.model_validate_json(await request.body())
        if any(not balance.is_finite() or balance < 0 for balance in body.balances.values()):
            raise ExchangeError(-1100, "Illegal characters found in parameter 'balances'.")
        account, new = self.exchange.open_account(body.api_key, body.secret, body.balances)
        await self.exchange.journal.settled()
        balances = {asset: text(balance.free) for asset, balance in account.balances.items()}
        return answer({"api_key": account.api_key, "created": new, "balances": balances})

    async def journal(self, request: Request) -> Response:
        """Answer accepted orders of all accounts after an order number, and the next page's."""
        page = Page.model_validate(dict(request.query_params))
        orders = await self.history.accepted(page.after, page.limit)
        following = orders[-1].order_id if len(orders) == page.limit else None
        return answer({"orders": [_entry(order) for order in orders], "next": following})

    async def plan_fault(self, request: Request) -> Response:
        """Plan a fault for the next requests of a sort."""
        body = PlanFault.model_validate_json(await request.body())
        if body.kind == "none":
            self.faults.clear()
        else:
            self.faults.add(Fault(body.kind, body.on, body.times, body.ms))
        return answer({"planned": len(self.faults.planned)})

    async def pin_price(self, request: Request) -> Response:
        """Hold a price, and fill what rests at it at once."""
        body = PinPrice.model_validate_json(await request.body())
        instrument = _instrument(body.symbol)
        price = body.price
        if price is not None and (price <= instrument.tick or price % instrument.tick):
            raise filter_failure("PRICE_FILTER")
        self.exchange.market.pin(instrument, price)
        self.exchange.match_resting()
        await self.exchange.journal.settled()
        now = self.exchange.market.price(instrument)
        return answer({"symbol": instrument.pair, "price": text(now)})


def _entry(order: Order) -> dict[str, Any]:
    placed = datetime.fromtimestamp(order.placed_ms / 1000, UTC)
    return {
        "client_order_id": order.client_order_id,
        "order_id": order.order_id,
        "account": order.account,
        "symbol": order.pair,
        "side": order.side,
        "type": order.type,
        "quantity": _plain(order.quantity),
        "executed": _plain(order.executed),
        "price": _plain(order.price),
        "status": order.status,
        "placed_at": placed.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _instrument(symbol: str) -> Instrument:
    instrument = BY_PAIR.get(symbol) or BY_PAIR.get(symbol + QUOTE)
    if instrument is None:
        raise unknown_symbol()
    return instrument
