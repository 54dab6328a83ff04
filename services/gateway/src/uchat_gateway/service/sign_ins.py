"""Who is signed in: access tokens, and refresh tokens that can be used once."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from uchat_contracts.ids import new_ulid
from uchat_gateway.domain.accounts import Account, Tokens
from uchat_gateway.ports.access import Principal
from uchat_gateway.ports.accounts import (
    Announcer,
    SignInStore,
    SpentToken,
    Succession,
    TokenIssuer,
)
from uchat_platform.errors import UnauthenticatedError
from uchat_platform.logging import get_logger, hashed

_TOKEN_BYTES: Final = 32
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignInRules:
    """How long sign-ins live. `grace`: how long a lost answer may be asked for again."""

    life: timedelta
    life_remembered: timedelta
    grace: timedelta


@dataclass(frozen=True, slots=True)
class SignIns:
    """Starts, renews and ends sign-ins."""

    store: SignInStore
    issuer: TokenIssuer
    announcer: Announcer
    rules: SignInRules

    async def start(self, account: Account, *, remember: bool, proved: bool = False) -> Tokens:
        """Sign an account in; `remember` makes the sign-in live longer.

        `proved`: by a password, which counts for a while as a step-up, too.
        """
        sid = f"sid_{new_ulid()}"
        refresh_token = _text(secrets.token_bytes(_TOKEN_BYTES))
        life = self.rules.life_remembered if remember else self.rules.life
        await self.store.open(sid, account.account_id, _hash(refresh_token), life, proved=proved)
        return self._tokens(sid, account, refresh_token)

    async def refresh(self, refresh_token: str, client: str) -> Tokens:
        """Spend a refresh token for new tokens. `client`: what tells one client from another.

        The same client may repeat it within the grace period, as long as nobody used the successor:
        an answer can get lost. Any other second use means that the token was stolen, by this caller
        or the first one, and ends the sign-in (RFC 9700, section 4.14.2).

        Raises:
            UnauthenticatedError: `refresh_invalid`, `refresh_ended` or `refresh_reused`.
        """
        token_hash = _hash(refresh_token)
        successor = secrets.token_bytes(_TOKEN_BYTES)
        succession = Succession(
            token_hash=_hash(_text(successor)),
            sealed=_seal(refresh_token, successor),
            client_hash=_hash(client),
        )
        rotated = await self.store.rotate(token_hash, succession)
        if rotated is not None:
            return self._tokens(*rotated, _text(successor))
        spent = await self.store.spent(token_hash)
        if spent is None:
            # Never issued, or its sign-in ended before it was ever used.
            raise UnauthenticatedError("This refresh token is not valid", code="refresh_invalid")
        return await self._again(refresh_token, spent, succession.client_hash)

    async def end(self, principal: Principal) -> None:
        """End a sign-in on every gateway and socket; safe to repeat."""
        await self._end(principal.sid, "logout")

    async def end_all(self, person_id: str, reason: str) -> None:
        """End all sign-ins of a person, on every gateway and socket; safe to repeat."""
        for revoked in await self.store.end_all(person_id, reason):
            await self.announcer.announce(revoked)

    async def _again(self, token: str, spent: SpentToken, client_hash: bytes) -> Tokens:
        if spent.ended:
            raise UnauthenticatedError("This sign-in has ended", code="refresh_ended")
        same_client = hmac.compare_digest(spent.succession.client_hash, client_hash)
        in_time = spent.spent_s <= self.rules.grace.total_seconds()
        if same_client and in_time and not spent.successor_spent:
            resumed = await self.store.resume(_hash(token))
            if resumed is not None:
                return self._tokens(*resumed, _text(_seal(token, spent.succession.sealed)))
        _log.warning("refresh_token_reused", user_id=hashed(spent.person_id), sid=spent.sid)
        await self._end(spent.sid, "refresh_reused")
        raise UnauthenticatedError(
            "This refresh token was used before; sign in again", code="refresh_reused"
        )

    async def _end(self, sid: str, reason: str) -> None:
        revoked = await self.store.end(sid, reason)
        if revoked is not None:
            await self.announcer.announce(revoked)

    def _tokens(self, sid: str, account: Account, refresh_token: str) -> Tokens:
        access_token, expires_in = self.issuer.issue(account.person_id, account.role, sid)
        return Tokens(access_token, refresh_token, expires_in, account)


def _text(token: bytes) -> str:
    return token.hex()


def _hash(token: str) -> bytes:
    # Refresh tokens hold 256 random bits, which need no slow hash.
    return hashlib.sha256(token.encode()).digest()


def _seal(old_token: str, successor: bytes) -> bytes:
    # A one-time pad that only the old token yields: the database alone opens no successor, and the
    # client that lost the answer gets the same one again. Sealing twice opens it.
    pad = hmac.digest(old_token.encode(), b"uchat refresh successor", "sha256")
    return bytes(a ^ b for a, b in zip(pad, successor, strict=True))
