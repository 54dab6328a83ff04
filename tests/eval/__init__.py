"""Evaluates the brain on what people write: `make eval`, and a short version in `make test`."""
