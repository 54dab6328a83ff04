"""One trace over all services: W3C trace context in NATS headers and gRPC metadata.

Without a collector nothing is exported or recorded, but trace ids are still made and passed on, so
that the log lines of one message share one trace_id everywhere.
"""

from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased
from opentelemetry.trace import Span, SpanKind
from opentelemetry.util.types import AttributeValue

_PROVIDERS: list[TracerProvider] = []
# A proxy until `configure`; asking for a tracer each time would cost more than the span.
_TRACER = trace.get_tracer("uchat")


def configure(service: str, replica: str, endpoint: str) -> None:
    """Set up tracing of this process; spans go to the OTLP/HTTP endpoint, if there is one."""
    provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.instance.id": replica}),
        sampler=ParentBased(ALWAYS_ON if endpoint else ALWAYS_OFF),
    )
    if endpoint:
        # Imported on demand: the exporter brings an HTTP client that a process without one spares.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    _PROVIDERS.append(provider)


def shutdown() -> None:
    """Send what is still held and stop."""
    while _PROVIDERS:
        _PROVIDERS.pop().shutdown()


def inject(headers: MutableMapping[str, str]) -> MutableMapping[str, str]:
    """Write the current trace context into headers and return them."""
    propagate.inject(headers)
    return headers


def extract(headers: Mapping[str, str] | None) -> Context:
    """Return the trace context that headers carry (an empty one if they carry none)."""
    return propagate.extract(headers or {})


@contextmanager
def span(
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    context: Context | None = None,
    attributes: Mapping[str, AttributeValue] | None = None,
) -> Generator[Span]:
    """Run a block as a span, child of `context` or of the current one."""
    with _TRACER.start_as_current_span(
        name, context=context, kind=kind, attributes=attributes
    ) as current:
        yield current
