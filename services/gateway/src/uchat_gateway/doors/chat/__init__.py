"""The chat door: conversations over REST, server-sent events and WebSocket."""

from uchat_gateway.doors.chat.door import build

__all__ = ["build"]
