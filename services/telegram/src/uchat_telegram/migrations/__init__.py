"""The schema `telegram`."""
