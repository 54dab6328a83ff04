"""A live exchange through the worker, while the worker does not answer."""

from dataclasses import dataclass

import orjson
import pytest

from uchat_execution.adapters import venues_grpc
from uchat_execution.adapters.venues_grpc import RemoteVenue
from uchat_platform.errors import UnavailableError


@dataclass
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
