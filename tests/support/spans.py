"""An OTLP/HTTP receiver in the test's own process: keeps every span that services export."""

import gzip
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Span:
    """One span, with hexadecimal ids; `parent_id` is empty for a root."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, str]


@dataclass(slots=True)
class SpanReceiver:
    """All spans that arrived, by trace."""

    traces: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))

    async def receive(self, request: web.Request) -> web.Response:
        """Take POST /v1/traces."""
        body = await request.read()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        export = ExportTraceServiceRequest.FromString(body)
        for resource in export.resource_spans:
            names = {a.key: a.value.string_value for a in resource.resource.attributes}
            for scope in resource.scope_spans:
                for raw in scope.spans:
                    span = Span(
                        names.get("service.name", ""),
                        raw.name,
                        raw.trace_id.hex(),
                        raw.span_id.hex(),
                        raw.parent_span_id.hex(),
                        {a.key: a.value.string_value for a in raw.attributes},
                    )
                    self.traces[span.trace_id].append(span)
        return web.Response(content_type="application/x-protobuf")

    def services(self, trace_id: str) -> set[str]:
        """Return which services took part in a trace."""
        return {span.service for span in self.traces.get(trace_id, ())}


@asynccontextmanager
async def span_receiver(port: int) -> AsyncIterator[SpanReceiver]:
    """Serve a receiver on a port of the loopback interface."""
    receiver = SpanReceiver()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/traces", receiver.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield receiver
    finally:
        await runner.cleanup()
