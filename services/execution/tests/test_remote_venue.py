"""A live exchange through the worker, while the worker does not answer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import orjson
import pytest

from uchat_execution.adapters import venues_grpc
from uchat_execution.adapters.venues_grpc import RemoteMarket, RemoteVenue
from uchat_execution.domain.orders import NewOrder, OrderRef, client_order_id
from uchat_execution.ports import NotPlacedError, OutcomeUnknownError
from uchat_platform.errors import InvalidInputError, UnavailableError


@dataclass(repr=False)
class Worker:
    asked: int = 0
    away: bool = False

    async def public(self, venue, method, body, timeout_s):
        self.asked += 1
        if self.away:
            raise UnavailableError("It does not answer")
        return orjson.dumps({"BTC": RULES})


RULES = {
    "symbol": "BTC", "quote_currency": "USDT", "quantity_step": "0.00001",
    "min_quantity": "0.00001", "max_quantity": "100", "price_tick": "0.01", "min_notional": "5",
    "taker_fee_bps": "10", "maker_fee_bps": "10",
}  # fmt: skip


async def test_a_worker_that_is_away_is_not_waited_for_by_each_who_asks_for_rules(monkeypatch):
    monkeypatch.setattr(venues_grpc, "_RULES_FOR_S", 0.0)
    worker = Worker()
    venue = RemoteVenue(worker, "binance")
    assert "BTC" in await venue.rules()
    worker.away = True
    known = [await venue.rules() for _ in range(5)]
    assert all("BTC" in rules for rules in known)
    assert worker.asked == 2


async def test_rules_that_were_never_read_are_asked_for_each_time():
    worker = Worker(away=True)
    venue = RemoteVenue(worker, "binance")
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await venue.rules()
    assert worker.asked == 2


async def test_a_worker_that_is_silent_is_asked_by_nobody_for_a_while(monkeypatch):
    # However soon it fails, it counts as silence.
    monkeypatch.setattr(venues_grpc, "_QUICK_S", 0.0)
    worker = Worker(away=True)
    venue = RemoteVenue(worker, "binance")
    market = RemoteMarket(worker, venue)
    for _ in range(5):
        with pytest.raises(UnavailableError):
            await market.quotes(["BTC"])
        with pytest.raises(UnavailableError):
            await venue.rules()
    assert worker.asked == 1
    monkeypatch.setattr(venue, "_silent_until", 0.0)
    worker.away = False
    assert "BTC" in await venue.rules()


class Refusing:
    """A worker that refuses a placement, as a call fails or as it says itself."""

    def __init__(self, error):
        self.error, self.keys = error, self

    async def sealed(self, account):
        return b"sealed"

    async def keyed(self, method, request, timeout_s):
        raise self.error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("venue_key_unreadable", NotPlacedError),
        ("venue_not_configured", NotPlacedError),
        ("invalid_input", OutcomeUnknownError),
    ],
)
async def test_an_order_whose_key_cannot_be_opened_was_not_placed(code, kind):
    now = datetime.now(UTC)
    own_id = client_order_id("dec", "ab" * 32, 1, 1)
    order = NewOrder(
        OrderRef("acct", "BTC", "USDT", own_id, now, "binance"), side="buy", type="market",
        quantity=Decimal("0.01"), limit_price=None, signed_at=now, window_ms=3000,
    )  # fmt: skip
    venue = RemoteVenue(Refusing(InvalidInputError("It cannot be opened", code=code)), "binance")
    with pytest.raises(kind):
        await venue.place(order)
