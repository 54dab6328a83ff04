"""An OTLP/HTTP receiver in a thread of the test run: keeps every span that services export."""

import gzip
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Span:
    """One span, with hexadecimal ids; `parent_id` is empty for a root."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str


@dataclass(slots=True)
class SpanReceiver:
    """All spans that arrived, by trace."""

    traces: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))

    def receive(self, body: bytes) -> None:
        """Take one export."""
        export = ExportTraceServiceRequest.FromString(body)
        for resource in export.resource_spans:
            names = {a.key: a.value.string_value for a in resource.resource.attributes}
            service = names.get("service.name", "")
            for scope in resource.scope_spans:
                for raw in scope.spans:
                    ids = (raw.trace_id.hex(), raw.span_id.hex(), raw.parent_span_id.hex())
                    self.traces[ids[0]].append(Span(service, raw.name, *ids))

    def services(self, trace_id: str) -> set[str]:
        """Return which services took part in a trace."""
        return {span.service for span in self.traces.get(trace_id, ())}


def _handler(receiver: SpanReceiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding") == "gzip"
            receiver.receive(gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    return Handler


@contextmanager
def span_receiver(port: int) -> Iterator[SpanReceiver]:
    """Serve a receiver on a port of the loopback interface."""
    receiver = SpanReceiver()
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(receiver))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
