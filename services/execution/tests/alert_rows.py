"""Alerts as Postgres has them."""

import orjson


async def outbox(world, what="alert"):
    """What waits to be told of alerts."""
    rows = await world.pool.fetch(
        "SELECT body FROM outbox WHERE what = $1 ORDER BY about, rev", what
    )
    return [orjson.loads(row["body"]) for row in rows]


async def firings(world):
    """How often alerts have told something."""
    return await world.pool.fetchval("SELECT count(*) FROM alert_event")


async def end_silences(world):
    """Let the time of every alert that is silent be over."""
    await world.pool.execute(
        "UPDATE alert SET snoozed_until = now(),"
        " body = jsonb_set(body, '{snoozed_until}', to_jsonb(now())) WHERE state = 'snoozed'"
    )


async def make_unreadable(world, alert):
    """Write an alert as a newer version would, that was taken back since."""
    await world.pool.execute(
        "UPDATE alert SET body = jsonb_set(body, '{state}', '\"resting\"') WHERE alert_id = $1",
        alert.alert_id,
    )
