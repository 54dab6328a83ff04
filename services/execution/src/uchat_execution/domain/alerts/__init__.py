"""Alerts: when one is told, what history it needs, and in which words. No I/O."""
