"""What one owns and did."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Response

from uchat_contracts.trading import Allocation, CostMethod, Pnl, Portfolio
from uchat_contracts.trading.plan import Positive, Symbol
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.answers import Cursor, Limit, json_answer, page_answer
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import CurrentActor, requires
from uchat_gateway.doors.trading.models import (
    Cancel,
    Cancelled,
    MovementList,
    OrderList,
    PositionList,
    TradeList,
    text_of,
)
from uchat_gateway.ports.trading import JsonPage, Portfolios
from uchat_platform.errors import InvalidInputError

_READ = [requires(Permission.CHAT_READ)]
_ACT = [requires(Permission.DECISION_APPROVE_OWN)]

Of = Annotated[Symbol | None, Query(description="A base asset, as BTC; absent: all")]
At = Annotated[
    str,
    Query(
        alias="venue",
        pattern=r"^([a-z0-9_-]{1,32})?$",
        description="A live exchange at which an account is connected; absent: the paper account",
    ),
]


def router(portfolios: Portfolios) -> APIRouter:
    """Return the routes on portfolio, positions, orders and trades."""
    routes = APIRouter()
    _add_portfolio(routes, portfolios)
    _add_orders(routes, portfolios)
    _add_figures(routes, portfolios)
    return routes


def _add_portfolio(routes: APIRouter, portfolios: Portfolios) -> None:
    @routes.get("/portfolio", dependencies=_READ, response_model=Portfolio)
    async def get_portfolio(actor: CurrentActor, venue: At = "") -> Response:
        """Return everything that the caller owns; a paper account is opened at first."""
        return json_answer(await portfolios.portfolio(actor, venue))

    @routes.get("/positions", dependencies=_READ, response_model=PositionList)
    async def list_positions(
        actor: CurrentActor, venue: At = "", cursor: Cursor = "", limit: Limit = 50
    ) -> Response:
        """List the caller's holdings, as they are valued now."""
        holdings: list[Any] = orjson.loads(await portfolios.portfolio(actor, venue))["holdings"]
        start = _place(cursor)
        page = holdings[start : start + limit]
        more = start + limit < len(holdings)
        items = [orjson.dumps(each) for each in page]
        return page_answer("positions", JsonPage(items, str(start + limit) if more else None))


def _add_orders(routes: APIRouter, portfolios: Portfolios) -> None:
    @routes.get("/orders", dependencies=_READ, response_model=OrderList)
    async def list_orders(
        *,
        actor: CurrentActor,
        is_open: Annotated[bool, Query(alias="open", description="Only open ones")] = False,
        symbol: Of = None,
        venue: At = "",
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> Response:
        """List the caller's orders, latest first, by cursor."""
        page = await portfolios.orders(
            actor, open_only=is_open, symbol=symbol or "", cursor=cursor, limit=limit, venue=venue
        )
        return page_answer("orders", page)

    @routes.post(
        "/orders/cancel", dependencies=_ACT, response_model=Cancelled, responses=problems(404, 409)
    )
    async def cancel_orders(actor: CurrentActor, body: Cancel) -> Response:
        """Cancel open orders. It can only lower a risk and needs no approval."""
        page = await portfolios.cancel(
            replace(actor, interface=body.interface),
            order_ids=body.order_ids,
            symbol=body.symbol or "",
            venue=body.venue or "",
        )
        return json_answer(
            orjson.dumps({"orders": [orjson.Fragment(order) for order in page.items]})
        )

    @routes.get("/trades", dependencies=_READ, response_model=TradeList)
    async def list_trades(
        *,
        actor: CurrentActor,
        symbol: Of = None,
        venue: At = "",
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> Response:
        """List the caller's fills, latest first, by cursor."""
        page = await portfolios.trades(
            actor, symbol=symbol or "", cursor=cursor, limit=limit, venue=venue
        )
        return page_answer("trades", page)

    @routes.get("/movements", dependencies=_READ, response_model=MovementList)
    async def list_movements(
        actor: CurrentActor, venue: At = "", cursor: Cursor = "", limit: Limit = 50
    ) -> Response:
        """List what came or went otherwise than by a decision, latest first, by cursor."""
        page = await portfolios.movements(actor, cursor=cursor, limit=limit, venue=venue)
        return page_answer("movements", page)


def _add_figures(routes: APIRouter, portfolios: Portfolios) -> None:
    @routes.get("/pnl", dependencies=_READ, response_model=Pnl)
    async def get_pnl(
        actor: CurrentActor,
        period: Annotated[
            Literal["day", "week", "month", "all"],
            Query(description="The one that runs now, in the caller's time zone"),
        ] = "day",
        method: Annotated[CostMethod, Query(description="What a sale takes as its cost")] = (
            "average"
        ),
        venue: At = "",
    ) -> Response:
        """Return profit and loss of a period, net of fees, and of those before it."""
        return json_answer(await portfolios.pnl(actor, period, method, venue))

    @routes.get("/allocation", dependencies=_READ, response_model=Allocation)
    async def plan_allocation(
        actor: CurrentActor,
        amount: Annotated[Positive, Query(description="In quote currency")],
        profile: Literal["cautious", "balanced", "bold"] = "balanced",
    ) -> Response:
        """Suggest how an amount could be spread. Nothing is ordered by it."""
        return json_answer(
            await portfolios.allocation(actor, amount=text_of(amount), profile=profile)
        )


def _place(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):  # noqa: PLR2004 - digits
        raise InvalidInputError("Expected the `next` of a page", code="invalid_cursor")
    return int(cursor)
