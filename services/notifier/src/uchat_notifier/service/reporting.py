"""What became of deliveries: adapters report it, people look it up."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from uchat_notifier.ports import Ledger, Record, Reported
from uchat_notifier.service import metrics
from uchat_platform.errors import InvalidInputError

_STATUSES: Final = frozenset({"delivered", "collapsed", "failed"})
_LONGEST: Final = 200
_NUL: Final = "\0"


@dataclass(frozen=True, slots=True)
class Reporting:
    """The ledger of deliveries."""

    ledger: Ledger

    async def report(self, reported: Sequence[Reported]) -> None:
        """Note what adapters say of deliveries. Idempotent: the first word on each stands.

        Raises:
            InvalidInputError: no such status, or not an id.
        """
        for each in reported:
            _check(each)
        for status in await self.ledger.report(reported):
            metrics.REPORTED.labels(status).inc()

    async def page(self, person: str, about: str, before: int | None, limit: int) -> list[Record]:
        """Return a person's deliveries, latest first."""
        if len(about) > _LONGEST or _NUL in about:
            raise InvalidInputError("Expected what deliveries are about", code="invalid_about")
        return await self.ledger.page(person, about, before, limit)


def _check(reported: Reported) -> None:
    if reported.status not in _STATUSES:
        raise InvalidInputError(
            f"Expected one of {sorted(_STATUSES)}, found {reported.status!r}", code="invalid_status"
        )
    try:
        uuid.UUID(reported.delivery_id)
    except ValueError as e:
        raise InvalidInputError("Expected the id of a delivery", code="invalid_delivery_id") from e
    for value in (reported.external_id, reported.code):
        if len(value) > _LONGEST or _NUL in value:
            raise InvalidInputError(
                f"Expected up to {_LONGEST} characters without NUL", code="invalid_report"
            )
