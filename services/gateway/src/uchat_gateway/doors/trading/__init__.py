"""What one owns and did, and the brakes: limits, mandates, the kill switch."""

from uchat_gateway.doors.trading.door import build

__all__ = ["build"]
