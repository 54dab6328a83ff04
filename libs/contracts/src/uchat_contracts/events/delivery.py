"""What an interface that is not a live socket is to show."""

from typing import Any, Literal

from pydantic import AwareDatetime

from uchat_contracts.ids import InterfaceName, LogId, PersonId
from uchat_contracts.model import Model


class Delivery(Model):
    """One thing to tell one person on one interface, once.

    `delivery_id` is the same however often it is sent. `kind` and `data` are those of the log entry
    that it tells. Deliveries with the same `about` (a decision, an answer) concern one thing: the
    adapter changes what it showed of it instead of adding more.
    """

    type: Literal["delivery.v1"] = "delivery.v1"
    delivery_id: str
    user_id: PersonId
    interface: InterfaceName
    address: str
    log: LogId
    seq: int
    kind: str
    about: str
    rev: int = 0
    data: dict[str, Any]
    occurred_at: AwareDatetime
    silent: bool = False

    def nats_msg_id(self) -> str:
        """Return the id for JetStream's stream-wide dedupe."""
        return f"delivery:{self.delivery_id}"
