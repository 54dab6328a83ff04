"""Liveness, readiness and metrics of a process, served by a thread of its own."""

import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import orjson
from prometheus_client import make_wsgi_app  # pyright: ignore[reportUnknownVariableType] - untyped upstream

_StartResponse = Callable[..., Any]
_Wsgi = Callable[[dict[str, Any], _StartResponse], Iterable[bytes]]


class Health:
    """What must be true for a process to take work. Thread-safe by being write-once per flag."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._flags: dict[str, bool] = {}
        self._told: dict[str, bool | str] = {}
        self.draining = False

    def ready(self, name: str, value: bool) -> None:
        """Record whether a part, as `nats` or `postgres`, is usable."""
        self._flags[name] = value

    def tell(self, name: str, value: bool | str) -> None:
        """Record a part that the process can do without: it is reported and stops nothing.

        A part that has more than two states gives the name of one.
        """
        self._told[name] = value

    @property
    def is_ready(self) -> bool:
        """Tell whether every recorded part is usable and the process is not draining."""
        return not self.draining and bool(self._flags) and all(self._flags.values())

    def report(self) -> dict[str, object]:
        """Return the state of each part."""
        return {
            "service": self.service,
            "ready": self.is_ready,
            "draining": self.draining,
            "parts": dict(self._flags),
            "others": dict(self._told),
        }


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: probes come every second."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True


def serve(health: Health, bind: str, port: int) -> Callable[[], None]:
    """Serve /livez, /readyz and /metrics on a thread; returns what stops it."""
    metrics = cast("_Wsgi", make_wsgi_app())  # pyright: ignore[reportUnknownVariableType] - untyped upstream

    def app(environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if path == "/metrics":
            return metrics(environ, start_response)
        if path not in ("/livez", "/readyz"):
            start_response("404 Not Found", [("Content-Type", "application/json")])
            return [b'{"code":"not_found"}']
        ok = path == "/livez" or health.is_ready
        start_response(
            "200 OK" if ok else "503 Service Unavailable", [("Content-Type", "application/json")]
        )
        return [orjson.dumps(health.report())]

    server = make_server(bind, port, app, server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return stop
