"""Structured logs: one JSON object a line on stdout, bound to the trace that it belongs to."""

import hashlib
import logging
import sys
from collections.abc import Generator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from opentelemetry import trace

# structlog imports rich where it is installed, as among the development tools: 5 MB a process for a
# console that no service writes to. For this one import there is no rich.
_HIDES_RICH = "rich" not in sys.modules
if _HIDES_RICH:
    sys.modules["rich"] = None  # pyright: ignore[reportArgumentType] - how Python says "missing"
import structlog  # noqa: E402 - see above

if _HIDES_RICH:
    del sys.modules["rich"]

_SECRET_KEYS = frozenset(
    {"authorization", "password", "token", "access_token", "refresh_token", "ticket", "text"}
)
_LEVELS = {"warn": "warning", "exception": "error"}


def configure(service: str, replica: str, level: str) -> None:
    """Send structlog's and the standard library's logs to stdout as JSON lines."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[_Line(service, replica)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _Forward()
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)


@contextmanager
def quiet() -> Generator[None]:
    """Log nothing within the block: for commands, which say themselves what they did."""
    held = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**held)


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return a logger whose lines carry the given module name."""
    return structlog.get_logger(module=name)


def hashed(user_id: str) -> str:
    """Return a short stand-in for a person in logs, the same one in every service.

    Person ids hold 80 random bits, so that a hash without a secret cannot be turned back.
    """
    return hashlib.blake2s(user_id.encode(), digest_size=6).hexdigest()


class _Line:
    """Makes a line of an event: one step, because every message is told several times."""

    def __init__(self, service: str, replica: str) -> None:
        self._process = {"service": service, "replica": replica}

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> bytes:
        if "exc_info" in event:
            event = structlog.processors.format_exc_info(logger, method, event)
        for key in _SECRET_KEYS & event.keys():
            event[key] = "[redacted]"
        event |= self._process
        event["level"] = _LEVELS.get(method, method)
        event["ts"] = datetime.now(UTC)
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            event["trace_id"] = f"{context.trace_id:032x}"
            event["span_id"] = f"{context.span_id:016x}"
        return orjson.dumps(event, default=str, option=orjson.OPT_UTC_Z)


class _Forward(logging.Handler):
    """Hands the standard library's records to structlog, so that all lines have one shape."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            log = get_logger(record.name)
            log.log(
                record.levelno,
                "library_log",
                detail=record.getMessage(),
                exc_info=record.exc_info or False,
            )
        except (ValueError, TypeError):
            sys.stderr.write("a log record could not be rendered\n")
