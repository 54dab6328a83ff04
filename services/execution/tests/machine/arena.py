"""Where the machine plays: replicas that can be struck, one clock for all, the real exchange.

Postgres, NATS and the exchange are real. Only time is not: it stands still between two steps of the
machine, and goes on for the database, the exchange and the replicas at once.
"""

import base64
import secrets
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from pydantic import SecretStr
from services.execution.tests.machine.hearing import Heard, hearing
from services.execution.tests.machine.processes import Crash, Ended, Process
from services.execution.tests.world import KEYS, VERSIONS
from tests.support.orders.evidence import Books, Placed, at_venue, placed, read_books

from uchat_execution.adapters.binance_api import BinanceApi, NoAnswerError, binance_api
from uchat_execution.adapters.binance_statements import BinanceStatements
from uchat_execution.adapters.listings import Listings
from uchat_execution.adapters.market_exchange import ExchangeMarketData
from uchat_execution.adapters.venue_binance import BinanceVenue
from uchat_execution.app import App, wire
from uchat_execution.settings import ExecutionSettings
from uchat_platform import db
from uchat_platform.bus import Bus
from uchat_platform.health import Health
from uchat_platform.testing import FixedClock, Servers, eventually
from uchat_platform.testing.databases import Databases
from uchat_sim_exchange.testing import exchange_server

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRICES = {"BTC": 50_000, "ETH": 2_500}
_CLOCK = """
CREATE TABLE execution.machine_clock (at timestamptz NOT NULL);
INSERT INTO execution.machine_clock VALUES ('2026-11-23 12:00+00');
CREATE FUNCTION execution.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT at FROM execution.machine_clock';
CREATE FUNCTION execution.now() RETURNS timestamptz LANGUAGE sql STABLE
    AS 'SELECT at FROM execution.machine_clock';
GRANT SELECT ON execution.machine_clock TO uchat_execution;
"""
_TABLES = """
SELECT tablename FROM pg_tables WHERE schemaname = 'execution' AND tablename <> 'machine_clock'
    AND tablename NOT LIKE '%migration%' AND tablename NOT LIKE 'alembic%'
"""
_STORY = """
SELECT decision_id AS about, string_agg(state, ' > ' ORDER BY rev) AS states
FROM execution.decision_event GROUP BY 1
UNION ALL
SELECT o.decision_id || ' leg ' || o.leg || ' attempt ' || o.attempt || ' epoch ' || o.epoch || ' '
    || o.client_order_id, string_agg(e.state || ' (' || e.source || ')', ' > ' ORDER BY e.rev)
FROM execution.orders o JOIN execution.order_event e USING (order_id) GROUP BY 1 ORDER BY 1
"""
_BACKENDS = "SELECT pid, state, wait_event FROM pg_stat_activity WHERE application_name = $1"


@dataclass(eq=False, repr=False)
class Replica:
    """One process of execution."""

    process: Process
    app: App
    pool: Any
    stack: AsyncExitStack


