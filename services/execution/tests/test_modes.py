"""Modes of people, trading states of accounts, and limits by scope."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from services.execution.tests.world import buy, sell

from uchat_contracts import ids
from uchat_contracts.trading import Reason, Trading
from uchat_execution.service.limits import Limits
from uchat_execution.service.operating import Operating
from uchat_execution.service.states import set_trading_state
from uchat_platform.errors import InvalidInputError, NotFoundError, NotPermittedError
from uchat_platform.testing import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
WHY = Reason(code="drift", text="The books and the exchange differ.")


async def set_mode(world, person, mode, **more):
    return await world.app.modes.set(person, mode, via="web_ui", **more)


async def grant(world, person):
    expires = datetime.now(UTC) + timedelta(days=1)
    return await world.app.safety.grant(
        person, Decimal(1000), [], expires, via="web_ui", op_id=None
    )


async def told(world, about):
    rows = await world.pool.fetch(
        "SELECT body FROM safety_event WHERE about = $1 ORDER BY rev", about
    )
    return [Trading.model_validate_json(row["body"]) for row in rows]


async def demand(world, person, state, source="reconciliation"):
    async with world.app.books.unit() as unit:
        account = await unit.accounts.of_person(person)
        return await set_trading_state(
            unit, account, state, None if state == "active" else WHY, source
        )


async def test_a_mandate_brings_autonomous_mode_and_its_end_assisted(world, person):
    assert (await world.app.modes.trading(person)).mode == "assisted"
    mandate = await grant(world, person)
    now = await world.app.modes.trading(person)
    assert (now.mode, now.mandate.mandate_id, now.kill_switch.on) == (
        "autonomous",
        mandate.mandate_id,
        False,
    )
    await world.app.safety.revoke(person, mandate.mandate_id, "telegram")
    events = await told(world, f"trading:{person}")
    assert [(event.mode, event.changed_via, event.rev) for event in events] == [
        ("autonomous", "web_ui", 1),
        ("assisted", "telegram", 2),
    ]


async def test_out_of_autonomous_mode_no_mandate_is_used(world, person):
    await grant(world, person)
    for mode in ("assisted", "manual"):
        await set_mode(world, person, mode)
        card = await world.propose(person, buy(f"0.000{len(mode)}"))
        assert card.state == "awaiting_approval"
        assert card.warnings == []
    await set_mode(world, person, "autonomous")
    assert (await world.propose(person, buy("0.001"))).resolved.via == "autonomous"


async def test_in_manual_mode_only_what_the_person_asks_for_is_proposed(world, person):
    await set_mode(world, person, "manual")
    own = await world.propose(person, buy("0.001"), interface="autonomous")
    assert (own.state, own.reason.code) == ("denied", "mode_manual")
    assert (await world.propose(person, buy("0.001"))).state == "awaiting_approval"


async def test_emergency_cancels_purchases_and_leaves_only_selling(world, person):
    await world.bought(person, buy("0.01"))
    resting = await world.propose(
        person, buy("0.01", type="limit", limit_price="90000"), interface="web_ui"
    )
    waiting = await world.propose(person, buy("0.002"))
    await world.answer(resting)

    async def rests():
        return await world.pool.fetchval(
            "SELECT true FROM orders WHERE decision_id = $1 AND state = 'open'",
            resting.decision_id,
        )

    await eventually(rests)
    await set_mode(world, person, "emergency")
    await world.until(person, resting.decision_id, "cancelled")
    with pytest.raises(NotPermittedError) as caught:
        await world.answer(waiting)
    assert caught.value.code == "mode_emergency"
    denied = await world.propose(person, buy("0.003"))
    assert (denied.state, denied.reason.code) == ("denied", "mode_emergency")
    assert (await world.bought(person, sell("0.005"))).state == "executed"


async def test_the_brain_may_only_lower_the_risk(world, person):
    for mode in ("manual", "emergency"):
        assert (await set_mode(world, person, mode, may_raise=False)).mode == mode
    with pytest.raises(NotPermittedError) as caught:
        await set_mode(world, person, "assisted", may_raise=False)
    assert caught.value.code == "person_needed"
    with pytest.raises(InvalidInputError) as unknown:
        await set_mode(world, person, "turbo")
    assert unknown.value.code == "unknown_mode"
    assert len(await told(world, f"trading:{person}")) == 2


async def test_the_strictest_demand_on_an_account_counts(world, person):
    await world.bought(person, buy("0.01"))
    assert (await demand(world, person, "reducing")).state == "reducing"
    assert (await demand(world, person, "reducing")).rev == 1
    denied = await world.propose(person, buy("0.001"))
    assert (denied.reason.code, WHY.text in denied.reason.text) == ("trading_reducing", True)
    assert (await demand(world, person, "halted", "operator")).state == "halted"
    halted = await world.propose(person, sell("0.001"))
    assert halted.reason.code == "trading_halted"
    assert (await demand(world, person, "active", "operator")).state == "reducing"
    assert (await world.propose(person, sell("0.001"))).state == "awaiting_approval"
    released = (await Operating(world.app.books).set(person, "active", "", via="cli"))["paper"]
    assert (released.state, released.rev) == ("active", 4)
    events = await told(world, f"trading:{person}")
    assert [event.state for event in events] == ["reducing", "halted", "reducing", "active"]


async def test_nothing_is_claimed_once_an_account_is_halted(still_world, person):
    world = still_world
    await world.replica(running=False)
    await world.pin("BTC", "96000.00")
    card = await world.propose(person, buy("0.001"))
    await world.answer(card)
    await demand(world, person, "halted")
    await world.replica()
    failed = await world.until(person, card.decision_id, "failed", timeout_s=20)
    assert failed.reason.code == "trading_halted"
    assert await world.journal() == []


async def test_operators_must_say_why_and_whom(world, person):
    await world.app.keeper.of(person)
    operating = Operating(world.app.books)
    with pytest.raises(InvalidInputError):
        await operating.set(person, "halted", " ", via="cli")
    with pytest.raises(NotFoundError):
        await operating.trading(ids.new_person_id())
    assert (await operating.trading(person))["paper"].state == "active"


async def test_a_drawdown_lets_an_account_only_sell_until_it_is_over(world, person):
    await world.bought(person, *(buy("0.02"), buy("0.02")))
    await world.pin("BTC", "50000.00")
    denied = await world.propose(person, buy("0.001"))
    assert denied.reason.code in ("daily_loss_limit", "max_drawdown")
    await world.app.drawdown.look()
    now = await world.app.modes.trading(person)
    assert (now.state, now.reason.code) == ("reducing", "max_drawdown")
    await world.app.drawdown.look()
    assert (await world.app.modes.trading(person)).rev == now.rev
    await world.pin("BTC", "96000.00")
    await world.app.drawdown.look()
    assert (await world.app.modes.trading(person)).state == "active"


async def test_an_operator_lets_the_mark_begin_anew(world, person):
    await world.bought(person, buy("0.02"), buy("0.02"))
    await world.pin("BTC", "50000.00")
    await world.app.drawdown.look()
    await world.app.sweeper.note_worths()
    operating = Operating(world.app.books)
    released = await operating.set(person, "active", "", via="cli")
    assert released["paper"].state == "active"
    await world.app.drawdown.look()
    assert (await operating.trading(person))["paper"].state == "active"


async def test_a_person_may_tighten_their_limits_and_only_an_operator_loosens_them(world, person):
    own, operators = world.app.own_limits, Limits(world.app.books)
    now = await own.of(person)
    tighter = now.model_copy(update={"per_order": Decimal(100), "symbols": ["BTC"]})
    assert await own.tighten(person, tighter, via="web_ui") == tighter
    denied = await world.propose(person, buy("0.01"))
    assert denied.reason.code == "order_too_large"
    assert (await world.propose(person, buy("0.01", symbol="ETH"))).reason.code == (
        "symbol_not_allowed"
    )
    with pytest.raises(NotPermittedError) as caught:
        await own.tighten(person, now, via="web_ui")
    assert caught.value.code == "limits_looser"
    assert "per_order, symbols" in str(caught.value.detail)
    wide = now.model_copy(update={"per_order": Decimal(50), "price_collar_bps": 77})
    await operators.set("everybody", wide, by="op", via="cli")
    assert (await own.of(person)).per_order == 50
    card = await world.propose(person, buy("0.0005"))
    assert card.plan.collar.max_deviation_bps == 77
    await operators.set(person, None, by="op", via="cli")
    assert await own.of(person) == wide
    assert [each.scope for each in await operators.all()] == ["everybody"]
    kept = await world.pool.fetch(
        "SELECT rev, person FROM safety_event WHERE about = $1 ORDER BY rev", f"limits:{person}"
    )
    assert [tuple(row) for row in kept] == [(1, person), (2, "op")]
    with pytest.raises(NotFoundError):
        await operators.set("org:none", wide, by="op", via="cli")
    with pytest.raises(InvalidInputError):
        await operators.set(person, now.model_copy(update={"gross_share": 2}), by="op", via="cli")


async def test_limits_that_were_set_count_inside_the_claim(still_world, person):
    world = still_world
    app = await world.replica(running=False)
    await world.pin("BTC", "96000.00")
    card = await world.propose(person, buy("0.001"))
    await world.answer(card)
    now = await app.own_limits.of(person)
    tighter = now.model_copy(update={"per_order": Decimal(10)})
    await app.own_limits.tighten(person, tighter, via="web_ui")
    await world.replica()
    failed = await world.until(person, card.decision_id, "failed", timeout_s=20)
    assert failed.reason.code == "order_too_large"
    assert await world.journal() == []


async def test_a_mode_and_a_claim_exclude_each_other(world, person):
    for n in range(8):
        await set_mode(world, person, "assisted")
        card = await world.propose(person, buy(f"0.0002{n}"))

        async def approve(card=card):
            with suppress(NotPermittedError):
                await world.answer(card)

        async def emergency(n=n):
            await asyncio.sleep(n * 0.004)
            return await set_mode(world, person, "emergency")

        _, now = await asyncio.gather(approve(), emergency())
        await world.until(
            person, card.decision_id, "awaiting_approval", "executed", "failed", "cancelled"
        )
        claimed = await world.pool.fetchval(
            "SELECT max(claimed_at) FROM orders WHERE decision_id = $1", card.decision_id
        )
        assert claimed is None or claimed <= now.changed_at
