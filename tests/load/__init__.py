"""Load, chaos and their checker: `python -m tests.load.bench`, `python -m tests.load.chaos`."""
