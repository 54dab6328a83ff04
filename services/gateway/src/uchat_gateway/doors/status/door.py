"""Health, readiness, metrics and the OpenAPI document: for probes, and for anybody."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import HTMLResponse, JSONResponse, Response

from uchat_gateway.doors.edge import Door
from uchat_gateway.doors.problems import problem_response
from uchat_gateway.doors.security import PUBLIC, requires
from uchat_gateway.service.status import Recovering, State, Status
from uchat_platform.health import Health

OPENAPI_PATH = "/api/v1/openapi.json"
Activity = Literal["active", "inactive"]
Sync = Literal["operational", "interrupted"]
ComponentState = Literal["up", "down", "recovering"]


class HealthReport(BaseModel):
    """How the product is. `active_sessions`: live connections of the gateway that answers.

    Components `market` (prices of now) and `venue` (where orders go) are what execution says of its
    ways to the exchange; one that failed and is being tried again is `recovering`.
    """

    status: State
    unified_ai_manager: Activity
    active_sessions: int
    cross_platform_sync: Sync
    components: dict[str, ComponentState]
    version: str


class Alive(BaseModel):
    """A probe's answer."""

    status: Literal["ok"]


def build(
    status: Status, health: Health, active_sessions: Callable[[], int], *, docs: bool
) -> Door:
    """Make the door. `docs`: also serve a page to try the API on, for development."""
    router = APIRouter(dependencies=[requires(PUBLIC)], tags=["status"])

    @router.get("/api/v1/unified-chat/health")
    async def read_health(request: Request) -> HealthReport:
        """Tell how the product is; asks every part, at most once a second."""
        app: FastAPI = request.app
        report = await status.report()
        up = report.components
        return HealthReport(
            status=report.state,
            unified_ai_manager="active" if up["ai_core"] else "inactive",
            active_sessions=active_sessions(),
            cross_platform_sync="operational" if up["nats"] and up["sessions"] else "interrupted",
            components={name: _word(is_up) for name, is_up in up.items()},
            version=app.version,
        )

    @router.get("/livez")
    async def read_liveness() -> Alive:
        """Tell that the process runs."""
        return Alive(status="ok")

    @router.get("/readyz", response_model=Alive)
    async def read_readiness() -> Response:
        """Tell whether requests may be sent here: connected to the bus and not draining."""
        if health.is_ready:
            return JSONResponse({"status": "ok"})
        return problem_response(503, "not_ready", "Send requests to another gateway")

    @router.get(
        "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
    )
    async def read_metrics() -> Response:
        """Return the metrics of this gateway in the Prometheus text format."""
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @router.get(OPENAPI_PATH, include_in_schema=False)
    async def read_openapi(request: Request) -> JSONResponse:
        app: FastAPI = request.app
        return JSONResponse(app.openapi())

    if docs:
        router.add_api_route("/docs", _docs, include_in_schema=False)
    return Door("status", router)


def _word(is_up: bool | Recovering) -> ComponentState:
    if is_up == "recovering":
        return "recovering"
    return "up" if is_up else "down"


async def _docs() -> HTMLResponse:
    page = get_swagger_ui_html(openapi_url=OPENAPI_PATH, title="Unified Chat API")
    # Its script comes from elsewhere, which is why production has no such page.
    page.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
    return page
