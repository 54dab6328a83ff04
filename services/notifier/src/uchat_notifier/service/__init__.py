"""The use cases: following the log, telling people, and what became of it."""
