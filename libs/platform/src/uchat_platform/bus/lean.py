"""nats-py without its WebSocket transport: nobody here uses it, and aiohttp for it takes 8 MiB."""

import importlib
import sys

if "aiohttp" not in sys.modules:
    # What Python's import system takes for "not there", as nats-py is prepared for.
    sys.modules["aiohttp"] = None  # pyright: ignore[reportArgumentType]
    try:
        importlib.import_module("nats.aio.transport")
    finally:
        del sys.modules["aiohttp"]
