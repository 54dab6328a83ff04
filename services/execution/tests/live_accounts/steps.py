"""What the tests do with an account at an exchange, again and again."""

from dataclasses import replace

from services.execution.tests.world import proposed

from uchat_contracts.trading import PlanRequest
from uchat_execution.domain.live import CONSENT_VERSION


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
