"""A replica of execution on real servers, at the real exchange simulator."""

import asyncio
import base64
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

import uchat_execution
from uchat_contracts import ids
from uchat_contracts.events import DecisionProposed
from uchat_contracts.trading import PlanRequest
from uchat_execution.adapters.binance_api import binance_api
from uchat_execution.adapters.binance_statements import BinanceStatements
from uchat_execution.adapters.binance_stream import BinanceStream
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.market_exchange import ExchangeMarketData
from uchat_execution.adapters.paper_keys import PaperKeys
from uchat_execution.adapters.venue_binance import BinanceVenue
from uchat_execution.app import App, wire
from uchat_execution.domain.orders import TRIGGERS
from uchat_execution.service.resolving import Answer
from uchat_execution.settings import ExecutionSettings
from uchat_platform import db
from uchat_platform.bus import Bus
from uchat_platform.clock import SystemClock
from uchat_platform.health import Health
from uchat_platform.testing import Servers, eventually
from uchat_sim_exchange.testing import exchange_server

VERSIONS = Path(uchat_execution.__file__).parent / "migrations" / "versions"
KEYS = PaperKeys(b"k" * 32)


def proposed(person, legs, *, turn=None, ordinal=0, interface="telegram"):
    turn = turn or f"turn_{ids.new_ulid()}"
    return DecisionProposed(
        occurred_at=datetime.now(UTC),
        session_id=ids.new_conversation_id(),
        decision_id=ids.derived_decision_id(turn, ordinal),
        ordinal=ordinal,
        user_id=person,
        turn_id=turn,
        message_id=ids.new_message_id(),
        interface=interface,
        request=PlanRequest(legs=legs),
    )


def buy(quantity="0.01", symbol="BTC", **more):
    return {"symbol": symbol, "side": "buy", "quantity": quantity, **more}


def sell(quantity="0.01", symbol="BTC", **more):
    return {"symbol": symbol, "side": "sell", "quantity": quantity, **more}


