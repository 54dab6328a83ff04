"""A look at the market is a few statements, however many alerts there are."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from services.execution.tests.alert_rows import firings
from services.execution.tests.world import buy

from uchat_contracts.trading import AlertRequest
from uchat_execution.adapters.postgres.alerted import PostgresAlerted
from uchat_execution.service.alerts.watching import AlertWatch

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
D = Decimal
FAR = (
    AlertRequest(kind="price", symbol="BTC", way="above", level=D(900_000)),
    AlertRequest(kind="percent", symbol="BTC", percent=D(50), window_s=3600),
    AlertRequest(kind="portfolio", way="above", level=D(900_000)),
    AlertRequest(kind="drawdown", percent=D(50)),
)
"""One of each kind that no price here comes to."""


@dataclass
class Counted:
    """A pool of connections, or the books, with what was asked of it."""

    under: Any
    rows: list[int] = field(default_factory=list)
    units: int = 0

    async def fetch(self, *query):
        found = await self.under.fetch(*query)
        self.rows.append(len(found))
        return found

    async def execute(self, *query):
        return await self.under.execute(*query)

    def unit(self):
        self.units += 1
        return self.under.unit()


@pytest.fixture
async def far(world, person):
    """A person with one alert of each kind that is far away, while nobody looks."""
    await world.bought(person, buy("0.02"))
    made = [await world.app.alerting.set(person, each, via="api") for each in FAR]
    await world.stop(world.app)
    return made


async def looked(world):
    """What a look at the newest quotes asks: statements, rows that they answer, units."""
    app = world.app
    pool, books = Counted(world.pool), Counted(app.books)
    watch = AlertWatch(books, PostgresAlerted(pool), app.alert_watch.measuring)
    for market in world.markets:
        await market.refresh()
    told = await watch.look()
    return told, len(pool.rows), sum(pool.rows), books.units


async def many(world, alert, copies):
    """Let there be so many of an alert."""
    await world.pool.execute(
        """
        INSERT INTO alert (alert_id, person, kind, symbol, way, level, state, beyond, mark,
            created_at, body)
        SELECT a.alert_id || '-' || n, person, kind, symbol, way, level, state, beyond, mark,
            created_at, jsonb_set(body, '{alert_id}', to_jsonb(a.alert_id || '-' || n))
        FROM alert a, generate_series(1, $2) AS n WHERE alert_id = $1
        """,
        alert.alert_id,
        copies,
    )


async def test_more_alerts_are_no_more_statements_and_none_that_is_far_away_is_read(world, far):
    few = await looked(world)
    for alert in far:
        await many(world, alert, 1200)
    assert await looked(world) == few
    # Of bars, alerts whose silence is over, prices, windows, moves and worths: one each.
    told, statements, _, units = few
    assert (told, statements, units) == (0, 6, 0)


@pytest.mark.parametrize(
    ("near", "price"),
    [
        (AlertRequest(kind="portfolio", way="below", level=D(9_900)), "85000.00"),
        (AlertRequest(kind="drawdown", percent=D(2)), "85000.00"),
        (AlertRequest(kind="percent", symbol="BTC", percent=D(5), window_s=3600), "85000.00"),
    ],
)
async def test_of_many_alerts_that_one_is_read_and_told_that_is_crossed(
    world, person, far, near, price
):
    await world.app.alerting.set(person, near, via="api")
    for alert in far:
        await many(world, alert, 600)
    await world.pin("BTC", price)
    told, _, _, units = await looked(world)
    assert (told, units, await firings(world)) == (1, 1, 1)
    told, _, _, units = await looked(world)
    assert (told, units) == (0, 0)


async def test_a_new_height_is_read_once_and_written(world, person, far):
    await world.pin("BTC", "110000.00")
    drawdown = "SELECT mark FROM alert WHERE kind = 'drawdown'"
    before = await world.pool.fetchval(drawdown)
    assert (await looked(world))[3] == 1
    assert await world.pool.fetchval(drawdown) > before + 100
    assert (await looked(world))[3] == 0
