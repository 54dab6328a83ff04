"""The rules of an ordered log. Pure: no clock, no I/O."""
