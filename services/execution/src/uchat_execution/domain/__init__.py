"""Rules of execution without any I/O: instruments and the synthetic price path."""
