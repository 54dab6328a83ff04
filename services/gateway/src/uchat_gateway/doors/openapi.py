"""The OpenAPI document: it names every status that can occur."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from uchat_gateway.doors.problems import MEDIA_TYPE, components, problems
from uchat_gateway.doors.security import Public, requirement_of

_ALWAYS = (400, 500, 503)
_WITH_BODY = (413, 422)
_FIRST_PROBLEM = "400"
_BEARER = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt"}}


def cached(app: FastAPI) -> dict[str, Any]:
    """Return the document, made on the first call: routes do not change afterwards."""
    if app.openapi_schema is None:
        app.openapi_schema = describe(app)
    return app.openapi_schema


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application's routes."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    guarded = _guarded(app.routes)
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            _complete(operation, guarded=(path, method.upper()) in guarded)
    parts = document.setdefault("components", {})
    schemas: dict[str, Any] = parts.setdefault("schemas", {})
    schemas.update(components())
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for schema in schemas.values():
        _let_be_absent(schema)
    parts["securitySchemes"] = _BEARER
    return document


def _let_be_absent(schema: dict[str, Any]) -> None:
    # The contracts' JSON, which is passed on, leaves out what is not there.
    properties: dict[str, Any] = schema.get("properties", {})
    nullable = {
        name for name, each in properties.items() if {"type": "null"} in each.get("anyOf", ())
    }
    required: list[str] = [name for name in schema.get("required", ()) if name not in nullable]
    if "required" in schema:
        schema["required"] = required


def _guarded(routes: Iterable[BaseRoute]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for context in iter_route_contexts(list(routes)):
        requirement = requirement_of(getattr(context, "dependencies", ()))
        if requirement is None or isinstance(requirement.permission, Public):
            continue
        found.update((context.path_format or "", method) for method in context.methods or ())
    return found


def _complete(operation: dict[str, Any], *, guarded: bool) -> None:
    statuses: list[int] = list(_ALWAYS)
    if "requestBody" in operation:
        statuses.extend(_WITH_BODY)
    elif operation.get("parameters"):
        statuses.append(422)
    if guarded:
        statuses.extend((401, 403))
        operation["security"] = [{"bearer": []}]
    responses: dict[str, Any] = operation["responses"]
    for status, response in problems(*statuses).items():
        # FastAPI's own 422 describes a body that is never sent.
        if status == 422 or str(status) not in responses:  # noqa: PLR2004
            responses[str(status)] = response
    for status, response in responses.items():
        content: dict[str, Any] = response.get("content", {})
        if status >= _FIRST_PROBLEM and "application/json" in content:
            # A problem with members of its own, which FastAPI takes for an answer like any other.
            response["content"] = {MEDIA_TYPE: content["application/json"]}
    operation["responses"] = dict(sorted(responses.items()))
