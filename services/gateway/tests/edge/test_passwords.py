import asyncio

import pytest

from uchat_gateway.adapters.passwords import Argon2Passwords
from uchat_platform.errors import UnavailableError


@pytest.fixture
def passwords():
    made = Argon2Passwords(workers=1)
    yield made
    made.close()


async def test_a_hash_is_argon2id_and_recognises_its_password_only(passwords):
    one, two = await passwords.hash("Correct1horse"), await passwords.hash("Correct1horse")
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != two
    assert await passwords.verify(one, "Correct1horse")
    assert not await passwords.verify(one, "Correct1horsE")
    assert not await passwords.verify("no hash", "Correct1horse")


async def test_nobody_has_no_password_not_even_the_one_that_stands_in(passwords):
    assert not await passwords.verify(None, "nobody has this password")


async def test_the_loop_goes_on_while_passwords_are_hashed(passwords):
    hashing = [asyncio.create_task(passwords.hash("Correct1horse")) for _ in range(5)]
    turns_before_done = []
    while not all(task.done() for task in hashing):
        turns_before_done.append(sum(task.done() for task in hashing))
        await asyncio.sleep(0)
    # One thread hashes them in turn; the loop came round while each of them was at work.
    assert set(turns_before_done) >= {0, 1, 2, 3, 4}


async def test_more_than_can_wait_are_sent_away(passwords):
    waiting = [asyncio.create_task(passwords.hash("Correct1horse")) for _ in range(64)]
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError) as refused:
        await passwords.hash("Correct1horse")
    assert refused.value.code == "sign_in_busy"
    for task in waiting[5:]:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await passwords.hash("Correct1horse")
