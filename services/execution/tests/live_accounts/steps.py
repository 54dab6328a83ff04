"""What the tests do with an account at an exchange, again and again."""

from dataclasses import replace

from services.execution.tests.world import proposed

from uchat_contracts import subjects
from uchat_contracts.events import OutcomeProposed
from uchat_contracts.trading import KeyChanged, PlanRequest
from uchat_execution.domain.live import CONSENT_VERSION
from uchat_platform.bus import PartitionReader


async def compared(world, account_id, *, whole=False):
    """Have an account compared with its exchange now."""
    reconciler = world.app.reconciler
    async with world.app.books.unit() as unit:
        standing = await unit.truth.standing(account_id)
    standing = replace(standing, full_at=None) if whole else standing
    await reconciler.rounds.run(standing, reconciler.gate.since)


def heard(books):
    """What units tell of from now on."""
    told, listener = [], books.listener
    object.__setattr__(books, "listener", lambda abouts: (told.extend(abouts), listener(abouts)))
    return told


async def allowed(world, person, venue="binance"):
    async with world.app.books.unit() as unit:
        await unit.venues.switch(venue, on=True, by="an operator")
    await world.app.connecting.consent(person, venue, CONSENT_VERSION, via="web_ui")


async def propose(world, person, *legs, venue="binance"):
    event = proposed(person, list(legs))
    event = event.model_copy(update={"request": PlanRequest(legs=list(legs), venue=venue)})
    await world.app.proposing.propose(event)
    return await world.card(person, event.decision_id)


async def open_orders(world, person):
    return await world.app.portfolios.orders(
        person, None, open_only=True, before=None, limit=9, venue="binance"
    )


async def told_of_keys(bus, person, wanted):
    """So many of what a person is told of their keys, in order."""
    told, subject = [], f"uchat.proposed.v1.*.outcome.{person}"
    async with PartitionReader(bus, subjects.PROPOSED, subject, 0) as reader:
        async for batch in reader.batches():
            outcomes = [OutcomeProposed.model_validate_json(each.payload) for each in batch]
            told += [
                KeyChanged.model_validate(each.data)
                for each in outcomes
                if each.kind == "venue_key"
            ]
            if len(told) >= wanted:
                return told
    return told


async def waiting(world):
    """How many wait for a lock."""
    return await world.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted")
