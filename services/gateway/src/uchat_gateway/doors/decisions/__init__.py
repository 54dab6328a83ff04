"""Decisions: what waits for an approval, answering it, and stopping what is being written."""

from uchat_gateway.doors.decisions.door import build

__all__ = ["build"]
