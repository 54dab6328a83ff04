"""A spot exchange for development and tests."""
