"""Fixtures of execution's tests."""

from services.execution.tests.world import person, still_world, world

__all__ = ["person", "still_world", "world"]
