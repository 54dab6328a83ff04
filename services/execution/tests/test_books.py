"""What the database itself guards, and in which order things are told."""

import asyncpg
import orjson
import pytest
from services.execution.tests.world import buy

from uchat_contracts import subjects
from uchat_contracts.events import DecisionChanged, OutcomeProposed
from uchat_contracts.trading import Card, Portfolio
from uchat_platform.bus import PartitionReader
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]


async def test_a_ledger_transaction_that_does_not_balance_is_refused(world, person):
    await world.bought(person, buy("0.01"))
    unbalanced = """
        WITH made AS (
            INSERT INTO ledger_tx (source_key, kind, account) VALUES ('x', 'x', 'a') RETURNING id
        ) INSERT INTO ledger_entry
        SELECT id, 1, 'free:a', 'USDT', 5 FROM made UNION ALL
        SELECT id, 2, 'venue:paper', 'BTC', -5 FROM made
    """
    with pytest.raises(asyncpg.CheckViolationError):
        await world.pool.execute(unbalanced)


@pytest.mark.parametrize("table", ["ledger_tx", "ledger_entry", "decision_event", "order_event"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "TRUNCATE {}"])
async def test_history_cannot_be_changed(world, person, table, statement):
    column = {"ledger_tx": "kind", "ledger_entry": "amount"}.get(table, "state")
    with pytest.raises((asyncpg.RestrictViolationError, asyncpg.FeatureNotSupportedError)):
        await world.pool.execute(statement.format(table, column, column))


async def outcomes(bus, log, wanted):
    """The first outcomes that were proposed to a log."""
    found = []
    reader = PartitionReader(bus, subjects.PROPOSED, f"uchat.proposed.v1.*.outcome.{log}", 0)
    async with reader:
        async for batch in reader.batches():
            found += [OutcomeProposed.model_validate_json(each.payload) for each in batch]
            if len(found) >= wanted:
                return found
    return found


async def test_what_happened_is_told_in_order_to_both_logs_and_to_subscribers(
    world, person, bus_for
):
    card = await world.bought(person, buy("0.01"))
    bus = await bus_for("sessions")
    [*told] = await outcomes(bus, card.session_id, 4)
    assert [(each.rev, each.kind) for each in told] == [
        (1, "decision"),
        (2, "decision.resolved"),
        (3, "execution"),
        (4, "execution"),
    ]
    for each in told:
        shown = Card.model_validate(each.data)
        assert (shown.rev, shown.user_id) == (each.rev, each.user_id)
        assert each.about == f"decision:{shown.decision_id}"
    own = await outcomes(bus, person, 5)
    assert [each.rev for each in own if each.about.startswith("decision:")] == [1, 2, 3, 4]
    [changed] = [each for each in own if each.kind == "portfolio.changed"]
    portfolio = Portfolio.model_validate(changed.data)
    assert portfolio.holdings[0].symbol == "BTC"
    assert changed.about == f"portfolio:{portfolio.account}"

    async def empty():
        return await world.pool.fetchval("SELECT count(*) FROM outbox") == 0

    await eventually(empty)
    subscriber = await bus_for("subscriber")
    filter_ = f"uchat.decision.v1.*.{card.decision_id}"
    reader = PartitionReader(subscriber, subjects.TRADING, filter_, 0)
    states = []
    async with reader:
        async for batch in reader.batches():
            states += [DecisionChanged.model_validate_json(each.payload).state for each in batch]
            if len(states) == 4:
                break
    assert states == ["awaiting_approval", "approved", "executing", "executed"]


async def test_what_a_crash_left_untold_is_told_by_another_replica(still_world, person, bus_for):
    world = still_world
    app = await world.replica(running=False)
    card = await world.propose(person, buy("0.01"))
    assert await world.pool.fetchval("SELECT count(*) FROM outbox") >= 1
    await world.stop(app)
    await world.replica()
    bus = await bus_for("sessions")
    [first, *_] = await outcomes(bus, person, 1)
    assert first.about == f"decision:{card.decision_id}"


async def test_every_event_is_kept(world, person):
    card = await world.bought(person, buy("0.01"))
    rows = await world.pool.fetch(
        "SELECT rev, state, card FROM decision_event WHERE decision_id = $1 ORDER BY rev",
        card.decision_id,
    )
    assert [row["rev"] for row in rows] == list(range(1, card.rev + 1))
    assert orjson.loads(rows[-1]["card"])["state"] == card.state == "executed"
    orders = await world.pool.fetch("SELECT state, source FROM order_event ORDER BY rev")
    assert [tuple(row) for row in orders] == [
        ("ready", "worker"),
        ("submitting", "worker"),
        ("filled", "venue"),
    ]
