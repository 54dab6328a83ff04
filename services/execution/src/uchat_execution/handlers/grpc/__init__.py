"""What execution serves by gRPC."""
