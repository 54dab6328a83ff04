"""Who has what: accounts, their keys, deposits and withdrawals, refused orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from uchat_sim_exchange import account_rows
from uchat_sim_exchange.domain.accounts import (
    Account,
    Balance,
    Key,
    Movement,
    Permissions,
    Rejection,
)
from uchat_sim_exchange.domain.reports import movement_report, position_report
from uchat_sim_exchange.errors import ExchangeError, insufficient_balance, may_not
from uchat_sim_exchange.journal import Journal, Restored
from uchat_sim_exchange.past import Past


@dataclass(slots=True)
class Ledger:
    """All accounts by the key that opened them, and all keys. Times are Unix milliseconds."""

    journal: Journal
    past: Past
    accounts: dict[str, Account]
    keys: dict[str, Key]
    last_movement: int
    last_rejection: int

    @classmethod
    def restored(cls, journal: Journal, past: Past, was: Restored) -> Self:
        """Return it as the journal left it."""
        keys = {each.api_key: _opening_key(each) for each in was.accounts.values()}
        keys |= was.keys
        return cls(journal, past, was.accounts, keys, was.last_movement, was.last_rejection)

    def open_account(
        self, api_key: str, secret: str, balances: Mapping[str, Decimal]
    ) -> tuple[Account, bool]:
        """Return the account and whether it is new; the balances of a known one stay.

        Raises:
            ExchangeError: -2015, the key has another secret.
        """
        key = self.keys.get(api_key)
        if key is not None:
            if key.secret != secret:
                raise ExchangeError(-2015, "The API-key exists with another secret.", 409)
            return self.accounts[key.account], False
        account = Account(api_key, secret, {a: Balance(free) for a, free in balances.items()})
        self.accounts[api_key] = account
        self.keys[api_key] = _opening_key(account)
        opened = [
            account_rows.save_account(account),
            *account_rows.save_balances(account, balances),
        ]
        self.journal.record(opened)
        return account, True

    def account(self, api_key: str) -> Account:
        """Return the account that a key opens.

        Raises:
            ExchangeError: -2015.
        """
        key = self.keys.get(api_key)
        if key is None:
            raise may_not()
        return self.accounts[key.account]

    def make_key(
        self, account: Account, api_key: str, secret: str, may: Permissions, now_ms: int
    ) -> Key:
        """Return a further key of an account; the same key again gets the new permissions.

        Raises:
            ExchangeError: -2015, the key is somebody else's.
        """
        known = self.keys.get(api_key)
        if known is not None and (known.account != account.api_key or known.secret != secret):
            raise ExchangeError(-2015, "The API-key exists with another secret.", 409)
        key = Key(api_key, secret, account.api_key, may, now_ms)
        self.keys[api_key] = key
        self.journal.record([account_rows.save_key(key)])
        return key

    def revoke_key(self, api_key: str) -> None:
        """Forget a further key of an account; the one that opened it stays.

        Raises:
            ExchangeError: -2015, there is none.
        """
        known = self.keys.get(api_key)
        if known is None or known.account == api_key:
            raise may_not()
        del self.keys[api_key]
        self.journal.record([account_rows.drop_key(api_key)])

    def deposit(self, account: Account, asset: str, amount: Decimal, now_ms: int) -> Movement:
        """Add to what an account has."""
        account.balance(asset).free += amount
        return self._move(account, asset, amount, Decimal(0), now_ms, deposit=True)

    def withdraw(
        self, account: Account, asset: str, amount: Decimal, fee: Decimal, now_ms: int
    ) -> Movement:
        """Take from what an account has, and the fee on top.

        Raises:
            ExchangeError: -2010, there is not so much.
        """
        balance = account.balance(asset)
        if amount + fee > balance.free:
            raise insufficient_balance()
        balance.free -= amount + fee
        return self._move(account, asset, amount, fee, now_ms, deposit=False)

    def reject(
        self, account: str, params: Mapping[str, str], error: ExchangeError, now_ms: int
    ) -> None:
        """Take down that an order was refused; `params` are those of its request."""
        self.last_rejection += 1
        rejection = Rejection(
            number=self.last_rejection,
            account=account,
            client_order_id=params.get("newClientOrderId", ""),
            pair=params.get("symbol", ""),
            side=params.get("side", ""),
            type=params.get("type", ""),
            quantity=params.get("quantity") or params.get("quoteOrderQty", ""),
            code=error.code,
            message=error.message,
            at_ms=now_ms,
        )
        self.journal.record([account_rows.save_rejection(rejection)])

    def _move(
        self,
        account: Account,
        asset: str,
        amount: Decimal,
        fee: Decimal,
        now_ms: int,
        *,
        deposit: bool,
    ) -> Movement:
        self.last_movement += 1
        movement = Movement(
            self.last_movement, account.api_key, deposit, asset, amount, fee, now_ms
        )
        self.past.note(now_ms, account, None, ())
        delta = amount if deposit else -(amount + fee)
        self.journal.record(
            [
                *account_rows.save_balances(account, [asset]),
                account_rows.save_movement(movement),
            ],
            [
                movement_report(account.api_key, asset, delta, now_ms),
                position_report(account, [asset], now_ms),
            ],
        )
        return movement


def _opening_key(account: Account) -> Key:
    return Key(account.api_key, account.secret, account.api_key)
