"""How one's account did, its ledger, files of it, and what figures are told in."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from uchat_contracts.trading import Equity, Preferences
from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.answers import Cursor, Limit, json_answer, page_answer
from uchat_gateway.doors.problems import problems
from uchat_gateway.doors.security import CurrentActor, requires
from uchat_gateway.doors.trading import export
from uchat_gateway.doors.trading.holdings import At
from uchat_gateway.doors.trading.models import LedgerPage, Prefer
from uchat_gateway.ports.access import Limiter
from uchat_gateway.ports.books import Books
from uchat_gateway.ports.trading import Portfolios

_READ = [requires(Permission.CHAT_READ)]
_WRITE = [requires(Permission.CHAT_WRITE)]


def router(books: Books, portfolios: Portfolios, limiter: Limiter) -> APIRouter:
    """Return the routes on performance, ledger, files and preferences."""
    routes = APIRouter()
    _add_books(routes, books)
    _add_preferences(routes, books)
    _add_export(routes, export.sources(books, portfolios), limiter)
    return routes


def _add_books(routes: APIRouter, books: Books) -> None:
    @routes.get("/equity", dependencies=_READ, response_model=Equity)
    async def get_equity(
        actor: CurrentActor,
        period: Annotated[
            Literal["day", "week", "month", "year", "all"],
            Query(description="So long until now: 1, 7, 30 or 365 days"),
        ] = "month",
        venue: At = "",
    ) -> Response:
        """Return what the account was worth over time, with drawdown and time-weighted return."""
        return json_answer(await books.equity(actor, period, venue))

    @routes.get("/ledger", dependencies=_READ, response_model=LedgerPage)
    async def list_ledger(
        actor: CurrentActor, venue: At = "", cursor: Cursor = "", limit: Limit = 50
    ) -> Response:
        """List the entries of the double-entry ledger, latest first, by cursor."""
        page = await books.ledger(actor, cursor=cursor, limit=limit, venue=venue)
        return page_answer("entries", page)


def _add_preferences(routes: APIRouter, books: Books) -> None:
    @routes.get("/preferences", dependencies=_READ, response_model=Preferences)
    async def get_preferences(actor: CurrentActor) -> Response:
        """Return the time zone and the currency that figures are told in."""
        return json_answer(await books.preferences(actor))

    @routes.patch("/preferences", dependencies=_WRITE, response_model=Preferences)
    async def set_preferences(actor: CurrentActor, body: Prefer) -> Response:
        """Change the time zone, the currency, or both; what is absent stays.

        A currency that no market here quotes is kept, and figures stay in the account's: the answer
        says so in `currency_note`.
        """
        chosen = await books.prefer(
            actor, time_zone=body.time_zone or "", currency=body.currency or ""
        )
        return json_answer(chosen)


def _add_export(routes: APIRouter, files: export.Sources, limiter: Limiter) -> None:
    @routes.get(
        "/export/{name}.csv",
        dependencies=_READ,
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}, **problems(404, 429)},
    )
    async def export_csv(
        actor: CurrentActor, name: Literal["trades", "ledger", "orders"], venue: At = ""
    ) -> Response:
        """Return all trades, ledger entries or orders as CSV, latest first.

        UTF-8 by RFC 4180 with a head line; text that a spreadsheet would calculate has a quote
        before it. A file that ends early ends with an error of the connection.
        """
        await limiter.hit_export(actor.person_id)
        return await export.csv_answer(name, files[name], actor, venue)
