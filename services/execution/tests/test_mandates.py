"""Signed mandates: what they cover, what suspends them, and what a changed row is worth."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from services.execution.tests.world import buy, proposed

from uchat_contracts import ids
from uchat_contracts.trading import Mandate
from uchat_execution.adapters.mandate_key import MandateKey
from uchat_execution.domain.mandates import SignedLimit
from uchat_execution.service.mandates import Mandates
from uchat_platform.errors import ConflictError, InvalidInputError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROUNDS = int(os.environ.get("UCHAT_TEST_ROUNDS", "50"))  # noqa: TID251 - of a test
AT_A_TIME = 50
PRICED = 25


def limit(**changes):
    return SignedLimit(
        **{
            "mandate_id": "mdt_1",
            "person": "user_1",
            "per_day": Decimal("1000.50"),
            "quote_currency": "USDT",
            "symbols": ("ETH", "BTC"),
            "rev": 1,
            "granted_at": NOW,
            "granted_via": "web_ui",
            "expires_at": NOW + timedelta(days=1),
            "ended": None,
            "ended_at": None,
            "revoked_via": None,
            "used_day": NOW.date(),
            "used": Decimal(0),
            **changes,
        }
    )


def test_the_policy_is_written_in_one_way_only():
    policy = limit().policy()
    assert policy == (
        b'{"drawdown_stop":null,"expires_at":"2026-11-24T12:00:00.000000+00:00",'
        b'"granted_at":"2026-11-23T12:00:00.000000+00:00","granted_via":"web_ui",'
        b'"mandate_id":"mdt_1","per_day":"1000.5","per_order":null,"person":"user_1",'
        b'"quote_currency":"USDT","symbols":["BTC","ETH"],"v":1}'
    )
    same = limit(per_day=Decimal("1000.500000000000000000"), symbols=("BTC", "ETH"), used=9, rev=7)
    assert same.policy() == policy


@pytest.mark.parametrize(
    "change",
    [
        {"per_day": Decimal(2000)},
        {"per_order": Decimal(5)},
        {"drawdown_stop": Decimal("0.1")},
        {"symbols": ()},
        {"person": "user_2"},
        {"mandate_id": "mdt_2"},
        {"expires_at": NOW + timedelta(days=2)},
        {"signature": "AAAA"},
        {"signature": "no base64!"},
        {"signature": None},
        {"key_id": "other"},
    ],
)
def test_whatever_is_changed_is_forged(change):
    mandates = Mandates(MandateKey.of(b"m" * 32))
    signed = mandates.signed(limit())
    assert not mandates.is_forged(signed)
    values = {name: getattr(signed, name) for name in SignedLimit.__slots__} | change
    assert mandates.is_forged(SignedLimit(**values))
    assert Mandates(MandateKey.of(b"n" * 32)).is_forged(signed)


@pytest.mark.parametrize(("content", "found"), [("", "0"), ("AAAA", "3"), ("%", "Cannot read")])
def test_a_key_that_is_none_is_said_so(tmp_path, content, found):
    path = tmp_path / "key"
    path.write_text(content)
    with pytest.raises(InvalidInputError, match=found) as caught:
        MandateKey.load(path)
    assert caught.value.code == "mandate_key_unusable"


async def grant(world, person, per_day="1000", *, app=None, **more):
    more = {"via": "web_ui", "op_id": None, **more}
    expires = datetime.now(UTC) + timedelta(days=1)
    return await (app or world.app).safety.grant(person, Decimal(per_day), [], expires, **more)


async def only(world, person):
    [found] = await world.app.safety.mandates(person, active_only=False, before=None, limit=5)
    return found


async def test_an_order_that_is_too_large_for_it_waits_for_the_person(world, person):
    granted = await grant(world, person, per_order=Decimal(500), drawdown_stop=Decimal("0.1"))
    assert (granted.per_order, granted.drawdown_stop) == (Decimal(500), Decimal("0.1"))
    assert granted.signature
    assert granted.key_id
    card = await world.propose(person, buy("0.0052"))
    assert card.state == "awaiting_approval"
    [warning] = card.warnings
    assert warning.code == "outside_mandate"
    assert "at most 500.00 USDT" in warning.text
    assert (await world.propose(person, buy("0.005"))).resolved.mandate_id == granted.mandate_id


async def test_a_row_that_was_changed_by_hand_is_not_used_told_and_stays_so(world, person):
    granted = await grant(world, person, "100")
    await world.pool.execute("UPDATE mandate SET per_day = 100000 WHERE person = $1", person)
    card = await world.propose(person, buy("0.01"))
    assert card.state == "awaiting_approval"
    assert "changed it in the database" in card.warnings[0].text
    shown = await only(world, person)
    assert shown.suspended.code == "mandate_forged"
    # To put it back helps nobody: it was touched.
    await world.pool.execute("UPDATE mandate SET per_day = 100 WHERE person = $1", person)
    assert (await world.propose(person, buy("0.0001"))).state == "awaiting_approval"
    told = await world.pool.fetch(
        "SELECT body FROM safety_event WHERE about = $1 ORDER BY rev",
        f"mandate:{granted.mandate_id}",
    )
    events = [Mandate.model_validate_json(row["body"]) for row in told]
    assert [event.suspended and event.suspended.code for event in events] == [
        None,
        "mandate_forged",
    ]
    again = await grant(world, person, "1000")
    assert (await world.propose(person, buy("0.0002"))).resolved.mandate_id == again.mandate_id


async def test_a_listing_finds_a_forged_one_too(world, person):
    await grant(world, person)
    await world.pool.execute("UPDATE mandate SET drawdown_stop = 1 WHERE person = $1", person)
    assert (await only(world, person)).suspended.code == "mandate_forged"


async def test_a_drawdown_suspends_it_until_it_is_granted_anew(world, person):
    await grant(world, person, "5000", drawdown_stop=Decimal("0.02"))
    first = await world.propose(person, buy("0.02"))
    await world.until(person, first.decision_id, "executed")
    await world.pin("BTC", "80000.00")
    await world.app.drawdown.look()
    suspended = await only(world, person)
    assert suspended.suspended.code == "mandate_drawdown"
    assert suspended.state == "active"
    await world.pin("BTC", "96000.00")
    await world.app.drawdown.look()
    assert (await world.propose(person, buy("0.001"))).state == "awaiting_approval"
    await grant(world, person, "5000", drawdown_stop=Decimal("0.02"))
    assert (await world.propose(person, buy("0.0011"))).resolved.via == "autonomous"


async def test_in_emergency_mode_none_is_granted_and_amounts_are_checked(world, person):
    await world.app.modes.set(person, "emergency", via="web_ui")
    with pytest.raises(ConflictError) as caught:
        await grant(world, person)
    assert caught.value.code == "mode_emergency"
    for changes, code in (
        ({"per_order": Decimal(1001)}, "invalid_amount"),
        ({"per_order": Decimal(0)}, "invalid_amount"),
        ({"drawdown_stop": Decimal(2)}, "invalid_drawdown"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            await grant(world, person, **changes)
        assert refused.value.code == code


async def race(world, person, n):
    """Two approvals at once, on two replicas, for what is enough for one; how they ended."""
    apps = world.apps[:2]
    # Two quantities: the same one twice would not approve itself for another reason.
    events = [proposed(person, [buy(f"0.000{6 + each}{n % 10}")]) for each in range(2)]
    await asyncio.gather(
        *(app.proposing.propose(event) for app, event in zip(apps, events, strict=True))
    )
    return [(await world.card(person, event.decision_id)).state for event in events]


@pytest.mark.timeout(1800)
async def test_two_racing_for_the_last_of_the_cap_are_one_every_time(still_world):
    world = still_world
    for _ in range(2):
        await world.replica(running=False, risk_reference_age_s=60)
    await world.pin("BTC", "96000.00")
    ended = []
    for n in range(ROUNDS):
        if n % AT_A_TIME == 0:
            # What was bought before fills nobody else's portfolio.
            person = ids.new_person_id()
            mandate = await grant(world, person, "100")
        if n % PRICED == 0:
            await asyncio.gather(*(market.refresh() for market in world.markets))
        # What was used and what was proposed lately do not count against the next round.
        await world.pool.execute("UPDATE mandate SET used = 0 WHERE person = $1", person)
        await world.pool.execute(
            "UPDATE decision SET proposed_at = proposed_at - interval '1 hour'"
        )
        ended.append(sorted(await race(world, person, n)))
        used = await world.pool.fetchval("SELECT used FROM mandate WHERE person = $1", person)
        assert 0 < used <= mandate.per_day
    assert ended == [["approved", "awaiting_approval"]] * ROUNDS
