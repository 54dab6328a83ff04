"""Asks again what a connected key may do: at its exchange it can be changed at any time."""

from dataclasses import dataclass

from uchat_execution.domain.accounts import Account
from uchat_execution.domain.live import KEY_REFUSED, Key
from uchat_execution.domain.venues import Rights
from uchat_execution.ports.store import Books, Unit
from uchat_execution.ports.venues import VenueGateway
from uchat_execution.service.cancelling import Cancelling
from uchat_execution.service.live.telling import tell_key
from uchat_platform import logging
from uchat_platform.errors import UchatError
from uchat_platform.logging import hashed

_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rechecking:
    """Stores what a key may do now, and tells its owner of a change. Claims look at what is stored.

    A key that can move funds out by then trades no more, and what would still buy there is
    cancelled; sales stay, since they only lower a risk. Its account goes on being read. With one
    that the exchange does not accept any more, nothing goes on until it does again.
    """

    books: Books
    gateway: VenueGateway
    cancelling: Cancelling

    async def again(self, account: Account) -> bool:
        """Ask about the key of an account at a live exchange; False: it is not accepted.

        Without an answer nothing changes. Purchases are cancelled each time that the key can move
        funds out: whatever was left by a crash is seen to by the next time. What is told when
        another key has taken its place changes nothing either: it says nothing of that one.

        Raises:
            UnavailableError: the database is away.
        """
        async with self.books.unit() as unit:
            asked = await _key_of(unit, account)
        try:
            rights = await self.gateway.rights(account.venue, account.account)
        except UchatError as e:
            if e.code == KEY_REFUSED:
                return await self._note(account, asked, None)
            _log.warning("key_not_checked", account=account.account, code=e.code)
            return True
        accepted = await self._note(account, asked, rights if rights.read else None)
        if accepted and rights.withdraw:
            await self.cancelling.purchases_of(account.account)
        return accepted

    async def _note(self, account: Account, asked: Key | None, rights: Rights | None) -> bool:
        async with self.books.unit() as unit:
            # Claims that are under way end before it, later ones see it.
            held = await unit.accounts.get(account.account, lock=True)
            known = await _key_of(unit, held)
            if known is None:
                return False
            if asked is None or known.connected_at != asked.connected_at:
                return known.refused_at is None
            accepted = rights is not None and await _counts(unit, known, rights)
            if rights is not None and accepted:
                noted = await unit.venues.note_rights(account.account, rights)
            else:
                noted = await unit.venues.note_refused(account.account)
            if noted is None:
                return accepted
            key, rev = noted
            await tell_key(unit, held.person, key, rev)
        _log.warning(
            "venue_key_changed",
            person=hashed(held.person),
            venue=key.venue,
            accepted=accepted,
            may_trade=key.may_trade,
            may_withdraw=key.may_withdraw,
        )
        return accepted


async def _key_of(unit: Unit, account: Account) -> Key | None:
    keys = await unit.venues.keys(account.person)
    return next((key for key in keys if key.account == account.account), None)


async def _counts(unit: Unit, known: Key, rights: Rights) -> bool:
    """Whether a key that the exchange accepts is accepted here, too; notes which account it is of.

    While it was refused, somebody else may have connected the same account: then it is theirs.
    """
    if not await unit.venues.taken(rights.account, besides=known.account):
        await unit.venues.note_account(known.account, rights.account)
        return True
    return known.refused_at is None
