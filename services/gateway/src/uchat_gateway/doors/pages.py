"""The web app's files, for whatever no route matches."""

from mimetypes import guess_type
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import Receive, Scope, Send

_NOT_PAGES: Final = ("api", "v1", "mcp", "agui", "docs", "metrics", "livez", "readyz")
_CSP: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'"
)
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_FIRST: Final = "no-cache"
_NOT_BUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>Unified Chat</title>
<body style="font:16px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em">
<h1>Unified Chat is running</h1>
<p>The web app is not built yet. Run <code>make web</code> in the checkout and reload this page.</p>
<p>The API is there already: <a href="/api/v1/unified-chat/health">health</a>,
<a href="/api/v1/openapi.json">OpenAPI</a>.</p></body></html>
"""


class Pages:
    """Serves the files of a built web app; addresses of the app itself get its first page."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request that no route matched."""
        if scope["type"] == "websocket":
            # Starlette's own answer to a handshake that no route matches.
            await send({"type": "websocket.close", "code": 1000, "reason": ""})
            return
        takes_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        response = self._find(scope["method"], scope["path"], gzip=takes_gzip)
        await response(scope, receive, send)

    def _find(self, method: str, path: str, *, gzip: bool) -> Response:
        parts = [part for part in path.split("/") if part]
        first = parts[0] if parts else ""
        if method not in ("GET", "HEAD") or first in _NOT_PAGES or first.startswith("."):
            raise HTTPException(404)
        file = self._folder.joinpath(*parts).resolve()
        if parts and file.is_relative_to(self._folder) and file.is_file():
            return _file(file, hashed=first == "assets", gzip=gzip)
        if parts and "." in parts[-1]:
            raise HTTPException(404)
        index = self._folder / "index.html"
        return _file(index, hashed=False, gzip=gzip) if index.is_file() else _not_built()


def _file(file: Path, *, hashed: bool, gzip: bool) -> Response:
    headers = {"Cache-Control": _FOR_EVER if hashed else _ASK_FIRST, "Vary": "Accept-Encoding"}
    if file.suffix == ".html":
        headers["Content-Security-Policy"] = _CSP
    media_type, _ = guess_type(file.name)
    small = file.with_name(f"{file.name}.gz")
    # Compressed when it was built; a copy that is older is of another build.
    if gzip and small.is_file() and small.stat().st_mtime >= file.stat().st_mtime:
        return FileResponse(
            small, headers={**headers, "Content-Encoding": "gzip"}, media_type=media_type
        )
    return FileResponse(file, headers=headers, media_type=media_type)


def _not_built() -> Response:
    # Its only style is inline.
    return HTMLResponse(
        _NOT_BUILT, headers={"Content-Security-Policy": _CSP, "Cache-Control": "no-store"}
    )
