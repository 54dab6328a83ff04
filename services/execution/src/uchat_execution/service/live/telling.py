"""Keys of exchanges as their owners see them, and what they are told of one."""

from collections.abc import Sequence

from uchat_contracts.trading import KeyChanged, VenueKey
from uchat_execution.domain.live import Key, told_orders, told_rights, told_unreachable
from uchat_execution.domain.orders import Order
from uchat_execution.domain.venues import BY_NAME
from uchat_execution.ports.store import Told, Unit
from uchat_execution.service.portfolio import shown_order


def shown_key(key: Key) -> VenueKey:
    """Return a key as its owner sees it."""
    return VenueKey(
        venue=key.venue,
        account=key.account,
        masked=key.masked,
        may_trade=key.may_trade,
        may_withdraw=key.may_withdraw,
        refused_at=key.refused_at,
        connected_at=key.connected_at,
        connected_via=key.connected_via,
    )


async def tell_key(unit: Unit, person: str, key: Key, rev: int) -> None:
    """Tell a person, on every interface, that a key of theirs may do something else by now.

    `rev` numbers the change: it is told once. What rests at the exchange is listed with a key that
    places no orders any more.
    """
    rests = await unit.orders.open_of(key.account) if key.is_spent else []
    # With a key that is refused, nothing can be cancelled from here.
    reached = [] if key.refused_at is not None else rests
    buys = [order for order in reached if order.side == "buy"]
    sales = [order for order in reached if order.side == "sell"]
    changed = KeyChanged(
        **dict(shown_key(key)),
        user_id=person,
        rev=rev,
        text=_text(key, rests, buys, sales),
        at=await unit.now(),
        cancelling=[shown_order(order) for order in buys],
        still_open=[shown_order(order) for order in sales],
    )
    about = f"venue_key:{key.account}"
    await unit.tell(Told(about, rev, "venue_key", person, None, changed.json_bytes()))


def _text(key: Key, rests: Sequence[Order], buys: Sequence[Order], sales: Sequence[Order]) -> str:
    traits = BY_NAME[key.venue]
    if key.refused_at is not None:
        return told_rights(traits, key) + told_unreachable(traits, rests)
    return told_rights(traits, key) + told_orders(traits, buys, sales)
