"""Paths beside a path with a parameter: a method that only the latter takes is refused as such."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from uchat_gateway.doors.security import PUBLIC, requires

_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def refusing_other_methods(routes: Iterable[BaseRoute]) -> APIRouter:
    """Return routes that answer 405 where a parameter would take a path that `routes` name.

    Otherwise `PATCH /session/new` would be about a conversation that is called "new". They have to
    be asked before `routes` are.
    """
    http = [context for context in iter_route_contexts(list(routes)) if context.methods]
    named: defaultdict[str, set[str]] = defaultdict(set)
    for context in http:
        if context.path and "{" not in context.path:
            named[context.path] |= context.methods or set()
    with_parameter = [context.path_regex for context in http if "{" in (context.path or "")]
    refusals = APIRouter()
    for path, methods in named.items():
        if any(regex.match(path) for regex in with_parameter):
            _refuse(refusals, path, methods)
    return refusals


def _refuse(refusals: APIRouter, path: str, allowed: set[str]) -> None:
    async def refuse() -> Response:
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})

    refusals.add_api_route(
        path,
        refuse,
        methods=sorted(_METHODS - allowed),
        dependencies=[requires(PUBLIC)],
        include_in_schema=False,
    )
