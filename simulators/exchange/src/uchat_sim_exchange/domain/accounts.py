"""Accounts, what they hold, and the keys that open them."""

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

_ZERO: Final = Decimal(0)


@dataclass(slots=True)
class Balance:
    """Units of an asset: free to use, and locked in open orders."""

    free: Decimal = _ZERO
    locked: Decimal = _ZERO


@dataclass(slots=True)
class Account:
    """An account, named by the API key that it was opened with."""

    api_key: str
    secret: str
    balances: dict[str, Balance] = field(default_factory=dict[str, Balance])

    @property
    def uid(self) -> int:
        """Return the account's number, the same for all of its keys and after a restart."""
        return int.from_bytes(hashlib.sha256(self.api_key.encode()).digest()[:5])

    def balance(self, asset: str) -> Balance:
        """Return the balance of an asset, which may be nothing."""
        return self.balances.setdefault(asset, Balance())


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a key may do, as GET apiRestrictions tells it."""

    reading: bool = True
    spot_trading: bool = True
    withdrawals: bool = False
    ip_restrict: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """An API key. The key that opened an account trades and cannot withdraw."""

    api_key: str
    secret: str
    account: str
    permissions: Permissions = Permissions()
    created_ms: int = 0


@dataclass(frozen=True, slots=True)
class Movement:
    """A deposit, or a withdrawal with its `fee` in the same asset. `at_ms`: Unix milliseconds."""

    number: int
    account: str
    deposit: bool
    asset: str
    amount: Decimal
    fee: Decimal
    at_ms: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """An order that was refused after its signature was right; it has no order number."""

    number: int
    account: str
    client_order_id: str
    pair: str
    side: str
    type: str
    quantity: str
    code: int
    message: str
    at_ms: int
