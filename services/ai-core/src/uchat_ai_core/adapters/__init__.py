"""The brain's world: database, bus, other services, models."""
