"""The trace that a change belongs to, kept with its announcement."""

from opentelemetry.propagate import inject


def traceparent() -> str | None:
    """Return the current trace, as W3C writes it."""
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")
