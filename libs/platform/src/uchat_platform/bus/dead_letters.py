"""What can never be handled is put aside: sealed, with the reason, and able to be tried again."""

import base64
from collections.abc import AsyncIterator
from typing import Any

from pydantic import ValidationError

from uchat_contracts import ids, subjects
from uchat_contracts.events import DeadLettered
from uchat_platform import logging
from uchat_platform.bus import metrics
from uchat_platform.bus.client import Bus
from uchat_platform.bus.messages import PubAck, Received
from uchat_platform.clock import Clock, SystemClock
from uchat_platform.crypto import KeyRing
from uchat_platform.errors import ConflictError, NotFoundError, UchatError

_log = logging.get_logger(__name__)


async def put(
    bus: Bus,
    received: Received,
    *,
    log: str,
    error: UchatError,
    keys: KeyRing | None,
    clock: Clock | None = None,
) -> str:
    """Put a message aside and return the dead letter's id; the same message gives one letter.

    The body is sealed by the key-encryption key: it may be what a person wrote. A service without
    that key (None) keeps only where the message lay; what it reads can be read again elsewhere.

    Raises:
        UnavailableError: not now; do not go past the message.
    """
    # The time tells the same number of a stream made anew apart.
    place = f"{received.stream}|{received.seq}|{received.published_at.isoformat()}"
    letter_id = ids.digest(f"{bus.service}|{place}".encode())
    letter = DeadLettered(
        id=letter_id,
        service=bus.service,
        occurred_at=(clock or SystemClock()).now(),
        subject=received.subject,
        stream=received.stream,
        stream_seq=received.seq,
        msg_id=received.msg_id,
        code=error.code,
        reason=error.detail,
        sealed=_sealed(keys, received.payload, letter_id),
    )
    await bus.publish(
        subjects.dead_letter(bus.service, log),
        letter.json_bytes(),
        stream=subjects.DLQ,
        msg_id=f"dlq:{letter_id}",
    )
    metrics.DEAD.labels(error.code).inc()
    _log.error("dead_lettered", id=letter_id, code=error.code, session_id=log)
    return letter_id


class DeadLetters:
    """The dead letters as the operator sees them (NATS user `provisioner`)."""

    def __init__(self, bus: Bus, keys: KeyRing | None) -> None:
        self._bus = bus
        self._keys = keys

    async def list(self, *, after: int = 0, limit: int = 50) -> list[tuple[int, DeadLettered]]:
        """Return letters with their number, oldest first; the last number is the next `after`.

        Raises:
            UnavailableError: no answer.
        """
        found: list[tuple[int, DeadLettered]] = []
        async for seq, letter in self._letters(after):
            found.append((seq, letter))
            if len(found) == limit:
                break
        return found

    async def show(self, letter_id: str) -> tuple[DeadLettered, bytes]:
        """Return a letter and its body (empty if the body was not kept).

        Raises:
            NotFoundError: there is none.
            SealError: it was sealed by another key.
        """
        _, letter = await self._find(letter_id)
        return letter, self._opened(letter)

    async def retry(self, letter_id: str) -> PubAck:
        """Put the message back to where it was first published, and delete the letter.

        The body, and with it every key that makes the message unique, is unchanged. Its Nats-Msg-Id
        names the retry, since the stream still drops repeats of the first one for a while.

        Raises:
            NotFoundError: there is no such letter.
            ConflictError: the body was not kept.
            UnavailableError: not now; the letter stays.
        """
        seq, letter = await self._find(letter_id)
        body = self._opened(letter)
        if not body:
            raise ConflictError(
                f"{letter.service} keeps no bodies: message {letter.stream_seq} of"
                f" {letter.stream} must be handled there",
                code="body_not_kept",
            )
        ack = await self._bus.publish(
            letter.subject,
            body,
            stream=letter.stream,
            msg_id=f"{letter.msg_id or letter.id}:retry:{seq}",
        )
        await self._bus.api(f"STREAM.MSG.DELETE.{subjects.DLQ}", {"seq": seq, "no_erase": False})
        return ack

    async def _find(self, letter_id: str) -> tuple[int, DeadLettered]:
        async for seq, letter in self._letters(0):
            if letter.id == letter_id:
                return seq, letter
        raise NotFoundError(f"Expected a dead letter, found none with id {letter_id!r}")

    async def _letters(self, after: int) -> AsyncIterator[tuple[int, DeadLettered]]:
        while True:
            request = {"seq": after + 1, "next_by_subj": subjects.dead_letter("*", "*")}
            try:
                answer = await self._bus.api(f"STREAM.MSG.GET.{subjects.DLQ}", request)
            except NotFoundError:
                return
            message: dict[str, Any] = answer["message"]
            after = int(message["seq"])
            try:
                yield after, DeadLettered.model_validate_json(base64.b64decode(message["data"]))
            except ValidationError as e:
                _log.error("dead_letter_unreadable", seq=after, detail=str(e))

    def _opened(self, letter: DeadLettered) -> bytes:
        if not letter.sealed:
            return b""
        if self._keys is None:
            raise ConflictError("The key-encryption key is needed to open it", code="no_key")
        return self._keys.open(base64.b64decode(letter.sealed), f"dlq|{letter.id}")


def _sealed(keys: KeyRing | None, payload: bytes, letter_id: str) -> str:
    if keys is None:
        return ""
    return base64.b64encode(keys.seal(payload, f"dlq|{letter_id}")).decode()
