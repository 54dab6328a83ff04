"""Asks again what a connected key may do: at its exchange it can be changed at any time."""

from collections.abc import Sequence
from dataclasses import dataclass

from uchat_contracts.trading import KeyChanged
from uchat_execution.domain.accounts import Account
from uchat_execution.domain.live import Key, told_orders, told_rights
from uchat_execution.domain.orders import Order
from uchat_execution.domain.venues import BY_NAME, Rights
from uchat_execution.ports.store import Books, Told, Unit
from uchat_execution.ports.venues import VenueGateway
from uchat_execution.service.cancelling import Cancelling
from uchat_execution.service.live.connecting import shown_key
from uchat_execution.service.portfolio import shown_order
from uchat_platform import logging
from uchat_platform.errors import UchatError
from uchat_platform.logging import hashed

_log = logging.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rechecking:
    """Stores what a key may do now, and tells its owner of a change. Claims look at what is stored.

    A key that can move funds out by then trades no more, and what would still buy there is
    cancelled; sales stay, since they only lower a risk. Its account goes on being read.
    """

    books: Books
    gateway: VenueGateway
    cancelling: Cancelling

    async def again(self, account: Account) -> None:
        """Ask about the key of an account at a live exchange; without an answer nothing changes.

        Purchases are cancelled each time that the key is found so: whatever was left by a crash is
        seen to by the next time.

        Raises:
            UnavailableError: the database is away.
        """
        try:
            rights = await self.gateway.rights(account.venue, account.account)
        except UchatError as e:
            _log.warning("key_not_checked", account=account.account, code=e.code)
            return
        await self._note(account, rights)
        if rights.withdraw:
            await self.cancelling.purchases_of(account.account)

    async def _note(self, account: Account, rights: Rights) -> None:
        async with self.books.unit() as unit:
            # Claims that are under way end before it, later ones see it.
            held = await unit.accounts.get(account.account, lock=True)
            noted = await unit.venues.note_rights(account.account, rights)
            if noted is None:
                return
            key, rev = noted
            rests = await unit.orders.open_of(account.account) if rights.withdraw else []
            await _tell(unit, held.person, key, rev, rests)
        _log.warning(
            "venue_key_changed",
            person=hashed(held.person),
            venue=key.venue,
            may_trade=key.may_trade,
            may_withdraw=key.may_withdraw,
        )


async def _tell(unit: Unit, person: str, key: Key, rev: int, rests: Sequence[Order]) -> None:
    buys = [order for order in rests if order.side == "buy"]
    sales = [order for order in rests if order.side == "sell"]
    traits = BY_NAME[key.venue]
    changed = KeyChanged(
        **dict(shown_key(key)),
        user_id=person,
        rev=rev,
        text=f"{told_rights(traits, key)}{told_orders(traits, buys, sales)}",
        at=await unit.now(),
        cancelling=[shown_order(order) for order in buys],
        still_open=[shown_order(order) for order in sales],
    )
    about = f"venue_key:{key.account}"
    await unit.tell(Told(about, rev, "venue_key", person, None, changed.json_bytes()))
