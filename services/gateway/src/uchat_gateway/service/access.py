"""Who may come in: access tokens are checked, cached for a minute, and refused once revoked."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from uchat_gateway.domain.permissions import Permission, may
from uchat_gateway.ports.access import Principal, Revoked
from uchat_platform.clock import Clock
from uchat_platform.errors import NotPermittedError, UnauthenticatedError

_CACHE_S = 60
_CACHED_TOKENS = 8192


class TokenVerifier(Protocol):
    """Checks the signature and the claims of an access token."""

    def verify(self, token: str) -> Principal:
        """Return who a token stands for.

        Raises:
            UnauthenticatedError: `token_invalid` or `token_expired`.
        """
        ...


@dataclass(slots=True)
class Access:
    """Tells who a token stands for. One per process; not for threads."""

    verifier: TokenVerifier
    clock: Clock
    _cache: OrderedDict[bytes, tuple[float, Principal]] = field(
        default_factory=OrderedDict[bytes, tuple[float, Principal]]
    )
    _revoked: dict[str, float] = field(default_factory=dict[str, float])
    _listeners: list[Callable[[Revoked], None]] = field(
        default_factory=list[Callable[[Revoked], None]]
    )

    def authenticate(self, token: str) -> Principal:
        """Return who a token stands for.

        Raises:
            UnauthenticatedError: `token_invalid`, `token_expired` or `token_revoked`.
        """
        now = self.clock.now().timestamp()
        # The cache holds hashes, so that a memory dump of it holds no token.
        key = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        held = self._cache.get(key)
        if held is not None and now < held[0]:
            principal = held[1]
        else:
            principal = self.verifier.verify(token)
            self._cache[key] = (min(now + _CACHE_S, principal.expires_at), principal)
            if len(self._cache) > _CACHED_TOKENS:
                self._cache.popitem(last=False)
        return self.still_valid(principal)

    def still_valid(self, principal: Principal) -> Principal:
        """Return the principal, if its sign-in was not revoked meanwhile.

        Raises:
            UnauthenticatedError: `token_revoked`.
        """
        if principal.sid in self._revoked:
            raise UnauthenticatedError("This sign-in has ended", code="token_revoked")
        return principal

    def allow(self, principal: Principal, permission: Permission) -> None:
        """Let the principal do this.

        Raises:
            NotPermittedError: no role of theirs has the permission.
        """
        if not may(principal.actor.roles, permission):
            raise NotPermittedError(f"Your role does not have {permission.value!r}")

    def on_revoked(self, listener: Callable[[Revoked], None]) -> None:
        """Call the listener for each sign-in that is revoked, once, so that sockets can close."""
        self._listeners.append(listener)

    def revoke(self, ended: Iterable[Revoked], *, forget_after_s: float) -> None:
        """Refuse these sign-ins from now on; safe to repeat.

        They are forgotten after `forget_after_s`, when no access token of theirs can be valid.
        """
        now = self.clock.now().timestamp()
        for sid in [sid for sid, until in self._revoked.items() if until < now]:
            del self._revoked[sid]
        for one in ended:
            if one.sid in self._revoked:
                continue
            self._revoked[one.sid] = now + forget_after_s
            for listener in self._listeners:
                listener(one)
