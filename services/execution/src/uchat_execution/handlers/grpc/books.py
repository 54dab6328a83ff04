"""Performance, ledger and preferences by gRPC: decode, one service method, encode."""

from dataclasses import dataclass
from typing import Any, Final

from uchat_contracts.rpc.execution.v1 import books_pb2 as pb
from uchat_contracts.rpc.execution.v1 import books_pb2_grpc as pb_grpc
from uchat_execution.handlers.grpc import words
from uchat_execution.service.performance import Performance
from uchat_execution.service.preferences import Choices
from uchat_platform.errors import InvalidInputError
from uchat_platform.rpc import Registration, Requires

_SERVICE: Final = "/uchat.execution.v1.Books"
_LARGEST: Final = 2**63 - 1
REQUIRES: Final = {
    f"{_SERVICE}/GetEquity": words.READS,
    f"{_SERVICE}/ListLedger": words.READS,
    f"{_SERVICE}/GetPreferences": words.READS,
    # How figures are told moves no money: the brain may change it for the person.
    f"{_SERVICE}/SetPreferences": Requires(words.BRAIN, words.TRADE),
}


@dataclass(frozen=True, slots=True)
class BooksServicer(pb_grpc.BooksServicer):
    """Serves `Books`; everything may be asked again without harm."""

    performance: Performance
    choices: Choices

    async def GetEquity(self, request: pb.GetEquityRequest, context: Any) -> pb.GetEquityResponse:
        """Return the value over time."""
        equity = await self.performance.equity(
            words.actor().person_id,
            request.span or "month",
            own_currency=request.own_currency,
            venue=words.name(request.venue),
        )
        return pb.GetEquityResponse(equity=equity.json_bytes())

    async def ListLedger(
        self, request: pb.ListLedgerRequest, context: Any
    ) -> pb.ListLedgerResponse:
        """Return a page of entries, latest first."""
        limit = words.limit(request.limit)
        entries = await self.performance.ledger(
            words.actor().person_id, _place(request.cursor), limit + 1, words.name(request.venue)
        )
        page, more = entries[:limit], len(entries) > limit
        return pb.ListLedgerResponse(
            entries=words.bodies(page),
            next=f"{page[-1].transaction}-{page[-1].n}" if more else "",
        )

    async def GetPreferences(
        self, request: pb.GetPreferencesRequest, context: Any
    ) -> pb.PreferencesState:
        """Return what figures are told in."""
        chosen = await self.choices.of(words.actor().person_id)
        return pb.PreferencesState(preferences=chosen.json_bytes())

    async def SetPreferences(
        self, request: pb.SetPreferencesRequest, context: Any
    ) -> pb.PreferencesState:
        """Change what figures are told in."""
        chosen = await self.choices.change(
            words.actor().person_id, request.time_zone, request.currency
        )
        return pb.PreferencesState(preferences=chosen.json_bytes())


def registration(servicer: BooksServicer) -> Registration:
    """Return what the gRPC server needs to serve books."""
    return Registration(
        pb_grpc.add_BooksServicer_to_server,
        servicer,
        pb.DESCRIPTOR.services_by_name["Books"],
    )


def _place(cursor: str) -> tuple[int, int] | None:
    if not cursor:
        return None
    transaction, _, n = cursor.partition("-")
    digits = transaction.isascii() and transaction.isdigit() and n.isascii() and n.isdigit()
    if not digits or int(transaction) > _LARGEST or len(n) > 4:  # noqa: PLR2004 - a smallint
        raise InvalidInputError("Expected a cursor from an earlier page", code="invalid_cursor")
    return int(transaction), int(n)
