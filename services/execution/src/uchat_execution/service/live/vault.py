"""Seals keys of exchanges, so that only the venue worker can open them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from uchat_execution.domain.venues import Credentials, Rights
from uchat_execution.ports.venue_worker import KeyedAccount, LiveExchange
from uchat_platform.crypto import KeyRing, SealError
from uchat_platform.errors import InvalidInputError, NotFoundError


@dataclass(frozen=True, slots=True)
class Sealed:
    """A key as execution stores it; `masked` is what its owner sees.

    `account_mark` is the same for every key of the same account at the exchange.
    """

    sealed: bytes
    masked: str
    may_trade: bool
    account_mark: str


@dataclass(frozen=True, slots=True)
class Vault:
    """Holds the key that keys are sealed under. `exchanges` by name: those it was started for."""

    ring: KeyRing
    exchanges: Mapping[str, LiveExchange]

    def exchange(self, venue: str) -> LiveExchange:
        """Return an exchange.

        Raises:
            NotFoundError: `venue_not_configured`, it was not started for this one.
        """
        found = self.exchanges.get(venue)
        if found is None:
            raise NotFoundError(
                f"{venue[:40]!r} is no exchange that is connected here", code="venue_not_configured"
            )
        return found

    async def seal(self, venue: str, account: str, credentials: Credentials) -> Sealed:
        """Check what a key may do at the exchange itself, and seal it for one account.

        Raises:
            NotFoundError: `venue_not_configured`.
            InvalidInputError: `venue_key_can_withdraw`, `venue_key_cannot_read`,
                `venue_key_refused`, `venue_keys_unchecked` or `venue_passphrase_missing`.
            UnavailableError: the exchange is away.
        """
        exchange = self.exchange(venue)
        traits = exchange.traits
        if not traits.readable:
            raise InvalidInputError(
                f"{traits.name} is not known to tell what a key may do, so no key of it is taken",
                code="venue_keys_unchecked",
            )
        if traits.needs_passphrase and not credentials.passphrase:
            raise InvalidInputError(
                f"Keys of {traits.name} have a passphrase", code="venue_passphrase_missing"
            )
        rights = await exchange.rights(credentials)
        if rights.withdraw:
            raise InvalidInputError(
                "This key can move funds out of the account, so it is refused. Make one that can"
                " only read, or read and trade.",
                code="venue_key_can_withdraw",
            )
        if not rights.read:
            raise InvalidInputError(
                "This key cannot read the account; allow it to read", code="venue_key_cannot_read"
            )
        plain = orjson.dumps([credentials.api_key, credentials.secret, credentials.passphrase])
        sealed = self.ring.seal(plain, _place(venue, account))
        mark = self._mark(venue, rights, credentials)
        return Sealed(sealed, credentials.masked, rights.trade, mark)

    def account(self, venue: str, account: str, sealed: bytes) -> KeyedAccount:
        """Open a sealed key and return the account at the exchange.

        Raises:
            NotFoundError: `venue_not_configured`.
            InvalidInputError: `venue_key_unreadable`, sealed for another account or key file.
        """
        return self.exchange(venue).account(self._opened(venue, account, sealed))

    async def rights(self, venue: str, account: str, sealed: bytes) -> Rights:
        """Ask the exchange what a sealed key may do now.

        Raises:
            NotFoundError, InvalidInputError: as `account`; `venue_key_refused`.
            UnavailableError: the exchange is away.
        """
        credentials = self._opened(venue, account, sealed)
        rights = await self.exchange(venue).rights(credentials)
        return replace(rights, account=self._mark(venue, rights, credentials))

    def _mark(self, venue: str, rights: Rights, credentials: Credentials) -> str:
        # Where no account is told, the key itself can at least not be connected twice.
        told = f"account:{rights.account}" if rights.account else f"key:{credentials.api_key}"
        return self.ring.mark(told, f"venue_account|{venue}")

    def _opened(self, venue: str, account: str, sealed: bytes) -> Credentials:
        try:
            plain = self.ring.open(sealed, _place(venue, account))
        except SealError as e:
            raise InvalidInputError(
                "The account's key cannot be opened here; connect it again",
                code="venue_key_unreadable",
            ) from e
        api_key, secret, passphrase = orjson.loads(plain)
        return Credentials(api_key, secret, passphrase)


def _place(venue: str, account: str) -> str:
    return f"venue_key|{venue}|{account}"
