"""Use cases of execution."""
