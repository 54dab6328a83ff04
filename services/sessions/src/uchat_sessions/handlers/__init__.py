"""The ways in: proposals from the bus and gRPC calls."""
