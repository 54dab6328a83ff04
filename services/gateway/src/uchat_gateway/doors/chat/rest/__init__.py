"""The chat door's REST routes."""
