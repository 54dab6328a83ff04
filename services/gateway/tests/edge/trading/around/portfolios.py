"""A portfolio that is the same for everybody."""

from dataclasses import dataclass
from decimal import Decimal

from services.gateway.tests.edge.trading.around.execution import AT, ONE, Execution, page

from uchat_contracts.rpc.execution.v1 import portfolio_pb2, portfolio_pb2_grpc
from uchat_contracts.trading import (
    Allocation,
    Holding,
    Movement,
    Order,
    Pnl,
    Portfolio,
    Trade,
    Worth,
)


def holding(symbol: str) -> Holding:
    return Holding(symbol=symbol, name=symbol, free=ONE, reserved=ONE, quantity=ONE, realised=ONE)


def order(n: int) -> Order:
    return Order(
        order_id=f"o{n}",
        client_order_id=f"c{n}",
        symbol="BTC",
        side="buy",
        type="market",
        status="filled",
        quantity=ONE,
        filled=ONE,
        fee=ONE,
        fee_asset="USDT",
        created_at=AT,
        updated_at=AT,
    )


def trade(n: int) -> Trade:
    return Trade(
        trade_id=f"t{n}",
        order_id="o1",
        symbol="BTC",
        side="buy",
        quantity=ONE,
        price=ONE,
        fee=ONE,
        fee_asset="USDT",
        at=AT,
    )


@dataclass
class PortfoliosService(portfolio_pb2_grpc.PortfoliosServicer):
    world: Execution

    async def GetPortfolio(self, request, context):
        self.world.called("GetPortfolio", request)
        portfolio = Portfolio(
            account="acct_1",
            venue="paper",
            simulated=True,
            quote_currency="USDT",
            cash=Decimal(9_000),
            cash_reserved=Decimal(0),
            deposited=Decimal(10_000),
            realised=Decimal(0),
            holdings=[holding(symbol) for symbol in ("BTC", "ETH", "SOL")],
            as_of=AT,
        )
        return portfolio_pb2.GetPortfolioResponse(portfolio=portfolio.json_bytes())

    async def ListOrders(self, request, context):
        self.world.called("ListOrders", request)
        found, following = page([order(n) for n in range(3)], request.cursor, request.limit)
        return portfolio_pb2.ListOrdersResponse(
            orders=[each.json_bytes() for each in found], next=following
        )

    async def CancelOrders(self, request, context):
        self.world.called("CancelOrders", request)
        return portfolio_pb2.CancelOrdersResponse(orders=[order(1).json_bytes()])

    async def ListTrades(self, request, context):
        self.world.called("ListTrades", request)
        found, following = page([trade(n) for n in range(3)], request.cursor, request.limit)
        return portfolio_pb2.ListTradesResponse(
            trades=[each.json_bytes() for each in found], next=following
        )

    async def ListMovements(self, request, context):
        self.world.called("ListMovements", request)
        movements = [
            Movement(
                movement_id=f"m{n}",
                kind="deposit",
                asset="BTC",
                amount=ONE,
                source="external",
                at=AT,
            )
            for n in range(3)
        ]
        found, following = page(movements, request.cursor, request.limit)
        return portfolio_pb2.ListMovementsResponse(
            movements=[each.json_bytes() for each in found], next=following
        )

    async def GetPnl(self, request, context):
        self.world.called("GetPnl", request)
        pnl = Pnl(since=AT, realised=ONE, fees=ONE, points=[Worth(at=AT, total=ONE)])
        return portfolio_pb2.GetPnlResponse(pnl=pnl.json_bytes())

    async def PlanAllocation(self, request, context):
        self.world.called("PlanAllocation", request)
        allocation = Allocation(
            amount=Decimal(request.amount),
            quote_currency="USDT",
            profile=request.profile,
            lines=[],
            cash=Decimal(request.amount),
            cash_weight=Decimal(1),
            method="all in cash",
            as_of=AT,
            simulated=True,
        )
        return portfolio_pb2.PlanAllocationResponse(allocation=allocation.json_bytes())

    async def BeginMerge(self, request, context):
        self.world.called("BeginMerge", request)
        return portfolio_pb2.BeginMergeResponse()

    async def FinishMerge(self, request, context):
        self.world.called("FinishMerge", request)
        return portfolio_pb2.FinishMergeResponse()
