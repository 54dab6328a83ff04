"""One trace over all services: W3C trace context in NATS headers and gRPC metadata.

Without a collector nothing is exported or recorded, but trace ids are still made and passed on, so
that the log lines of one message share one trace_id everywhere.
"""

import secrets
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Final

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.sdk.trace import TracerProvider

_PROVIDERS: "list[TracerProvider]" = []
# A proxy until `configure`; asking for a tracer each time would cost more than the span.
_TRACER: Final = trace.get_tracer("uchat")
# Alone: the stock one looks for baggage too, which nobody sends.
_PROPAGATOR: Final = TraceContextTextMapPropagator()


def configure(service: str, replica: str, endpoint: str) -> None:
    """Set up tracing of this process; spans go to the OTLP/HTTP endpoint, if there is one."""
    if not endpoint:
        return
    # Imported on demand: 5 MiB that a process without a collector spares.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased  # noqa: PLC0415

    provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.instance.id": replica}),
        sampler=ParentBased(ALWAYS_ON),
    )
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    _PROVIDERS.append(provider)


def shutdown() -> None:
    """Send what is still held and stop."""
    while _PROVIDERS:
        _PROVIDERS.pop().shutdown()


def inject(
    headers: MutableMapping[str, str], context: Context | None = None
) -> MutableMapping[str, str]:
    """Write the trace context (None: the current one) into headers and return them."""
    _PROPAGATOR.inject(headers, context)
    return headers


def extract(headers: Mapping[str, str] | None) -> Context:
    """Return the trace context that headers carry (an empty one if they carry none)."""
    return _PROPAGATOR.extract(headers, Context()) if headers else Context()


def span(
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    context: Context | None = None,
    attributes: Mapping[str, AttributeValue] | None = None,
) -> AbstractContextManager[Span]:
    """Run a block as a span, child of `context` or of the current one."""
    if _PROVIDERS:
        return _TRACER.start_as_current_span(
            name, context=context, kind=kind, attributes=attributes
        )
    return _Unrecorded(context)


class _Unrecorded:
    """A span that nobody will see: it has an id in its trace, and costs an eighth of a real one."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: Context | None) -> None:
        self._context = context

    def __enter__(self) -> Span:
        parent = trace.get_current_span(self._context).get_span_context()
        bits = secrets.randbits(192)
        span = NonRecordingSpan(
            SpanContext(
                parent.trace_id if parent.is_valid else bits >> 64,
                bits & 0xFFFF_FFFF_FFFF_FFFF,
                is_remote=False,
                trace_flags=parent.trace_flags,
                trace_state=parent.trace_state,
            )
        )
        self._token: Token[Context] = contexts.attach(
            trace.set_span_in_context(span, self._context)
        )
        return span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        contexts.detach(self._token)
