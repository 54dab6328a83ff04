"""How a person's interfaces come together, and part again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from uchat_contracts.ids import new_ulid
from uchat_contracts.people import Link
from uchat_platform import logging
from uchat_platform.auth import Actor
from uchat_platform.errors import InvalidInputError
from uchat_sessions.domain.links import (
    ACCOUNT,
    Claimant,
    Code,
    code_hash,
    new_code,
    new_match_number,
)
from uchat_sessions.domain.views import PersonView
from uchat_sessions.ports import Announcer, Appended, Links, Merging, Ring
from uchat_sessions.service import metrics
from uchat_sessions.service.checking import check

_CONTINUE_S: Final = 60
_LINK_S: Final = 600
_LONGEST: Final = 200
_LONGEST_CODE: Final = 128
_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Linking:
    """Makes and redeems codes, and changes links; announces right after the commit."""

    links: Links
    merging: Merging
    announcer: Announcer
    ring: Ring

    async def continue_code(self, actor: Actor) -> tuple[str, datetime]:
        """Return a code that signs a browser in as the actor, once, and when it ends."""
        code = new_code()
        ends = await self.links.new_continue_code(
            actor.person_id, Code(code_hash(code), _CONTINUE_S)
        )
        return code, ends

    async def redeem(self, code: str) -> PersonView:
        """Return whom a code stands for; it is spent by that."""
        check(code, "code", 1, _LONGEST_CODE)
        return await self.links.redeem(code_hash(code))

    async def link_code(
        self, actor: Actor, provider: str, account: str
    ) -> tuple[str, datetime, Link]:
        """Return a code by which an outside identity may ask to be linked with the actor."""
        _check_provider(provider)
        check(account, "account", 0, _LONGEST)
        code = new_code()
        link, ends = await self.links.new_link_code(
            actor.person_id,
            f"link_{new_ulid()}",
            provider,
            account,
            Code(code_hash(code), _LINK_S),
        )
        return code, ends, link

    async def look(self, code: str, claimant: Claimant) -> tuple[Link, str]:
        """Return what an outside identity would ask for by a code, which stays unused.

        So that who has it can be asked before: a link takes all conversations along.
        """
        _check_claim(code, claimant)
        return await self.links.look(code_hash(code), claimant)

    async def claim(self, code: str, claimant: Claimant) -> tuple[Link, str]:
        """Let an outside identity ask to be linked; its owner has 10 minutes to confirm."""
        _check_claim(code, claimant)
        link, account, appended = await self.links.claim(
            Code(code_hash(code), _LINK_S), claimant, new_match_number()
        )
        self._announce(appended)
        return link, account

    async def get(self, actor: Actor, link: str) -> tuple[Link, str]:
        """Return a link, and whom its confirmation would join ("": nobody)."""
        return await self.links.get(actor.person_id, link)

    async def page(
        self, actor: Actor, before: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Link]:
        """Return the actor's links, latest first."""
        return await self.links.page(actor.person_id, before, limit)

    async def confirm(self, actor: Actor, link: str, *, may_approve: bool) -> Link:
        """Join what a link names with the actor. Idempotent."""
        view, appended = await self.merging.confirm(actor.person_id, link, may_approve=may_approve)
        self._announce(appended)
        _log.info("link_confirmed", user_id=logging.hashed(actor.person_id), told=len(appended))
        return view

    async def revoke(self, actor: Actor, link: str) -> Link:
        """Part what a link joined: the identity's next message is a stranger's. Idempotent."""
        view, appended = await self.merging.revoke(actor.person_id, link)
        self._announce(appended)
        return view

    async def forget(self) -> None:
        """Delete codes that ended long ago."""
        await self.links.forget()

    def _announce(self, appended: Sequence[Appended]) -> None:
        self.announcer.announce(appended)
        self.ring.put(appended)
        metrics.APPENDED.labels("link").inc(len(appended))


def _check_claim(code: str, claimant: Claimant) -> None:
    _check_provider(claimant.provider)
    check(code, "code", 1, _LONGEST_CODE)
    check(claimant.external_id, "external_id", 1, _LONGEST)
    check(claimant.display_name, "display_name", 0, _LONGEST)


def _check_provider(provider: str) -> None:
    check(provider, "provider", 1, 32)
    if provider == ACCOUNT:
        raise InvalidInputError("An account is not linked by a code", code="invalid_provider")
