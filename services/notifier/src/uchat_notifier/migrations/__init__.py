"""The schema of the notifier."""
