"""`/bot<token>/<method>` as a bot sees it: decoding, faults, answers and refusals."""

import re
from typing import Any, Final

from aiohttp import web

from uchat_sim_telegram import params as parameters
from uchat_sim_telegram.errors import ApiError
from uchat_sim_telegram.methods import METHODS
from uchat_sim_telegram.server import Simulator

Json = dict[str, Any]
_TOKEN: Final = re.compile(r"^\d+:[A-Za-z0-9_-]{3,}$")


class BotApi:
    """The HTTP side of the Bot API."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def add_to(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_route("*", "/bot{token}/{method}", self.call)
        app.router.add_get("/file/bot{token}/photos/{file_id}", self.file)

    async def call(self, request: web.Request) -> web.Response:
        """Carry out one call."""
        name = request.match_info["method"]
        chat_id: int | None = None
        try:
            self._authorise(request.match_info["token"])
            params = await parameters.read(request)
            chat_id = _chat_id(params)
            lost = await self._simulator.faults.before(name)
            result = await self._method(name)(self._simulator, params)
        except ApiError as e:
            self._simulator.note_call(name, chat_id, e.error_code)
            return _refused(e)
        self._simulator.note_call(name, chat_id, None)
        return _cut(request) if lost else web.json_response({"ok": True, "result": result})

    async def file(self, request: web.Request) -> web.Response:
        """Return a picture."""
        content = self._simulator.world.files.get(request.match_info["file_id"])
        if content is None:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type="image/png")

    def _authorise(self, token: str) -> None:
        if not _TOKEN.match(token):
            raise ApiError(404, "Not Found")
        if self._simulator.token and token != self._simulator.token:
            raise ApiError(401, "Unauthorized")

    def _method(self, name: str) -> Any:
        method = METHODS.get(name.lower())
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        return method


def _chat_id(params: parameters.Params) -> int | None:
    value = str(params.values.get("chat_id"))
    return int(value) if value.removeprefix("-").isdecimal() else None


def _refused(error: ApiError) -> web.Response:
    body: Json = {
        "ok": False,
        "error_code": error.error_code,
        "description": error.description,
    }
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
    return web.json_response(body, status=error.error_code)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
