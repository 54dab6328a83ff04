"""The server around all doors: ASGI middleware and the HTTP server's life."""
