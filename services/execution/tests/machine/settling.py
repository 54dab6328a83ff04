"""Heal everything and let time pass, until nothing is under way any more."""

from datetime import timedelta

from services.execution.tests.machine.arena import Arena
from tests.support.orders.evidence import Books
from tests.support.orders.judge import RESTING

_STEP = timedelta(milliseconds=1_600)
_ROUNDS = 30
_LONG = timedelta(minutes=3)
_SETTLED = frozenset({"filled", "cancelled", "rejected", "not_placed"})
_WORKING = frozenset({"approved", "executing"})


async def settle(arena: Arena) -> None:
    """Let one healthy replica work until all orders are settled, or rest in the book.

    Raises:
        AssertionError: something was still under way long after everything was well.
    """
    await arena.fault("none")
    app = arena.replicas[0].app
    for number in range(_ROUNDS):
        await arena.advance(_LONG if number == _ROUNDS // 2 else _STEP)
        for account in arena.accounts:
            await arena.compare(app, account)
        await app.triggers.look()
        await app.sweeper.deadlines()
        await app.sweeper.sweep()
        books = await arena.books()
        working = [each.decision_id for each in books.decided if each.state in _WORKING]
        for decision_id in working:
            await app.executor.advance(decision_id)
        if number and not _under_way(books):
            return
    raise AssertionError(f"Still under way:\n{await arena.story()}")


def _under_way(books: Books) -> bool:
    orders = any(leg.state not in _SETTLED | RESTING for leg in books.legs)
    resting = {leg.decision_id for leg in books.legs if leg.state in RESTING}
    return orders or any(
        each.state in _WORKING and each.decision_id not in resting for each in books.decided
    )
