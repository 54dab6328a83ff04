"""How much may be asked: request weight of an address, orders of an account.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits: 429 past the
limit, 418 for whoever goes on, for 2 minutes first and longer each time, both with Retry-After.
"""

from dataclasses import dataclass, field
from typing import Final

from uchat_sim_exchange.errors import banned, too_many_orders, too_much_weight
from uchat_sim_exchange.rules import Rules

_MINUTE_MS: Final = 60_000
_ORDERS_MS: Final = 10_000
_PATIENCE: Final = 10
_BAN_MS: Final = 120_000
_LONGEST_BAN_MS: Final = 3 * 24 * 3600 * 1000


@dataclass(slots=True)
class _Address:
    minute: int = -1
    used: int = 0
    refused: int = 0
    bans: int = 0
    banned_until_ms: int = 0


@dataclass(slots=True)
class Limits:
    """Counters in memory, told in headers also while there is no limit. Times: Unix ms."""

    rules: Rules
    _addresses: dict[str, _Address] = field(default_factory=dict[str, _Address])
    _orders: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def weigh(self, address: str, weight: int, now_ms: int) -> int:
        """Count a request; returns the weight that its address has used in this minute.

        Raises:
            ExchangeError: -1003 with 429, or with 418 for whoever did not stop then.
        """
        seen = self._addresses.setdefault(address, _Address())
        if now_ms < seen.banned_until_ms:
            raise banned(seen.banned_until_ms, _seconds(seen.banned_until_ms - now_ms))
        minute = now_ms // _MINUTE_MS
        if minute != seen.minute:
            seen.minute, seen.used, seen.refused = minute, 0, 0
        seen.used += weight
        limit = self.rules.weight_per_minute
        if limit and seen.used > limit:
            self._refuse(seen, now_ms)
        return seen.used

    def count_order(self, account: str, now_ms: int) -> int:
        """Count an order; returns how many the account has sent in these ten seconds.

        Raises:
            ExchangeError: -1015.
        """
        span = now_ms // _ORDERS_MS
        since, number = self._orders.get(account, (span, 0))
        number = number + 1 if since == span else 1
        self._orders[account] = (span, number)
        limit = self.rules.orders_per_10s
        if limit and number > limit:
            raise too_many_orders(limit, _seconds((span + 1) * _ORDERS_MS - now_ms))
        return number

    def forget(self) -> None:
        """Start all counters anew, and lift all bans."""
        self._addresses.clear()
        self._orders.clear()

    def announced(self) -> list[dict[str, str | int]]:
        """Return the limits in exchangeInfo's words."""
        limits = (
            ("REQUEST_WEIGHT", "MINUTE", 1, self.rules.weight_per_minute),
            ("ORDERS", "SECOND", 10, self.rules.orders_per_10s),
        )
        return [
            {"rateLimitType": kind, "interval": unit, "intervalNum": number, "limit": limit}
            for kind, unit, number, limit in limits
            if limit
        ]

    def _refuse(self, seen: _Address, now_ms: int) -> None:
        seen.refused += 1
        if seen.refused > _PATIENCE:
            length = min(_BAN_MS << seen.bans, _LONGEST_BAN_MS)
            seen.bans += 1
            seen.banned_until_ms = now_ms + length
            raise banned(seen.banned_until_ms, _seconds(length))
        wait_ms = (seen.minute + 1) * _MINUTE_MS - now_ms
        raise too_much_weight(self.rules.weight_per_minute, _seconds(wait_ms))


def _seconds(milliseconds: int) -> int:
    return -(-milliseconds // 1000)
