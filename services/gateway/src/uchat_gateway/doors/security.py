"""Who may use a route: each declares it by `requires`, and one that declares nothing is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final

from fastapi import Depends, params
from fastapi.routing import iter_route_contexts
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from uchat_gateway.domain.permissions import Permission
from uchat_gateway.doors.edge import Guards
from uchat_gateway.ports.access import Principal
from uchat_platform.auth import Actor
from uchat_platform.errors import UchatError, UnauthenticatedError

_BEARER = "bearer"


class Public(Enum):
    """For everybody, without a token."""

    PUBLIC = "public"


PUBLIC: Final = Public.PUBLIC


class UndeclaredRouteError(UchatError):
    """A route declares nothing about who may use it: the gateway does not start."""

    default_code = "undeclared_route"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a route requires, checked before its handler runs.

    `in_hello`: a WebSocket, whose first frame carries the token; its door checks it there.
    """

    permission: Permission | Public
    in_hello: bool = False

    async def __call__(self, connection: HTTPConnection) -> None:
        """Let the caller in or refuse."""
        if isinstance(self.permission, Public) or self.in_hello:
            return
        guards = guards_of(connection)
        principal = guards.access.authenticate(bearer_token(connection))
        guards.access.allow(principal, self.permission)
        connection.state.principal = principal


def requires(permission: Permission | Public) -> Any:
    """Declare in a route's `dependencies` what its caller must have (`PUBLIC`: nothing)."""
    return Depends(Requirement(permission))


def requires_in_hello(permission: Permission) -> Any:
    """Declare for a WebSocket route what its hello frame's token must allow."""
    return Depends(Requirement(permission, in_hello=True))


def guards_of(connection: HTTPConnection) -> Guards:
    """Return the guards of the application that serves this connection."""
    guards: Guards = connection.app.state.guards
    return guards


def bearer_token(connection: HTTPConnection) -> str:
    """Return the token of the Authorization header.

    Raises:
        UnauthenticatedError: `token_missing`: there is none, or not a bearer token.
    """
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != _BEARER or not token.strip():
        raise UnauthenticatedError("Send a bearer token", code="token_missing")
    return token.strip()


async def current_principal(connection: HTTPConnection) -> Principal:
    """Return who is signed in on this request."""
    principal: Principal | None = getattr(connection.state, "principal", None)
    if principal is None:
        raise UnauthenticatedError("Send a bearer token", code="token_missing")
    return principal


async def current_actor(connection: HTTPConnection) -> Actor:
    """Return the actor of this request, on interface `api` unless the door knows better."""
    return (await current_principal(connection)).actor


async def client_address(connection: HTTPConnection) -> str:
    """Return the address that limits before login count by."""
    peer = connection.client.host if connection.client else None
    return guards_of(connection).proxies.client_of(
        peer, connection.headers.getlist("x-forwarded-for")
    )


def origin_allowed(connection: HTTPConnection) -> bool:
    """Tell whether the page that opens this connection may (for WebSocket handshakes)."""
    headers = connection.headers
    return guards_of(connection).origins.allows(headers.get("origin"), headers.get("host"))


CurrentPrincipal = Annotated[Principal, Depends(current_principal)]
CurrentActor = Annotated[Actor, Depends(current_actor)]
ClientAddress = Annotated[str, Depends(client_address)]


def requirement_of(dependencies: Iterable[params.Depends]) -> Requirement | None:
    """Return what a route declares, if it declares anything."""
    for dependency in dependencies:
        if isinstance(dependency.dependency, Requirement):
            return dependency.dependency
    return None


def refuse_undeclared(routes: Iterable[BaseRoute]) -> None:
    """Check that every route, HTTP or WebSocket, declares what it requires.

    Raises:
        UndeclaredRouteError: one does not, or is of a kind that cannot.
    """
    for context in iter_route_contexts(list(routes)):
        if requirement_of(getattr(context, "dependencies", ())) is None:
            raise UndeclaredRouteError(
                f"Route {context.path!r} ({context.name!r}) declares nothing about who may use it"
            )
