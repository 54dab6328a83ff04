"""Routes for tests and development: accounts, the journal, faults, held prices."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

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


@dataclass(frozen=True, slots=True)
class SimRoutes:
    """What no real exchange has."""

    exchange: Exchange
    history: History
    faults: Faults

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix="/sim")
        for method, path, endpoint in (
            ("POST", "/accounts", self.open_account),
            ("GET", "/journal", self.journal),
            ("POST", "/faults", self.plan_fault),
            ("POST", "/prices", self.pin_price),
        ):
            router.add_api_route(path, endpoint, methods=[method], response_model=None)
        return router

    async def open_account(self, body: OpenAccount) -> Response:
        """Open an account; the same key and secret again change nothing."""
        if any(not balance.is_finite() or balance < 0 for balance in body.balances.values()):
            raise ExchangeError(-1100, "Illegal characters found in parameter 'balances'.")
        account, new = self.exchange.open_account(body.api_key, body.secret, body.balances)
        await self.exchange.journal.settled()
        balances = {asset: text(balance.free) for asset, balance in account.balances.items()}
        return answer({"api_key": account.api_key, "created": new, "balances": balances})

    async def journal(
        self, after: int = Query(0, ge=0), limit: int = Query(1000, ge=1, le=5000)
    ) -> Response:
        """Answer accepted orders of all accounts after an order number, and the next page's."""
        orders = await self.history.accepted(after, limit)
        following = orders[-1].order_id if len(orders) == limit else None
        return answer({"orders": [_entry(order) for order in orders], "next": following})

    async def plan_fault(self, body: PlanFault) -> Response:
        """Plan a fault for the next requests of a sort."""
        if body.kind == "none":
            self.faults.clear()
        else:
            self.faults.add(Fault(body.kind, body.on, body.times, body.ms))
        return answer({"planned": len(self.faults.planned)})

    async def pin_price(self, body: PinPrice) -> Response:
        """Hold a price, and fill what rests at it at once."""
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
