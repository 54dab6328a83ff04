"""What could not be handled, and why."""

from typing import Literal

from pydantic import AwareDatetime

from uchat_contracts.model import Model


class DeadLettered(Model):
    """A message that failed for good. `sealed` is the original body, encrypted (base64)."""

    type: Literal["dead_lettered.v1"] = "dead_lettered.v1"
    id: str
    service: str
    occurred_at: AwareDatetime
    subject: str
    stream: str
    stream_seq: int
    msg_id: str | None = None
    code: str
    reason: str
    sealed: str
