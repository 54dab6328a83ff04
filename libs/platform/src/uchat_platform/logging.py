"""Structured logs: one JSON object a line on stdout, bound to the trace that it belongs to."""

import hashlib
import logging
import sys
from collections.abc import Generator, MutableMapping
from contextlib import contextmanager
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


def configure(service: str, replica: str, level: str) -> None:
    """Send structlog's and the standard library's logs to stdout as JSON lines."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            structlog.processors.format_exc_info,
            _add_trace,
            _redact,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, replica=replica)
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


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def _add_trace(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
        event["span_id"] = f"{context.span_id:016x}"
    return event


def _redact(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key in _SECRET_KEYS & event.keys():
        event[key] = "[redacted]"
    return event


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
