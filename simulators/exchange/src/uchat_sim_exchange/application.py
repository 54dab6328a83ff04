"""Puts the exchange together: journal, market, engine, routes, and the task that fills orders."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from uchat_platform.clock import Clock, SystemClock
from uchat_sim_exchange.errors import ExchangeError
from uchat_sim_exchange.exchange import Exchange
from uchat_sim_exchange.faults import Faults
from uchat_sim_exchange.history import History
from uchat_sim_exchange.http.answers import answer, refusal
from uchat_sim_exchange.http.door import Door
from uchat_sim_exchange.http.market import MarketRoutes
from uchat_sim_exchange.http.queries import QueryRoutes
from uchat_sim_exchange.http.sim import SimRoutes
from uchat_sim_exchange.http.sim_faults import FaultRoutes
from uchat_sim_exchange.http.sim_money import MoneyRoutes
from uchat_sim_exchange.http.trading import TradingRoutes
from uchat_sim_exchange.http.user_stream import UserStreamRoutes
from uchat_sim_exchange.http.wallet import WalletRoutes
from uchat_sim_exchange.journal import Journal
from uchat_sim_exchange.limits import Limits
from uchat_sim_exchange.market import Market
from uchat_sim_exchange.prices.choosing import Choice
from uchat_sim_exchange.rules import Rules
from uchat_sim_exchange.user_stream import UserStream
from uchat_sim_exchange.views import Views

_CLOCK: Final = SystemClock()
_TICK_S: Final = 0.5
_SYNTHETIC: Final = Choice()


@asynccontextmanager
async def open_exchange(
    directory: Path,
    seed: str,
    clock: Clock = _CLOCK,
    rules: Rules | None = None,
    choice: Choice = _SYNTHETIC,
) -> AsyncGenerator[Starlette]:
    """Open the exchange whose journal lies in `directory`; yields its REST API.

    Raises:
        sqlite3.Error: the journal can no longer be written; whoever waits inside is cancelled.
        InvalidInputError: a replay has no file, or one that cannot be read.
    """
    journal = Journal.open(directory)
    try:
        async with choice.opened(journal, seed, clock) as prices, asyncio.TaskGroup() as tasks:
            exchange = Exchange.restored(Market(seed, clock, prices), journal, rules)
            tasks.create_task(journal.run())
            working = [tasks.create_task(work) for work in (_fill(exchange), prices.run())]
            try:
                yield _application(exchange)
            finally:
                for work in working:
                    work.cancel()
                journal.finish()
    finally:
        journal.close()


async def _fill(exchange: Exchange) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        exchange.match_resting()


def _application(exchange: Exchange) -> Starlette:
    faults, history = Faults(), History(exchange.journal)
    limits = Limits(exchange.rules)
    door = Door(exchange, faults, limits)
    stream = UserStream(faults)
    exchange.journal.publish = stream.publish
    routes = [
        *TradingRoutes(exchange, door).routes(),
        *QueryRoutes(exchange, Views(exchange, history, faults), door).routes(),
        *WalletRoutes(exchange, history, door).routes(),
        *MarketRoutes(exchange.market, door).routes(),
        *UserStreamRoutes(stream, door).routes(),
        *SimRoutes(exchange, history, limits).routes(),
        *FaultRoutes(exchange, faults).routes(),
        *MoneyRoutes(exchange).routes(),
        Route("/readyz", _ready),
    ]
    handlers = {ExchangeError: _refuse, ValidationError: _not_understood}
    return Starlette(routes=routes, exception_handlers=handlers)


async def _ready(_request: Request) -> Response:
    return answer({"ready": True})


async def _refuse(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ExchangeError):
        raise error
    return refusal(error)


async def _not_understood(_request: Request, error: Exception) -> Response:
    return answer({"code": "invalid_input", "detail": str(error)}, 422)
