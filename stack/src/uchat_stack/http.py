"""Ask a process of ours whether it is ready: one small request, no HTTP library in the launcher."""

import asyncio
from typing import Final

from uchat_platform.embedded.ports import LOOPBACK

TIMEOUT_S: Final = 2.0


async def status(host: str, port: int, path: str) -> int | None:
    """Return the status code that a GET is answered with, None if nobody answers."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(request.encode())
                words = (await reader.readline()).split()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None


async def is_ready(port: int, host: str = LOOPBACK) -> bool:
    """Return whether /readyz says 200."""
    return await status(host, port, "/readyz") == 200  # noqa: PLR2004 - HTTP's own number
