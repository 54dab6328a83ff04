"""The trading door put together."""

from fastapi import APIRouter

from uchat_gateway.doors.edge import Door
from uchat_gateway.doors.trading import alerts as alerting
from uchat_gateway.doors.trading import books, brakes, exchanges, holdings
from uchat_gateway.ports.access import Limiter
from uchat_gateway.ports.alerts import Alerts
from uchat_gateway.ports.books import Books
from uchat_gateway.ports.trading import Portfolios, Safety
from uchat_gateway.ports.venues import Venues
from uchat_gateway.service.step_up import StepUp


def build(
    portfolios: Portfolios,
    own: Books,
    safety: Safety,
    step_up: StepUp,
    *,
    alerts: Alerts,
    venues: Venues,
    limiter: Limiter,
) -> Door:
    """Make the door on the adapters of the execution service."""
    router = APIRouter(prefix="/api/v1", tags=["trading"])
    router.include_router(holdings.router(portfolios))
    router.include_router(books.router(own, portfolios, limiter))
    router.include_router(brakes.router(safety, step_up))
    router.include_router(alerting.router(alerts, limiter))
    router.include_router(exchanges.router(venues, step_up, limiter))
    return Door("trading", router)
