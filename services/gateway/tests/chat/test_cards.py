"""A caller who waits for the answer gets the card that came of it, or its denial."""

import asyncio

import pytest

from uchat_contracts import ids
from uchat_contracts.parts import Origin, Part
from uchat_gateway.service.cards import Cards
from uchat_gateway.service.messages import Draft
from uchat_platform.auth import Actor
from uchat_platform.testing import eventually


class Asked:
    """A message whose answer proposes something."""

    def __init__(self, world):
        self.world = world
        self.person = world.sessions.person()
        self.log = world.sessions.home_of(self.person)
        self.actor = Actor(self.person, frozenset({"trader"}))
        self.message_id = ids.received_message_id(self.person, self.log, "c-1")
        self.cards = [world.decisions.put(self.person, self.log, rev=1) for _ in range(2)]

    async def begin(self):
        draft = Draft(
            self.log,
            "c-1",
            self.message_id,
            [Part(type="text", text="buy")],
            Origin(interface="api"),
        )
        return await self.world.replies.begin(self.actor, draft)

    def answer(self, proposing):
        data = {
            "message_id": ids.derived_message_id(self.message_id),
            "role": "assistant",
            "answers": self.message_id,
            "parts": [{"type": "text", "text": "I can buy it"}],
            "origin": {"interface": "internal"},
            "decisions": [card["decision_id"] for card in proposing],
        }
        self.world.sessions.add(self.log, "message", data)

    def tell(self, card, state, rev):
        card.update(state=state, rev=rev)
        kind = "decision" if state != "rejected" else "decision.resolved"
        self.world.sessions.add(self.log, kind, dict(card))


@pytest.fixture
def asked(world):
    return Asked(world)


@pytest.mark.parametrize("state", ["awaiting_approval", "denied", "approved"])
async def test_the_card_is_waited_for_until_it_was_looked_at(asked, state):
    exchange = await asked.begin()
    asked.answer(asked.cards[:1])
    entry = await exchange.answer(1)
    waiting = asyncio.create_task(exchange.decisions(entry, 3))
    assert await eventually(lambda: exchange.cards.waited_for)
    assert not exchange.settled
    asked.tell(asked.cards[0], "proposed", 1)
    asked.tell(asked.cards[0], state, 2)
    (card,) = await waiting
    assert (card["state"], card["rev"]) == (state, 2)
    assert exchange.settled
    asked.world.replies.end(exchange)


async def test_all_cards_of_an_answer_come_in_its_order(asked):
    exchange = await asked.begin()
    asked.answer(asked.cards)
    for card in reversed(asked.cards):
        asked.tell(card, "awaiting_approval", 2)
    entry = await exchange.answer(1)
    found = await exchange.decisions(entry, 3)
    assert [c["decision_id"] for c in found] == [c["decision_id"] for c in asked.cards]
    asked.world.replies.end(exchange)


async def test_an_answer_that_proposes_nothing_waits_for_nothing(asked):
    exchange = await asked.begin()
    asked.world.sessions.answer(asked.log, asked.message_id)
    assert await exchange.decisions(await exchange.answer(1), 60) == []
    asked.world.replies.end(exchange)


async def test_what_has_not_come_in_time_is_left_out(asked):
    exchange = await asked.begin()
    asked.answer(asked.cards)
    asked.tell(asked.cards[1], "awaiting_approval", 2)
    found = await exchange.decisions(await exchange.answer(1), 0.05)
    assert [card["decision_id"] for card in found] == [asked.cards[1]["decision_id"]]
    asked.world.replies.end(exchange)


async def test_the_same_message_again_gets_the_card_that_came_then(asked):
    exchange = await asked.begin()
    asked.answer(asked.cards[:1])
    asked.tell(asked.cards[0], "denied", 2)
    asked.world.replies.end(exchange)
    again = await asked.begin()
    found = await again.decisions(await again.answer(1), 3)
    assert [card["state"] for card in found] == ["denied"]
    asked.world.replies.end(again)


async def test_giving_up_ends_the_wait(asked):
    exchange = await asked.begin()
    asked.answer(asked.cards[:1])
    waiting = asyncio.create_task(exchange.decisions(await exchange.answer(1), 60))
    assert await eventually(lambda: exchange.cards.waited_for)
    exchange.settle(None)
    assert await asyncio.wait_for(waiting, 1) == []
    asked.world.replies.end(exchange)


def test_an_older_card_never_replaces_a_newer_one():
    cards = Cards()
    cards.take("decision", {"decision_id": "d", "rev": 3, "state": "awaiting_approval"})
    cards.take("decision", {"decision_id": "d", "rev": 2, "state": "proposed"})
    cards.take("message", {"decision_id": "d", "rev": 9})
    assert [card["rev"] for card in cards.of(["d"])] == [3]
