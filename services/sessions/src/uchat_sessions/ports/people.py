"""What people, their conversations and their links need."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from uchat_contracts.people import Link
from uchat_sessions.domain.links import Channel, Claimant, Code
from uchat_sessions.domain.views import ConversationChange, ConversationView, PersonView
from uchat_sessions.ports.logs import Appended


class People(Protocol):
    """People; each change with its log entries in one transaction."""

    async def resolve(
        self, provider: str, external_id: str, display_name: str
    ) -> tuple[PersonView, Sequence[Appended]]:
        """Return the person behind an identity, made together with a home at the first call."""
        ...


class Conversations(Protocol):
    """A person's conversations; each change with its log entries in one transaction."""

    async def create(
        self, person: str, key: str, title: str, mode: str
    ) -> tuple[ConversationView, Sequence[Appended]]:
        """Return the conversation of a person's key, made at the first call."""
        ...

    async def get(self, person: str, log: str) -> ConversationView | None:
        """Return a conversation of a person."""
        ...

    async def page(
        self, person: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[ConversationView]:
        """Return a person's conversations, latest first, after a place in that order."""
        ...

    async def change(
        self, person: str, log: str, change: ConversationChange
    ) -> tuple[ConversationView | None, Sequence[Appended]]:
        """Set new values; writes no entry if they are the present ones. None: no such one."""
        ...

    async def erase(self, person: str, log: str) -> tuple[bool, Sequence[Appended]]:
        """Erase for good; False if there is no such conversation. Safe to repeat."""
        ...


class Channels(Protocol):
    """Where people can be told something outside of the web."""

    async def channels(self, person: str) -> list[Channel]:
        """Return the channels of a person; of one who was linked, those of who they became."""
        ...


class Links(Protocol):
    """Codes and links, each change with its log entries in one transaction."""

    async def new_continue_code(self, person: str, code: Code) -> datetime:
        """Keep a code that signs in as a person; returns when it ends."""
        ...

    async def redeem(self, digest: bytes) -> PersonView:
        """Return whom a code stands for, at its first use in time.

        Raises:
            ExpiredError: it was used, or too late.
            NotFoundError: there never was such a code.
        """
        ...

    async def new_link_code(
        self, person: str, link: str, provider: str, account: str, code: Code
    ) -> tuple[Link, datetime]:
        """Keep a code by which an outside identity may ask to be linked; returns when it ends."""
        ...

    async def look(self, digest: bytes, claimant: Claimant) -> tuple[Link, str]:
        """Return the link of a code as it is, and the masked account of its owner.

        Raises:
            ConflictError, ExpiredError, NotFoundError: see `claim`.
        """
        ...

    async def claim(
        self, code: Code, claimant: Claimant, match_number: str
    ) -> tuple[Link, str, Sequence[Appended]]:
        """Let an identity ask by a code; returns the link and the masked account of its owner.

        Raises:
            ConflictError: the identity is that person's already.
            ExpiredError, NotFoundError: see `redeem`.
        """
        ...

    async def get(self, person: str, link: str) -> tuple[Link, str]:
        """Return a person's link, and whom a confirmation would join ("": nobody)."""
        ...

    async def page(
        self, person: str, before: tuple[datetime, str] | None, limit: int
    ) -> list[Link]:
        """Return a person's links, latest first."""
        ...

    async def forget(self) -> None:
        """Delete codes that ended long ago."""
        ...


class Merging(Protocol):
    """Links that take effect or end; each change with its log entries in one transaction."""

    async def confirm(
        self, person: str, link: str, *, may_approve: bool
    ) -> tuple[Link, Sequence[Appended]]:
        """Give the identity of a claimed link to the person who confirms it. Safe to repeat.

        Raises:
            ConflictError: nobody has claimed it yet.
            ExpiredError: it was revoked, or claimed too long ago.
            NotFoundError: it is not that person's.
        """
        ...

    async def revoke(self, person: str, link: str) -> tuple[Link, Sequence[Appended]]:
        """Detach the identity of a link, or end what waits for it. Safe to repeat.

        Raises:
            NotFoundError: it is not that person's.
        """
        ...
