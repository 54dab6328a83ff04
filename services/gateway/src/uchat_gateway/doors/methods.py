"""Paths beside a path with a parameter: a method that only the latter takes is refused as such."""

from typing import Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from uchat_gateway.doors.security import PUBLIC, requires

_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def refuse_other_methods(routes: APIRouter, path: str, *allowed: str) -> None:
    """Answer 405 to all but the `allowed` methods; call it before a parameter takes the path.

    Otherwise `PATCH /session/new` would be about a conversation that is called "new".
    """

    async def refuse() -> Response:
        raise HTTPException(405, headers={"Allow": ", ".join(allowed)})

    routes.add_api_route(
        path,
        refuse,
        methods=sorted(_METHODS - set(allowed)),
        dependencies=[requires(PUBLIC)],
        include_in_schema=False,
    )
