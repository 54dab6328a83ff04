"""Alerts: setting them, watching the market for them, telling each crossing once."""
