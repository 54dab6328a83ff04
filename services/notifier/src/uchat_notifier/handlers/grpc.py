"""The delivery ledger over gRPC: adapters report, people look."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from uchat_contracts.rpc.notifier.v1 import deliveries_pb2 as pb
from uchat_contracts.rpc.notifier.v1.deliveries_pb2_grpc import DeliveriesServicer
from uchat_notifier.ports import Record, Reported
from uchat_notifier.service.reporting import Reporting
from uchat_platform.errors import InvalidInputError
from uchat_platform.rpc import Requires, current_actor

_SERVICE: Final = "/uchat.notifier.v1.Deliveries"
_READ: Final = frozenset({"viewer", "trader", "approver", "admin"})
REQUIRES: Final = {
    f"{_SERVICE}/Report": Requires(frozenset({"telegram"}), on_own_behalf=True),
    f"{_SERVICE}/ListDeliveries": Requires(frozenset({"gateway", "telegram"}), _READ),
}
_LONGEST_PAGE: Final = 200
_DEFAULT_PAGE: Final = 50
_MOST_REPORTED: Final = 1000


@dataclass(frozen=True, slots=True)
class DeliveriesHandlers(DeliveriesServicer):
    """Decodes a request, calls one use case, encodes the answer."""

    reporting: Reporting

    async def Report(self, request: pb.ReportRequest, context: Any) -> pb.ReportResponse:
        if len(request.reported) > _MOST_REPORTED:
            raise InvalidInputError(
                f"Expected up to {_MOST_REPORTED} reports", code="too_many_reports"
            )
        await self.reporting.report(
            [
                Reported(one.delivery_id, one.status, one.external_id, _time(one.at), one.code)
                for one in request.reported
            ]
        )
        return pb.ReportResponse()

    async def ListDeliveries(
        self, request: pb.ListDeliveriesRequest, context: Any
    ) -> pb.ListDeliveriesResponse:
        if not 0 <= request.limit <= _LONGEST_PAGE:
            raise InvalidInputError(
                f"Expected a limit from 1 to {_LONGEST_PAGE}", code="invalid_limit"
            )
        limit = request.limit or _DEFAULT_PAGE
        person = current_actor().actor.person_id
        rows = await self.reporting.page(person, request.about, _cursor(request.cursor), limit + 1)
        page = rows[:limit]
        return pb.ListDeliveriesResponse(
            deliveries=[_record(row) for row in page],
            next=str(page[-1].number) if len(rows) > limit else "",
        )


def _record(row: Record) -> pb.DeliveryRecord:
    return pb.DeliveryRecord(
        delivery_id=row.delivery_id,
        interface=row.interface,
        kind=row.kind,
        about=row.about,
        status=row.status,
        queued_at=_text(row.queued_at),
        delivered_at=_text(row.delivered_at) if row.delivered_at else "",
    )


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as e:
        raise InvalidInputError("Expected a time as RFC 3339", code="invalid_at") from e
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _cursor(cursor: str) -> int | None:
    if not cursor:
        return None
    if not cursor.isdecimal() or len(cursor) > 18:  # noqa: PLR2004 - digits of a bigint
        raise InvalidInputError("Expected a cursor of this list", code="invalid_cursor")
    return int(cursor)
