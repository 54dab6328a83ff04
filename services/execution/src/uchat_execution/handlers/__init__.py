"""Ways into execution."""
