"""What people do at the exchange by hand, and comparing their accounts at once."""

from datetime import timedelta

from services.execution.tests.world import KEYS

from uchat_platform.testing import eventually


async def opened(world, person):
    """The person's account, known to the exchange."""
    account = await world.app.keeper.of(person)

    async def there():
        async with world.app.books.unit() as unit:
            known = await unit.accounts.get(account.account)
            return known if known.at_venue else None

    return await eventually(there)


async def by_hand(world, account, path, **body):
    """Trade, deposit or withdraw as at the exchange's own site."""
    key = KEYS.of(account.account).api_key
    answer = await world.simulator.post(f"/sim/{path}", json={"account": key, **body})
    assert answer.is_success, answer.text
    return answer.json()


async def compared(world, account, app=None):
    """Compare an account now; returns how it stands then."""
    app = app or world.app
    await eventually(lambda: app.reconciler.gate.since)
    async with app.books.unit() as unit:
        standing = await unit.truth.claim(account.account, timedelta(seconds=30))
    await app.reconciler.compare(standing)
    async with app.books.unit() as unit:
        return await unit.truth.standing(account.account)


async def held(world, account):
    """Units by asset, and the sum of what is realised."""
    async with world.app.books.unit() as unit:
        return await unit.accounts.balances(account.account)
