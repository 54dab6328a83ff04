"""What execution and the exchange hold after a run."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import aiohttp
import asyncpg

from tests.support.orders.evidence import Books, Placed, at_venue, placed, read_books
from tests.support.orders.judge import RESTING
from tests.support.stack import Stack
from tests.support.trading import journal
from uchat_execution.adapters.binance_api import BinanceApi
from uchat_execution.adapters.paper_keys import PaperKeys
from uchat_platform.clock import SystemClock

AT_ONCE = 8
_SETTLED = frozenset({"filled", "cancelled", "rejected", "not_placed"})
_WORKING = frozenset({"approved", "executing"})
LOOK_S = 0.5


async def books_of(stack: Stack) -> Books:
    """Read what execution has written down."""
    connection = await asyncpg.connect(str(stack.endpoints()["postgres"]))
    try:
        return await read_books(connection)
    finally:
        await connection.close()


async def journal_of(stack: Stack) -> list[Placed]:
    """Read every order that the exchange has taken."""
    async with aiohttp.ClientSession() as http:
        return placed(await journal(http, str(stack.endpoints()["exchange"])))


async def venue_of(stack: Stack, books: Books) -> Mapping[str, Mapping[str, Decimal]]:
    """Return what the exchange holds for each account: units by asset."""
    keys = PaperKeys.load(stack.data_dir / "keys" / "paper")
    slots = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession() as http:
        api = BinanceApi(http, str(stack.endpoints()["exchange"]), SystemClock())

        async def one(account: str) -> Mapping[str, Decimal]:
            async with slots:
                answer = await api.signed("GET", "/api/v3/account", {}, keys.of(account))
                if not answer.ok:
                    raise ValueError(f"Expected the balances of {account}, found {answer.body}")
                return at_venue(answer.body)

        accounts = list(books.accounts)
        return dict(zip(accounts, await asyncio.gather(*map(one, accounts)), strict=True))


def under_way(books: Books) -> int:
    """Return how many orders and decisions have not come to rest."""
    orders = sum(leg.state not in _SETTLED | RESTING for leg in books.legs)
    resting = {leg.decision_id for leg in books.legs if leg.state in RESTING}
    return orders + sum(
        each.state in _WORKING and each.decision_id not in resting for each in books.decided
    )


async def settled(stack: Stack, give_up_s: float) -> tuple[bool, float]:
    """Wait until nothing is under way; return whether it came to that, and after how long."""
    begun = datetime.now(UTC)
    while True:
        took = (datetime.now(UTC) - begun).total_seconds()
        try:
            if not under_way(await books_of(stack)):
                return True, took
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            pass
        if took > give_up_s:
            return False, took
        await asyncio.sleep(LOOK_S)
