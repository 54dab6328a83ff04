"""Deliveries on the bus."""

from dataclasses import dataclass
from typing import Final

from uchat_contracts import subjects
from uchat_notifier.ports import Queued
from uchat_platform.bus import Bus

_TRACEPARENT: Final = "traceparent"


@dataclass(frozen=True, slots=True)
class BusOutlet:
    """Puts deliveries on `uchat.delivery.v1.<interface>.<address>`."""

    bus: Bus

    async def put(self, queued: Queued) -> None:
        """Put a delivery on the bus and return once it is stored there."""
        delivery = queued.delivery
        await self.bus.publish(
            subjects.delivery(delivery.interface, delivery.address),
            delivery.json_bytes(),
            stream=subjects.DELIVERIES,
            msg_id=delivery.nats_msg_id(),
            headers={_TRACEPARENT: queued.trace} if queued.trace else None,
        )
