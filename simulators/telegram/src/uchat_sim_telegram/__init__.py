"""A Bot API server for development and tests."""
