"""What the bus hands over: acknowledgements, received messages, and which stream they lie in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from opentelemetry.context import Context

from uchat_platform import telemetry
from uchat_platform.errors import UchatError

MSG_ID: Final = "Nats-Msg-Id"
EXPECTED_STREAM: Final = "Nats-Expected-Stream"


@dataclass(frozen=True, slots=True)
class PubAck:
    """JetStream has stored a message (`duplicate`: an earlier one with the same id).

    If it was `retried`, that earlier one may be an attempt of this very publish whose
    acknowledgement was lost.
    """

    seq: int
    duplicate: bool
    retried: bool = False


@dataclass(frozen=True, slots=True)
class CoreMessage:
    """A message that was told once; a live copy of a stored one carries `Nats-Sequence`."""

    subject: str
    payload: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Received:
    """A stored message. `seq` counts in the stream; `subject` is the one it was published to."""

    seq: int
    subject: str
    payload: bytes
    headers: Mapping[str, str]
    published_at: datetime
    stream: str

    @property
    def msg_id(self) -> str | None:
        """The id by which JetStream dropped repeats of it."""
        return self.headers.get(MSG_ID)

    def context(self) -> Context:
        """Return the trace context of whoever published it."""
        return telemetry.extract(self.headers)


@dataclass(frozen=True, slots=True)
class StreamIdentity:
    """Which stream it is: one that was deleted and made again differs in `created`."""

    stream: str
    created: str
    first_seq: int
    last_seq: int

    def cursor(self, created: str, seq: int) -> int:
        """Return where to go on for who has read up to `seq` of the stream made at `created`.

        That is `seq`; 0 in another stream; the end in one that lost its end (a restored store).
        """
        if created != self.created:
            return 0
        return min(seq, self.last_seq)


class BusDeniedError(UchatError):
    """The NATS user of this service may not do that: a fault of the set-up, not of the caller."""

    status = 500
    default_code = "bus_denied"


class BusRefusedError(UchatError):
    """JetStream refused a request for good."""

    status = 500
    default_code = "bus_refused"


class StreamRecreatedError(UchatError):
    """The stream is not the one that a cursor belongs to: reset the cursor by `identity`."""

    default_code = "stream_recreated"

    def __init__(self, identity: StreamIdentity) -> None:
        super().__init__(f"The stream {identity.stream!r} was made anew or lost its end")
        self.identity = identity
