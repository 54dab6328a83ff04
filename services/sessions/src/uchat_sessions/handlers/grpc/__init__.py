"""Queries and idempotent commands over gRPC."""
