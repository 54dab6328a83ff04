"""What is told to whom. Pure: no clock, no I/O."""
