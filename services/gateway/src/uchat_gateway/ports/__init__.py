"""What the gateway needs from outside, in its own words; one module per concern."""