@dataclass(repr=False)
class World:
    """Replicas on one database, one bus and one exchange; `app` is the first one."""

    dsn: str
    bus: Bus
    url: str
    settings: ExecutionSettings
    simulator: httpx.AsyncClient
    stack: AsyncExitStack
    apps: list[App] = field(default_factory=list)
    pools: list[asyncpg.Pool] = field(default_factory=list)
    markets: list[ExchangeMarketData] = field(default_factory=list)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    tasks: dict[int, asyncio.Task] = field(default_factory=dict)

    @property
    def app(self) -> App:
        return self.apps[0]

    @property
    def pool(self):
        return self.pools[0]

    async def replica(self, *, running=True, venue=None, stream=False, live=None, **changes) -> App:
        """Start one more replica, as another process would; `stream`: it follows accounts.

        `live` makes, of a pool of connections, what reaches live exchanges.
        """
        api = await self.stack.enter_async_context(binance_api(self.url, SystemClock()))
        settings = self.settings.model_copy(update=changes)
        listings = Listings(api, without=TRIGGERS if settings.triggers_kept_here else frozenset())
        market = ExchangeMarketData(
            api, listings, Health("execution"), source="paper", simulated=True
        )
        await listings.refresh()
        await market.refresh()
        pool = await db.connect_pool(self.dsn, min_size=2, max_size=24)
        self.stack.push_async_callback(pool.close)
        own = BinanceVenue(api, listings, KEYS)
        statements = BinanceStatements(api, listings, KEYS)
        at = venue(own) if venue else own
        follows = BinanceStream(api, KEYS, "USDT") if stream else None
        app = wire(
            settings,
            pool,
            self.bus,
            market,
            at,
            stream=follows,
            statements=statements,
            live=live(pool) if live else None,
        )
        self.apps.append(app)
        self.pools.append(pool)
        self.markets.append(market)
        if running:
            self.start(app, market)
        return app

    def start(self, app, market=None):
        async def run():
            async with asyncio.TaskGroup() as group:
                group.create_task(app.run())
                if market is not None:
                    group.create_task(market.run())

        task = asyncio.ensure_future(run())
        self.tasks[id(app)] = task
        self.stack.push_async_callback(self.stop, app)

    async def stop(self, app):
        task = self.tasks.pop(id(app), None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()

    async def pin(self, symbol, price):
        """Fix a price at the exchange (None: let it go), and let every replica see it."""
        body = {"symbol": symbol, "price": price}
        async with self.reading:
            assert (await self.simulator.post("/sim/prices", json=body)).is_success
            for market in self.markets:
                await market.refresh()

    async def keep_priced(self):
        """Let every replica read prices each second, which grow old though it stands still."""
        while True:
            async with self.reading:
                for market in tuple(self.markets):
                    await market.refresh()
            await asyncio.sleep(1)

    async def fault(self, kind, **more):
        answer = await self.simulator.post("/sim/faults", json={"kind": kind, **more})
        assert answer.is_success, answer.text

    async def journal(self):
        orders, after = [], 0
        while True:
            answer = await self.simulator.get("/sim/journal", params={"after": after, "limit": 500})
            page = answer.json()["orders"]
            orders += page
            if len(page) < 500:
                return orders
            after = len(orders)

    async def propose(self, person, *legs, app=None, **more):
        """Propose and return the card."""
        event = proposed(person, list(legs), **more)
        await (app or self.app).proposing.propose(event)
        return await self.card(person, event.decision_id)

    async def card(self, person, decision_id):
        return await self.app.resolving.get(decision_id, person)

    async def answer(self, card, choice="approve", *, app=None, via="web_ui", **changes):
        answer = Answer(
            **{
                "decision_id": card.decision_id,
                "person": card.user_id,
                "via": via,
                "choice": choice,
                "plan_hash": card.plan_hash or "",
                "op_id": ids.new_ulid(),
                "wait_ms": 0,
                **changes,
            }
        )
        return await (app or self.app).resolving.resolve(answer)

    async def until(self, person, decision_id, *states, timeout_s=8.0):
        """Return the card once it is in one of the states."""

        async def there():
            card = await self.card(person, decision_id)
            return card if card.state in states else None

        try:
            return await eventually(there, timeout_s=timeout_s, every_s=0.02)
        except AssertionError:
            for task in self.tasks.values():
                if task.done():
                    task.result()
            raise AssertionError(await self.card(person, decision_id)) from None

    async def bought(self, person, *legs):
        """Propose, approve, wait for the end; return the card."""
        card = await self.propose(person, *legs)
        assert card.state == "awaiting_approval", card.reason
        status, _ = await self.answer(card)
        assert status == "accepted"
        return await self.until(person, card.decision_id, "executed", "partially_executed")

    async def check_books(self):
        """The ledger sums up to zero, and balances are what it says."""
        rows = await self.pool.fetch(
            "SELECT asset FROM ledger_entry GROUP BY asset HAVING sum(amount) <> 0"
        )
        assert not rows
        rows = await self.pool.fetch(
            """
            SELECT b.account, b.asset FROM balance b
            LEFT JOIN (SELECT book, asset, sum(amount) AS amount FROM ledger_entry GROUP BY 1, 2) f
                ON f.book = 'free:' || b.account AND f.asset = b.asset
            LEFT JOIN (SELECT book, asset, sum(amount) AS amount FROM ledger_entry GROUP BY 1, 2) r
                ON r.book = 'reserved:' || b.account AND r.asset = b.asset
            WHERE b.free <> coalesce(f.amount, 0) OR b.reserved <> coalesce(r.amount, 0)
            """
        )
        assert not rows


@asynccontextmanager
async def world_of(tmp_path, servers: Servers, bus_for, postgres_database, at=None):
    """`at`: where an exchange of the test's own is, if it has one."""
    async with AsyncExitStack() as stack:
        url = at or await stack.enter_async_context(exchange_server(tmp_path))
        dsn = await postgres_database("execution", VERSIONS)
        secret = tmp_path / "paper"
        secret.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
        settings = ExecutionSettings(
            **{
                **servers.values("execution"),
                "exchange_url": url,
                "paper_secret_file": secret,
                "mandate_key_file": secret,
            },
            postgres_dsn=SecretStr(dsn),
            risk_orders_per_minute=1000,
        )
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url))
        yield World(dsn, await bus_for("execution"), url, settings, http, stack)


@pytest.fixture
async def still_world(tmp_path, clean_streams, bus_for, postgres_database):
    """No replica runs yet."""
    async with world_of(tmp_path, clean_streams, bus_for, postgres_database) as world:
        yield world


@pytest.fixture
async def world(still_world):
    """One replica runs, BTC is at 96,000 USDT."""
    body = {"symbol": "BTC", "price": "96000.00"}
    assert (await still_world.simulator.post("/sim/prices", json=body)).is_success
    await still_world.replica()
    return still_world


@pytest.fixture
def person():
    return ids.new_person_id()


USDT = Decimal(10_000)
