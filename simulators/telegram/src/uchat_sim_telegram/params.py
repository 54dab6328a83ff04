"""The parameters of a Bot API call: JSON, form or multipart, all read alike."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

from aiohttp import web

from uchat_sim_telegram.errors import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart call."""

    filename: str
    content: bytes


@dataclass(slots=True)
class Params:
    """What a call says. Forms hold text only: objects come as JSON texts, as aiogram sends them."""

    values: dict[str, Any]
    files: dict[str, Upload] = field(default_factory=dict[str, Upload])

    def text(self, name: str) -> str | None:
        """Return a text, or None if there is none."""
        value = self.values.get(name)
        return None if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Return a boolean; absent is false."""
        return str(self.values.get(name, "")).lower() in ("true", "1", "yes")

    def integer(self, name: str) -> int | None:
        """Return a whole number, or None if there is none."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f"{name} must be an integer") from None

    def need_integer(self, name: str) -> int:
        """Return a whole number that must be there."""
        value = self.integer(name)
        if value is None:
            raise bad_request(f"{name} is not specified")
        return value

    def json(self, name: str) -> Any:
        """Return an object or list, also if it is written as JSON text; None if there is none."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            return None if value == "" else value
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise bad_request(f"can't parse {name}: expected JSON") from None


async def read(request: web.Request) -> Params:
    """Read the parameters of a call from its query and its body."""
    params = Params(dict(request.query))
    if not request.can_read_body:
        return params
    if request.content_type == "application/json":
        _add_json(params, await request.read())
    elif request.content_type == "multipart/form-data":
        await _add_multipart(params, request)
    else:
        params.values.update((await request.post()).items())
    return params


def _add_json(params: Params, body: bytes) -> None:
    try:
        found = json.loads(body)
    except ValueError:
        raise bad_request("expected a JSON object") from None
    if not isinstance(found, dict):
        raise bad_request("expected a JSON object")
    params.values.update(cast("dict[str, Any]", found))


async def _add_multipart(params: Params, request: web.Request) -> None:
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            params.files[name] = Upload(value.filename, value.file.read())
        else:
            params.values[name] = value
