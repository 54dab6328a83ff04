"""The ASGI application: all doors, behind the same guards, with the same errors."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from uchat_gateway.doors import openapi, problems
from uchat_gateway.doors.asgi import BodyGuard, Edge
from uchat_gateway.doors.edge import Deps, Door
from uchat_gateway.doors.methods import refusing_other_methods
from uchat_gateway.doors.security import refuse_undeclared


def build_app(deps: Deps, doors: Sequence[Door], *, pages: ASGIApp | None = None) -> FastAPI:
    """Put doors together. `pages` answers what no route matches (the web app).

    Raises:
        UndeclaredRouteError: a route declares nothing about who may use it.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            for door in doors:
                if door.lifespan is not None:
                    await stack.enter_async_context(door.lifespan())
            yield

    app = FastAPI(
        title="Unified Chat",
        version=version("uchat-gateway"),
        description="One trading conversation, continued on every interface.",
        openapi_url=None,  # its route declares nothing; doors/status serves the document
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Its spans would double those of `Edge`, and hold a socket's whole life in one trace.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=lifespan,
    )
    app.state.guards = deps.guards
    routes = [route for door in doors for route in door.router.routes]
    app.include_router(refusing_other_methods(routes))
    for door in doors:
        app.include_router(door.router)
    refuse_undeclared(app.routes)
    # In an included router the scope's own route lacks the prefix.
    app.state.templates = {c.endpoint: c.path for c in iter_route_contexts(app.routes)}
    if pages is not None:
        app.router.default = pages
    problems.install(app)
    app.openapi = lambda: openapi.cached(app)
    app.add_middleware(BodyGuard)
    if deps.settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sorted(deps.settings.origins),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
            expose_headers=["Retry-After", "X-Request-Id"],
            max_age=600,
        )
    app.add_middleware(Edge, hsts=deps.settings.environment == "production")
    return app
