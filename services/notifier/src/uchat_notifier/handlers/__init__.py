"""The ways in: the log and gRPC calls."""
