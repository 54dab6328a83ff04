"""How a person's interfaces come together, and what was told on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from uchat_gateway.ports.trading import JsonPage
from uchat_platform.auth import Actor


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Whom a code stands for, with the conversation that every interface opens by itself."""

    person_id: str
    home_session_id: str
    display_name: str


@dataclass(frozen=True, slots=True)
class LinkCode:
    """A one-time code by which an outside identity asks to be linked; `expires_at` is RFC 3339."""

    link_id: str
    code: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link's state, and who else has its identity (None: nobody)."""

    state: str
    other_person: str | None


@dataclass(frozen=True, slots=True)
class Merge:
    """Two people who become one: `gone` goes, `into` stays and has confirmed it."""

    link_id: str
    gone: str
    into: str
    may_approve: bool


@dataclass(frozen=True, slots=True)
class Delivered:
    """One thing that was told, or is to be, on one interface. Times are RFC 3339."""

    delivery_id: str
    interface: str
    kind: str
    about: str
    status: str
    queued_at: str
    delivered_at: str | None


class Links(Protocol):
    """Links of the actor: each a `Link` as JSON. One that is not theirs raises NotFoundError.

    Every method raises UnavailableError when the sessions service is away.
    """

    async def redeem(self, code: str) -> Redeemed:
        """Use a code of "Continue on the web" up.

        Raises:
            NotFoundError, ExpiredError: unknown, used or too old.
        """
        ...

    async def create_code(self, actor: Actor, provider: str, account: str) -> LinkCode:
        """Make a code; `account` is what the other side may see of the actor's account."""
        ...

    async def list(self, actor: Actor, *, cursor: str, limit: int) -> JsonPage:
        """Return the actor's links."""
        ...

    async def get(self, actor: Actor, link_id: str) -> FoundLink:
        """Return what a confirmation will join."""
        ...

    async def confirm(self, actor: Actor, link_id: str, *, may_approve: bool) -> bytes:
        """Make the identity the actor's, with all that its other person has; idempotent."""
        ...

    async def revoke(self, actor: Actor, link_id: str) -> bytes:
        """End a link; again changes nothing."""
        ...


class AccountMerges(Protocol):
    """What becomes of two people's trading accounts when they become one."""

    async def begin(self, actor: Actor, merge: Merge) -> None:
        """Supersede what is pending on both sides, and take nothing more for who goes.

        Raises:
            ConflictError: it is refused, with the reason: open orders of who goes, for instance.
        """
        ...

    async def finish(self, actor: Actor, merge: Merge) -> None:
        """Archive the account of `gone`; `into` keeps their own. Idempotent."""
        ...


class MergeStore(Protocol):
    """Remembers merges from their beginning to their end, so that a crash leaves none half done.

    Every method raises UnavailableError when the database is away.
    """

    async def begin(self, merge: Merge) -> Merge:
        """Keep a merge and return it, or the one that was begun for this link before."""
        ...

    async def get(self, link_id: str) -> Merge | None:
        """Return a merge that has not ended."""
        ...

    async def end(self, link_id: str) -> None:
        """Forget a merge: it is done, or it was refused."""
        ...

    async def close_account(self, merge: Merge) -> None:
        """Close the account of who goes, for good; again changes nothing.

        Its e-mail and password become those of who stays, if they have none.
        """
        ...

    async def left_over(self, older_than_s: float, limit: int) -> Sequence[Merge]:
        """Return merges that nobody has worked on for so long; they count as taken on now."""
        ...


class Deliveries(Protocol):
    """The ledger of what was told on interfaces that are not live sockets."""

    async def list(
        self, actor: Actor, *, about: str, cursor: str, limit: int
    ) -> tuple[Sequence[Delivered], str | None]:
        """Return the actor's deliveries, latest first, and the cursor of the following page."""
        ...
