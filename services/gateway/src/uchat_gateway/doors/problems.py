"""Errors as problem JSON (RFC 9457), each with a stable `code`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import (
    RequestValidationError,
    ValidationException,
    WebSocketRequestValidationError,
)
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketState

from uchat_platform.errors import UchatError
from uchat_platform.logging import get_logger

MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER_S = 1
_RETRY_STATUSES = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_CODES = {
    400: "invalid_json",
    401: "unauthenticated",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
}
_DETAILS = {
    # FastAPI's own 400: a body that it could not parse.
    400: "The body is not JSON",
    404: "Nothing is here",
    405: "This address does not take this method",
}
_MAX_ERRORS = 20
_WS_INTERNAL_ERROR = 1011
_log = get_logger(__name__)


class FieldProblem(BaseModel):
    """What is wrong with one field. `field`: as `body.email`."""

    field: str
    code: str
    detail: str


class Problem(BaseModel):
    """Why a request failed. `code` is stable; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that can fail with these statuses."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[FieldProblem] | None = None,
    retry_after_s: float | None = None,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> Response:
    """Return a problem as an HTTP response. `members` are its own ones beside the common ones."""
    problem = Problem(
        type=f"urn:uchat:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        errors=errors,
    )
    body = {**problem.model_dump(exclude_none=True), **(members or {})}
    response = Response(orjson.dumps(body), status, headers, media_type=MEDIA_TYPE)
    if status in _RETRY_STATUSES:
        seconds = _RETRY_AFTER_S if retry_after_s is None else retry_after_s
        response.headers["Retry-After"] = str(max(1, -int(-seconds // 1)))
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers["Cache-Control"] = "no-store"
    return response


def of_error(error: UchatError) -> Response:
    """Return the problem that an error of ours is."""
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not error.retryable:
        _log.error("request_failed", code=error.code, exc_info=error)
        return internal_error()
    return problem_response(
        error.status, error.code, error.detail, retry_after_s=error.retry_after_s
    )


def internal_error() -> Response:
    """Return the problem of a fault of ours: it says nothing about our insides."""
    return problem_response(500, "internal_error", "Something went wrong on our side")


def install(app: FastAPI) -> None:
    """Make every error of the application a problem."""

    async def handle(connection: Request | WebSocket, error: Exception) -> Response:
        response = _of_any(error)
        if isinstance(connection, WebSocket):
            await _refuse(connection, response)
        return response

    for kind in (UchatError, RequestValidationError, WebSocketRequestValidationError):
        app.add_exception_handler(kind, handle)
    app.add_exception_handler(HTTPException, handle)


async def _refuse(websocket: WebSocket, response: Response) -> None:
    if websocket.application_state is WebSocketState.CONNECTING:
        await websocket.send_denial_response(response)
    else:
        await websocket.close(_WS_INTERNAL_ERROR)


def _of_any(error: Exception) -> Response:
    match error:
        case UchatError():
            return of_error(error)
        case RequestValidationError() | WebSocketRequestValidationError():
            return _of_validation(error)
        case HTTPException():
            return _of_http(error)
        case _:
            return internal_error()


def _of_http(error: HTTPException) -> Response:
    status = error.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return internal_error()
    code = _CODES.get(status, "invalid_request")
    detail = _DETAILS.get(status, str(error.detail))
    return problem_response(status, code, detail, headers=error.headers)


def _of_validation(error: ValidationException) -> Response:
    found: list[dict[str, Any]] = list(error.errors())
    if any(one["type"] == "json_invalid" for one in found):
        return problem_response(400, "invalid_json", "The body is not JSON")
    # The input itself is left out: it may hold a password.
    errors = [
        FieldProblem(
            field=".".join(str(part) for part in one["loc"]), code=one["type"], detail=one["msg"]
        )
        for one in found[:_MAX_ERRORS]
    ]
    return problem_response(
        422, "validation_failed", "Some fields are missing or wrong", errors=errors
    )


def components() -> dict[str, Any]:
    """Return the schemas that `problems` refers to, for the OpenAPI document."""
    schema = Problem.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    definitions: dict[str, Any] = schema.pop("$defs", {})
    return {"Problem": schema, **definitions}
