"""Continuing on the web, and joining two people: every step can be repeated after a crash."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from uchat_gateway.domain.accounts import Account, Tokens, masked
from uchat_gateway.domain.permissions import Role
from uchat_gateway.ports.links import AccountMerges, LinkCode, Links, Merge, MergeStore
from uchat_gateway.service.accounts import Accounts
from uchat_gateway.service.sign_ins import SignIns
from uchat_platform.auth import Actor
from uchat_platform.errors import ConflictError, NotFoundError, UchatError
from uchat_platform.logging import get_logger, hashed

_SWEEP_S: Final = 5.0
_LEFT_OVER_S: Final = 20.0
_BATCH: Final = 20
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Linking:
    """Lets one person be the same one on every interface."""

    links: Links
    trading: AccountMerges
    merges: MergeStore
    accounts: Accounts
    sign_ins: SignIns

    async def continue_here(self, code: str) -> tuple[Tokens, str]:
        """Sign in as whom a code stands for; returns the tokens and the home conversation.

        Raises:
            NotFoundError, ExpiredError: the code is unknown, used or too old.
            NotPermittedError: `account_disabled` or `account_merged`.
        """
        whose = await self.links.redeem(code)
        account = await self.accounts.open_for(whose.person_id, whose.display_name)
        tokens = await self.sign_ins.start(account, remember=True)
        return tokens, whose.home_session_id

    async def code_for(self, actor: Actor, provider: str) -> LinkCode:
        """Make a code for linking an outside identity with the actor."""
        account: Account = await self.accounts.of_person(actor.person_id)
        return await self.links.create_code(actor, provider, masked(account))

    async def confirm(self, actor: Actor, link_id: str, *, may_approve: bool) -> bytes:
        """Make a link active. A person who has its identity already becomes part of the actor.

        Raises:
            NotFoundError: the link is not the actor's.
            ConflictError: it cannot be confirmed; the code and detail say why.
            UnavailableError: a part is away; what has begun is finished later, or by repeating.
        """
        merge = await self.merges.get(link_id)
        if merge is None:
            found = await self.links.get(actor, link_id)
            if found.other_person in (None, actor.person_id):
                return await self.links.confirm(actor, link_id, may_approve=may_approve)
            if found.state != "awaiting_confirmation":
                raise ConflictError(f"This link is {found.state!r}", code="link_not_confirmable")
            merge = await self.merges.begin(
                Merge(link_id, found.other_person, actor.person_id, may_approve)
            )
        if merge.into != actor.person_id:
            raise NotFoundError("There is no such link")
        return await self._join(actor, merge)

    async def run(self) -> None:
        """Finish merges that a crash left over, for ever."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            try:
                left_over = await self.merges.left_over(_LEFT_OVER_S, _BATCH)
            except UchatError as e:
                _log.warning("merges_unknown", code=e.code)
                continue
            for merge in left_over:
                await self._finish_later(merge)

    async def _finish_later(self, merge: Merge) -> None:
        actor = Actor(merge.into, frozenset({Role.TRADER.value}))
        try:
            await self._join(actor, merge)
        except UchatError as e:
            _log.warning(
                "merge_unfinished", link_id=merge.link_id, user_id=hashed(merge.into), code=e.code
            )

    async def _join(self, actor: Actor, merge: Merge) -> bytes:
        try:
            # What waits for the other person's approval ends first: nothing of it can be executed
            # on an account that its plan was not made for.
            await self.trading.begin(actor, merge)
            link = await self.links.confirm(actor, merge.link_id, may_approve=merge.may_approve)
        except UchatError as e:
            if e.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                await self.merges.end(merge.link_id)
            raise
        await self.trading.finish(actor, merge)
        await self.merges.close_account(merge)
        await self.sign_ins.end_all(merge.gone, "merged")
        await self.merges.end(merge.link_id)
        _log.info("people_merged", link_id=merge.link_id, user_id=hashed(merge.into))
        return link
