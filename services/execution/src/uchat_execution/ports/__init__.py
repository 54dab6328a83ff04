"""What execution needs from outside, in its own words."""

from uchat_execution.domain.market import Quote
from uchat_execution.ports.market import MarketData
from uchat_execution.ports.venue import (
    AccountUnknownError,
    NotPlacedError,
    OutcomeUnknownError,
    RejectedByVenueError,
    Venue,
)

__all__ = [
    "AccountUnknownError",
    "MarketData",
    "NotPlacedError",
    "OutcomeUnknownError",
    "Quote",
    "RejectedByVenueError",
    "Venue",
]
