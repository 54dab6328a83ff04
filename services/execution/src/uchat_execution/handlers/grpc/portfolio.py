"""Portfolios by gRPC: decode, one service method, encode."""

from dataclasses import dataclass
from typing import Any, Final

from uchat_contracts.rpc.execution.v1 import portfolio_pb2 as pb
from uchat_contracts.rpc.execution.v1 import portfolio_pb2_grpc as pb_grpc
from uchat_execution.handlers.grpc import words
from uchat_execution.service.allocating import Allocating
from uchat_execution.service.cancelling import Cancelling
from uchat_execution.service.merging import Merging
from uchat_execution.service.performance import Performance
from uchat_execution.service.portfolio import Portfolios
from uchat_execution.service.reconciling.movements import Movements
from uchat_platform.errors import InvalidInputError, NotPermittedError
from uchat_platform.rpc import Registration, Requires

_IDS: Final = 200
_SERVICE: Final = "/uchat.execution.v1.Portfolios"
_MERGES: Final = Requires(frozenset({"gateway"}), words.TRADE, on_own_behalf=True)
REQUIRES: Final = {
    f"{_SERVICE}/GetPortfolio": words.READS,
    f"{_SERVICE}/ListOrders": words.READS,
    f"{_SERVICE}/ListTrades": words.READS,
    f"{_SERVICE}/ListMovements": words.READS,
    f"{_SERVICE}/GetPnl": words.READS,
    f"{_SERVICE}/PlanAllocation": words.READS,
    f"{_SERVICE}/CancelOrders": words.BRAKES,
    f"{_SERVICE}/BeginMerge": _MERGES,
    f"{_SERVICE}/FinishMerge": _MERGES,
}


@dataclass(frozen=True, slots=True)
class PortfoliosServicer(pb_grpc.PortfoliosServicer):
    """Serves `Portfolios`; everything may be asked again without harm."""

    portfolios: Portfolios
    performance: Performance
    allocating: Allocating
    merging: Merging
    cancelling: Cancelling
    movements: Movements

    async def GetPortfolio(
        self, request: pb.GetPortfolioRequest, context: Any
    ) -> pb.GetPortfolioResponse:
        """Return everything that the person owns."""
        portfolio = await self.portfolios.of(words.actor().person_id, words.name(request.venue))
        return pb.GetPortfolioResponse(portfolio=portfolio.json_bytes())

    async def ListOrders(
        self, request: pb.ListOrdersRequest, context: Any
    ) -> pb.ListOrdersResponse:
        """Return a page of orders, latest first."""
        limit = words.limit(request.limit)
        orders = await self.portfolios.orders(
            words.actor().person_id,
            words.name(request.symbol),
            open_only=request.open_only,
            before=words.decode_cursor(request.cursor),
            limit=limit + 1,
            venue=words.name(request.venue),
        )
        page, more = orders[:limit], len(orders) > limit
        return pb.ListOrdersResponse(
            orders=words.bodies(page),
            next=words.encode_cursor(page[-1].created_at, page[-1].order_id) if more else "",
        )

    async def ListTrades(
        self, request: pb.ListTradesRequest, context: Any
    ) -> pb.ListTradesResponse:
        """Return a page of fills, latest first."""
        limit = words.limit(request.limit)
        trades = await self.portfolios.trades(
            words.actor().person_id,
            words.name(request.symbol),
            words.decode_cursor(request.cursor),
            limit + 1,
            words.name(request.venue),
        )
        page, more = trades[:limit], len(trades) > limit
        return pb.ListTradesResponse(
            trades=words.bodies(page),
            next=words.encode_cursor(page[-1].at, page[-1].trade_id) if more else "",
        )

    async def ListMovements(
        self, request: pb.ListMovementsRequest, context: Any
    ) -> pb.ListMovementsResponse:
        """Return a page of what came or went otherwise than by a decision, latest first."""
        limit = words.limit(request.limit)
        movements = await self.movements.of(
            words.actor().person_id,
            words.decode_cursor(request.cursor),
            limit + 1,
            words.name(request.venue),
        )
        page, more = movements[:limit], len(movements) > limit
        return pb.ListMovementsResponse(
            movements=words.bodies(page),
            next=words.encode_cursor(page[-1].at, page[-1].movement_id) if more else "",
        )

    async def GetPnl(self, request: pb.GetPnlRequest, context: Any) -> pb.GetPnlResponse:
        """Return profit and loss of a period."""
        pnl = await self.performance.pnl(
            words.actor().person_id,
            request.period or "day",
            request.method or "average",
            own_currency=request.own_currency,
            venue=words.name(request.venue),
        )
        return pb.GetPnlResponse(pnl=pnl.json_bytes())

    async def PlanAllocation(
        self, request: pb.PlanAllocationRequest, context: Any
    ) -> pb.PlanAllocationResponse:
        """Return how an amount could be spread."""
        amount = words.decimal(request.amount, "an amount")
        allocation = await self.allocating.suggest(amount, request.profile)
        return pb.PlanAllocationResponse(allocation=allocation.json_bytes())

    async def CancelOrders(
        self, request: pb.CancelOrdersRequest, context: Any
    ) -> pb.CancelOrdersResponse:
        """Cancel open orders."""
        if len(request.order_ids) > _IDS:
            raise InvalidInputError(f"Expected at most {_IDS} ids")
        orders = await self.cancelling.cancel(
            words.actor().person_id,
            list(request.order_ids),
            words.name(request.symbol),
            words.name(request.venue),
        )
        return pb.CancelOrdersResponse(orders=words.bodies(orders))

    async def BeginMerge(
        self, request: pb.BeginMergeRequest, context: Any
    ) -> pb.BeginMergeResponse:
        """Prepare two people's becoming one."""
        _check_who(request.into)
        superseded = await self.merging.begin(request.link_id, request.gone, request.into)
        return pb.BeginMergeResponse(superseded=superseded)

    async def FinishMerge(
        self, request: pb.FinishMergeRequest, context: Any
    ) -> pb.FinishMergeResponse:
        """Archive the account of the person that goes."""
        _check_who(request.into)
        await self.merging.finish(request.link_id, request.gone, request.into)
        return pb.FinishMergeResponse()


def _check_who(into: str) -> None:
    actor = words.actor()
    if not actor.is_service and actor.person_id != into:
        raise NotPermittedError("Only who stays may join two accounts")


def registration(servicer: PortfoliosServicer) -> Registration:
    """Return what the gRPC server needs to serve portfolios."""
    return Registration(
        pb_grpc.add_PortfoliosServicer_to_server,
        servicer,
        pb.DESCRIPTOR.services_by_name["Portfolios"],
    )
