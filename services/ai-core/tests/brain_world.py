"""What the tests of the brain share: a conversation, a market, and a brain that is listened to."""

import math
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
from account_world import Account

from uchat_ai_core.adapters.brain import PydanticBrain
from uchat_ai_core.adapters.chain import Patience
from uchat_ai_core.adapters.models.choose import choose_models
from uchat_ai_core.adapters.models.openai_chat import Endpoint
from uchat_ai_core.domain.grounding.gate import Gate
from uchat_ai_core.domain.grounding.judge import unsupported
from uchat_ai_core.domain.grounding.known import Known
from uchat_ai_core.domain.turn import Answered, Said, TextAdded, TextReset, TurnIn, text_of
from uchat_platform.errors import UnavailableError

LOG = "unified_01JD0000000000000000000000"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NAMES = {"BTC": "Bitcoin", "ETH": "Ethereum", "SOL": "Solana"}


class Market:
    """A small market with fixed prices of one time; `away` makes it fail."""

    def __init__(self, as_of="2026-11-22T12:00:00Z"):
        self.as_of = as_of
        self.away = False
        self.asked = []

    async def quotes(self, symbols):
        self._check()
        self.asked.append(list(symbols))
        asked = list(symbols) or list(NAMES)
        found = [self._quote(symbol) for symbol in asked if symbol in NAMES]
        return {"quotes": found, "unknown": [symbol for symbol in asked if symbol not in NAMES]}

    async def instruments(self):
        self._check()
        return [{"symbol": s, "name": n, "quote_currency": "USDT"} for s, n in NAMES.items()]

    async def closes(self, symbols, days):
        self._check()
        return {each: _closes(each, days) for each in symbols if each in NAMES}

    def _check(self):
        if self.away:
            raise UnavailableError("away")

    def _quote(self, symbol):
        place = list(NAMES).index(symbol) + 1
        return {
            "symbol": symbol, "name": NAMES[symbol], "quote_currency": "USDT",
            "price": f"{place}0000.50", "bid": f"{place}0000.00", "ask": f"{place}0001.00",
            "change_24h_pct": f"{place}.25", "as_of": self.as_of,
            "source": "synthetic", "simulated": True,
        }  # fmt: skip


def _closes(symbol, days):
    """Swings of a few percent, others for each coin, that end at the price of now."""
    place = list(NAMES).index(symbol) + 1
    last = place * 10_000.5
    waves = [1 + 0.05 * math.sin(n / (2 + place)) + 0.01 * math.sin(n * 1.7) for n in range(days)]
    return [last * wave / waves[-1] for wave in waves]


PERSON = "user_01JD0000000000000000000000"


def said(text, seq, *, interface="web_chat", role="user", **more):
    return Said(
        f"msg_{seq:026d}", seq, role, text, interface, NOON + timedelta(minutes=seq), **more
    )


def turn_in(text, *, history=(), mode="trading", interface="web_chat"):
    message = said(text, len(history) + 1, interface=interface, user_id=PERSON)
    return TurnIn(LOG, message, mode, tuple(history))


class Heard:
    """What a brain told in a turn."""

    def __init__(self, events):
        self.events = events
        self.answered = events[-1]
        assert isinstance(self.answered, Answered)
        last_reset = max(
            (n for n, each in enumerate(events) if isinstance(each, TextReset)), default=-1
        )
        self.text = "".join(e.text for e in events[last_reset + 1 :] if isinstance(e, TextAdded))
        self.resets = sum(isinstance(each, TextReset) for each in events)
        self.pieces = sum(isinstance(each, TextAdded) for each in events)

    @property
    def final(self):
        return text_of(self.answered.parts)


async def listen(brain, turn):
    return Heard([event async for event in brain.turn(turn)])


@asynccontextmanager
async def brain_at(
    url,
    names="openai-chat:one",
    *,
    market=None,
    trading=None,
    read_timeout_s=2.0,
    timeout_s=5.0,
    hedge_s=0.0,
    budget=None,
):
    endpoint = Endpoint(url, "key-1", connect_timeout_s=1, read_timeout_s=read_timeout_s)
    async with aiohttp.ClientSession() as session:
        models = choose_models(names, endpoint, session)
        trading = trading or Account()
        patience = Patience(whole=timeout_s, silence=read_timeout_s, hedge=hedge_s)
        yield PydanticBrain(models, market or Market(), trading, patience=patience, budget=budget)


def unfounded(answer, sources, own):
    """What of an answer neither its sources nor the person's own messages support."""
    earlier = [said(text, place) for place, text in enumerate(own[:-1], 1)]
    known = Known(turn_in(own[-1], history=earlier))
    for source in sources:
        known.learn(source.tool, {}, source.data, trusted=True)
    gate = Gate(lambda sentence: unsupported(sentence, known, quotes=True), removing=True)
    gate.feed(answer)
    gate.end()
    return gate.removed
