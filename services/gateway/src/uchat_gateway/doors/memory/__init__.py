"""What the brain remembers of a person, to be seen and taken back."""

from uchat_gateway.doors.memory.door import build

__all__ = ["build"]
