"""What every row shares: numbers without the zeros of their column, and its trace."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from uchat_execution.domain.money import exact
from uchat_platform import telemetry


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's values; NUMERIC(38,18) comes with 18 decimals, needed or not."""
    return {
        name: exact(value) if isinstance(value, Decimal) else value for name, value in row.items()
    }


def traceparent() -> str | None:
    """Return the current trace, as W3C writes it."""
    return telemetry.inject({}).get("traceparent")
