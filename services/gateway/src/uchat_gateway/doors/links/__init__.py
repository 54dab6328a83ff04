"""Links between a person's interfaces, continuing on the web, and what was told where."""

from uchat_gateway.doors.links.door import build

__all__ = ["build"]
