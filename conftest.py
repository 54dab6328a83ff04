"""Fixtures on real servers for the tests of every package."""

pytest_plugins = ["uchat_platform.testing.fixtures"]
