"""Routes for what a person does at the venue by hand: trades, cancels, deposits, withdrawals."""

import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from uchat_sim_exchange.domain.orders import Ticket
from uchat_sim_exchange.errors import ExchangeError
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.http.answers import answer, cancelled_body, placed_body
from uchat_sim_exchange.http.entries import HAND_PREFIX, movement_entry
from uchat_sim_exchange.http.sim import listed
from uchat_sim_exchange.placing import place


class HandTrade(BaseModel):
    """An order by hand: at market for a `quantity` or an `amount` in USDT, or at a `price`.

    `account`: any key that the account has. `symbol`: BTCUSDT or BTC.
    """

    account: str
    symbol: str
    side: Literal["BUY", "SELL", "buy", "sell"]
    quantity: Decimal | None = Field(default=None, gt=0, allow_inf_nan=False)
    amount: Decimal | None = Field(default=None, gt=0, allow_inf_nan=False)
    price: Decimal | None = Field(default=None, gt=0, allow_inf_nan=False)


class HandCancel(BaseModel):
    """An open order to cancel by hand, by its client's id or its number."""

    account: str
    symbol: str
    client_order_id: str | None = None
    order_id: int | None = None


class Move(BaseModel):
    """Money that comes or goes; `fee`, of a withdrawal only, goes on top in the same asset."""

    account: str
    asset: str = Field(pattern=r"^[A-Z0-9]{1,12}$")
    amount: Decimal = Field(gt=0, allow_inf_nan=False)
    fee: Decimal = Field(default=Decimal(0), ge=0, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class MoneyRoutes:
    """What happens to an account without the API."""

    exchange: Exchange

    def routes(self) -> list[Route]:
        """Return the routes."""
        endpoints = (
            ("/trades", self.trade),
            ("/cancels", self.cancel),
            ("/deposits", self.deposit),
            ("/withdrawals", self.withdraw),
        )
        return [Route(f"/sim{path}", endpoint, methods=["POST"]) for path, endpoint in endpoints]

    async def trade(self, request: Request) -> Response:
        """Place an order under a client's id of the venue's own; answers it with its fills."""
        body = HandTrade.model_validate_json(await request.body())
        if (body.quantity is None) == (body.amount is None) or (body.price and body.amount):
            raise ExchangeError(-1128, "Combination of optional parameters invalid.")
        ticket = Ticket(
            f"{HAND_PREFIX}{secrets.token_hex(14)}",
            listed(body.symbol).pair,
            "BUY" if body.side.upper() == "BUY" else "SELL",
            "LIMIT" if body.price else "MARKET",
            quantity=body.quantity,
            quote_quantity=body.amount,
            price=body.price,
        )
        account = self.exchange.ledger.account(body.account)
        order, trades = await place(self.exchange, account, ticket)
        return answer(placed_body(order, trades, "FULL"))

    async def cancel(self, request: Request) -> Response:
        """Cancel an open order."""
        body = HandCancel.model_validate_json(await request.body())
        account = self.exchange.ledger.account(body.account)
        named = (body.order_id, body.client_order_id)
        order = self.exchange.open.find(account.api_key, listed(body.symbol).pair, *named)
        if order is None:
            raise ExchangeError(-2011, "Unknown order sent.")
        cancel_id = f"{HAND_PREFIX}{secrets.token_hex(14)}"
        self.exchange.cancel(account, order, cancel_id)
        await self.exchange.journal.settled()
        return answer(cancelled_body(order, cancel_id))

    async def deposit(self, request: Request) -> Response:
        """Add to what an account has."""
        body = Move.model_validate_json(await request.body())
        ledger, now = self.exchange.ledger, self.exchange.market.now_ms()
        account = ledger.account(body.account)
        movement = ledger.deposit(account, body.asset, body.amount, now)
        await self.exchange.journal.settled()
        return answer(movement_entry(movement))

    async def withdraw(self, request: Request) -> Response:
        """Take from what an account has free."""
        body = Move.model_validate_json(await request.body())
        ledger, now = self.exchange.ledger, self.exchange.market.now_ms()
        account = ledger.account(body.account)
        movement = ledger.withdraw(account, body.asset, body.amount, body.fee, now)
        await self.exchange.journal.settled()
        return answer(movement_entry(movement))
