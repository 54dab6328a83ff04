"""Answers whose JSON comes from another service: passed on as it is, typed in the OpenAPI only."""

from typing import Annotated, Any, Final

import orjson
from fastapi import Query, Response

from uchat_contracts.ids import ClientInterface
from uchat_gateway.ports.trading import JsonPage

_JSON: Final = "application/json"

Cursor = Annotated[str, Query(max_length=256, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]
Via = Annotated[ClientInterface, Query(description="Which interface asks")]


def json_answer(body: bytes, status: int = 200) -> Response:
    """Return JSON of another service as an answer. What a person owns is in no cache."""
    return Response(body, status, {"Cache-Control": "no-store"}, _JSON)


def page_answer(name: str, page: JsonPage) -> Response:
    """Return a page as `{<name>: [...], next}`."""
    body: dict[str, Any] = {
        name: [orjson.Fragment(item) for item in page.items],
        "next": page.next,
    }
    return json_answer(orjson.dumps(body))
