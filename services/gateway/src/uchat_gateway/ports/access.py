"""Who is signed in, and what guards the edge."""

from dataclasses import dataclass
from typing import Protocol

from uchat_platform.auth import Actor


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody signed in: the actor, the sign-in `sid` and the token's end (Unix seconds)."""

    actor: Actor
    sid: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Revoked:
    """A sign-in that ended before its time."""

    person_id: str
    sid: str


class Limiter(Protocol):
    """Counts what people and addresses do, over all gateways together."""

    async def hit_message(self, person_id: str) -> None:
        """Count one message of a person, on whichever interface.

        Far from the limit it may be counted afterwards: one gateway lets nothing through above the
        limit, each further one a thirty-second of it at most (and not more than 16).

        Raises:
            RateLimitedError: too many; `retry_after_s` tells when to come again.
        """
        ...

    async def hit_login(self, address: str) -> None:
        """Count one attempt to sign in. Raises RateLimitedError as `hit_message` does."""
        ...

    async def hit_register(self, address: str) -> None:
        """Count one new account or guest. Raises RateLimitedError as `hit_message` does."""
        ...

    async def hit_refresh(self, address: str) -> None:
        """Count one renewal of a token. Raises RateLimitedError as `hit_message` does."""
        ...

    async def hit_handshake(self, address: str) -> None:
        """Count one WebSocket handshake. Raises RateLimitedError as `hit_message` does."""
        ...

    async def hit_venue_key(self, person_id: str) -> None:
        """Count one key that is shown to an exchange. Raises RateLimitedError as `hit_message`.

        Exchanges count requests by address, for everybody who is here together.
        """
        ...

    async def hit_export(self, person_id: str) -> None:
        """Count one file of everything a person has. Raises RateLimitedError as `hit_message`."""
        ...


class Tickets(Protocol):
    """One-time passes for clients that cannot send a header."""

    async def issue(self, principal: Principal, ttl_s: int = 30) -> str:
        """Return a ticket that stands for the principal once, for `ttl_s` seconds.

        Raises:
            UnavailableError: `tickets_unavailable`, the store is away.
        """
        ...

    async def redeem(self, ticket: str) -> Principal:
        """Use a ticket up and return whom it stands for.

        Raises:
            UnauthenticatedError: `ticket_invalid`: unknown, used, expired or revoked meanwhile.
            UnavailableError: `tickets_unavailable`, the store is away.
        """
        ...
