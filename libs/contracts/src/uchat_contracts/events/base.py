"""What every event carries."""

from pydantic import AwareDatetime, Field

from uchat_contracts.ids import LogId, new_ulid
from uchat_contracts.model import Model


class Event(Model):
    """An event that concerns one log. Subclasses add `type`, fixed as `<name>.v<version>`."""

    event_id: str = Field(default_factory=new_ulid)
    occurred_at: AwareDatetime
    session_id: LogId
    correlation_id: str | None = None
    causation_id: str | None = None
