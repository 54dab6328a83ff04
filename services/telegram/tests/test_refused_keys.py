"""A key that its exchange does not accept any more is told once, and again when it works."""

from datetime import timedelta

import pytest
from services.telegram.tests.around import NOW
from services.telegram.tests.conftest import Replica, World

from uchat_contracts.trading import KeyChanged
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


async def test_a_key_that_is_refused_is_told_once_and_again_when_it_works(
    world: World, replica: Replica
):
    user = world.join()
    person, _ = world.sessions.person(user.id)
    refused = KeyChanged(
        venue="binance", account="acct_1", masked="…ab12", may_trade=True, refused_at=NOW,
        connected_at=NOW, connected_via="web_ui", user_id=person, rev=1,
        text="Binance does not accept your key any more.", at=NOW,
    )  # fmt: skip
    again = refused.model_copy(
        update={"refused_at": None, "rev": 2, "text": "Your key can read and trade now."}
    )
    later = refused.model_copy(update={"refused_at": NOW + timedelta(hours=1), "rev": 3})
    for key, count in ((refused, 1), (refused, 1), (again, 2), (later, 3)):
        await world.deliver(user, "venue_key", "venue_key:acct_1", key)
        await eventually(lambda count=count: len(world.told(user)) >= count)
    said = [world.text_of(message) for message in world.told(user)]
    assert [each.startswith("Real orders are stopped.") for each in said] == [True, False, True]