@dataclass(repr=False)
class Arena:
    """Everything that outlives an example; `restart` begins the next one."""

    settings: ExecutionSettings
    bus: Bus
    dsn: str
    owner: Any
    url: str
    simulator: httpx.AsyncClient
    clock: FixedClock
    heard: Heard
    market: ExchangeMarketData
    api: BinanceApi
    seeds: dict[str, list[Any]] = field(default_factory=dict)
    replicas: list[Replica] = field(default_factory=list)
    stalled: list[Replica] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    number: int = 0
    journal_from: int = 0

    async def restart(self, replicas: int = 2, **changes: Any) -> None:
        """Forget everything, and start replicas anew. `changes` are settings."""
        self.settings = self.settings.model_copy(update=changes)
        self.accounts.clear()
        self.heard.events.clear()
        await self._empty()
        self.journal_from = max([order.order_id for order in await self.journal()], default=0)
        self.clock.__init__(START)
        await self.fault("none")
        await self._tell_time()
        for symbol, price in PRICES.items():
            await self.pin(symbol, f"{price}.00")
        for _ in range(replicas):
            self.replicas.append(await self.start())

    async def start(self) -> Replica:
        """Start a replica, as another process would."""
        self.number += 1
        name = f"replica-{self.number}"
        stack = AsyncExitStack()
        api = await stack.enter_async_context(binance_api(self.url, self.clock))
        pool = await db.connect_pool(
            self.dsn,
            max_size=8,
            server_settings={"application_name": name, "search_path": "execution, pg_catalog"},
        )
        settings = self.settings.model_copy(update={"replica": name})
        venue = BinanceVenue(api, self.market.listings, KEYS)
        statements = BinanceStatements(api, self.market.listings, KEYS)
        app = wire(settings, pool, self.bus, self.market, venue, statements=statements)
        await app.reconciler.begin()
        replica = Replica(Process(name), app, pool, stack)
        for account in self.accounts:
            await self.compare(app, account)
        return replica

    @staticmethod
    async def compare(app: App, account: str) -> None:
        """Compare an account with the exchange: nothing of it is sent before."""
        async with app.books.unit() as unit:
            standing = await unit.truth.claim(account, timedelta(seconds=30))
        if standing is not None:
            await app.reconciler.compare(standing)

    async def run(self, n: int, work: Any, crash: Crash | None = None) -> tuple[Ended, Replica]:
        """Do some work at a replica (`work` gets its app); what is struck is dealt with.

        Returns how it ended and the replica; one that was killed or stalled is replaced.
        """
        replica = self.replicas[n % len(self.replicas)]
        ended = await replica.process.run(work(replica.app), crash)
        if ended.stopped == "cut":
            await self._cut(replica)
            ended = await replica.process.resume()
        elif ended.stopped == "kill":
            await self.bury(replica)
        elif ended.stopped == "stall":
            await self._let_go(replica)
            self.stalled.append(replica)
        if ended.stopped in ("kill", "stall"):
            self.replicas[n % len(self.replicas)] = await self.start()
        return ended, replica

    async def bury(self, replica: Replica) -> None:
        """End a process as kill -9 does: its connections are gone, then its tasks."""
        replica.pool.terminate()
        await replica.stack.aclose()
        await replica.process.die()
        await self._cut(replica)

    async def close(self) -> None:
        """End every replica, stalled ones too."""
        for replica in [*self.replicas, *self.stalled]:
            if not replica.process.is_dead:
                await self.bury(replica)
        self.replicas.clear()
        self.stalled.clear()

    async def advance(self, by: timedelta) -> None:
        """Let time pass, for everybody at once."""
        self.clock.advance(by)
        await self._tell_time()
        await self.market.refresh()

    async def pin(self, symbol: str, price: str) -> None:
        """Fix a price; what rests at it is filled."""
        answer = await self.simulator.post("/sim/prices", json={"symbol": symbol, "price": price})
        assert answer.is_success, answer.text
        await self.market.refresh()

    async def fault(self, kind: str, **more: Any) -> None:
        """Plan a fault at the exchange."""
        answer = await self.simulator.post("/sim/faults", json={"kind": kind, **more})
        assert answer.is_success, answer.text

    async def journal(self) -> list[Placed]:
        """Return what the exchange has taken since the example began."""
        found: list[Any] = []
        while True:
            after = found[-1]["order_id"] if found else self.journal_from
            answer = await self.simulator.get("/sim/journal", params={"after": after})
            page = answer.json()["orders"]
            found += page
            if len(page) < 1000:
                return placed(found)

    async def books(self) -> Books:
        """Return what is written down."""
        return await read_books(self.owner)

    async def held_there(self, account: str) -> dict[str, Any]:
        """Return what the exchange holds for an account."""
        answer = await self.api.signed("GET", "/api/v3/account", {}, KEYS.of(account))
        assert answer.ok, answer.body
        return at_venue(answer.body)

    async def by_hand(self, account: str, params: dict[str, str]) -> None:
        """Trade at the exchange as its owner does there, past everything here."""
        with suppress(NoAnswerError):
            await self.api.signed("POST", "/api/v3/order", params, KEYS.of(account))

    async def story(self) -> str:
        """Return what became of every decision and order, one line each, for whoever must read."""
        rows = await self.owner.fetch(_STORY)
        return "\n".join(f"  {row['about']}: {row['states']}" for row in rows)

    async def _empty(self) -> None:
        await self.close()
        await self.owner.execute("SET session_replication_role = replica")
        tables = [row[0] for row in await self.owner.fetch(_TABLES)]
        if not self.seeds:
            for table in tables:
                rows = await self.owner.fetch(f"SELECT * FROM execution.{table}")
                self.seeds[table] = [tuple(row) for row in rows]
        for table in tables:
            await self.owner.execute(f"DELETE FROM execution.{table}")
            if rows := self.seeds.get(table):
                await self.owner.copy_records_to_table(table, schema_name="execution", records=rows)
        await self.owner.execute("SET session_replication_role = origin")

    async def _tell_time(self) -> None:
        await self.owner.execute("UPDATE execution.machine_clock SET at = $1", self.clock.now())

    # What `idle_in_transaction_session_timeout` does to a process that is stopped for long: whoever
    # waits for its locks waits for two seconds at most.
    async def _let_go(self, replica: Replica) -> None:
        async def rests() -> bool:
            rows = await self.owner.fetch(_BACKENDS, replica.process.name)
            for row in rows:
                # Between two messages of one statement, too: it counts as active.
                if row["state"] != "idle" and row["wait_event"] == "ClientRead":
                    await self.owner.execute("SELECT pg_terminate_backend($1)", row["pid"])
            return all(row["state"] in ("idle", None) for row in rows)

        await eventually(rests)

    async def _cut(self, replica: Replica) -> None:
        async def none() -> bool:
            # Again and again: one may just be beginning.
            rows = await self.owner.fetch(_BACKENDS, replica.process.name)
            for row in rows:
                await self.owner.execute("SELECT pg_terminate_backend($1)", row["pid"])
            return not rows

        await eventually(none, timeout_s=20)


async def open_arena(
    stack: AsyncExitStack, directory: Path, servers: Servers, databases: Databases, bus: Bus
) -> Arena:
    """Open an arena; the stack closes it."""
    clock = FixedClock(START)
    url = await stack.enter_async_context(exchange_server(directory, "uchat", clock))
    dsn = await databases.fresh("execution", VERSIONS)
    owner = await asyncpg.connect(databases.owner_dsn(dsn.rsplit("/", 1)[1].split("?")[0]))
    stack.push_async_callback(owner.close)
    await owner.execute(_CLOCK)
    secret = directory / "paper"
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
    api = await stack.enter_async_context(binance_api(url, clock))
    listings = Listings(api)
    market = ExchangeMarketData(api, listings, Health("execution"), source="paper", simulated=True)
    await listings.refresh()
    await market.refresh()
    simulator = await stack.enter_async_context(httpx.AsyncClient(base_url=url))
    heard = await stack.enter_async_context(hearing(servers))
    arena = Arena(settings, bus, dsn, owner, url, simulator, clock, heard, market, api)
    stack.push_async_callback(_close, arena)
    return arena


async def _close(arena: Arena) -> None:
    with suppress(AssertionError):
        await arena.close()
