"""Spans for what is appended in batches: each message goes on in the trace that it came with."""

from collections.abc import Sequence
from dataclasses import replace

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, set_span_in_context

from uchat_platform import telemetry
from uchat_sessions.domain.proposals import Proposal

TRACEPARENT = "traceparent"
_SAMPLED = "01"


def begin(proposals: Sequence[Proposal]) -> tuple[list[Proposal], list[Span]]:
    """Return the proposals within spans of their own, and the spans, for those that are recorded.

    A trace that is not recorded is passed on as it is, which costs nothing.
    """
    traced: list[Proposal] = []
    spans: list[Span] = []
    for proposal in proposals:
        if not proposal.trace.endswith(_SAMPLED):
            traced.append(proposal)
            continue
        span = trace.get_tracer("uchat").start_span(
            "append",
            context=telemetry.extract({TRACEPARENT: proposal.trace}),
            kind=SpanKind.CONSUMER,
            attributes={"session_id": proposal.log, "kind": proposal.kind},
        )
        spans.append(span)
        traced.append(replace(proposal, trace=traceparent(span) or proposal.trace))
    return traced, spans


def end(spans: Sequence[Span]) -> None:
    """End the spans of a batch."""
    for span in spans:
        span.end()


def traceparent(span: Span) -> str:
    """Return what names a span to others (https://www.w3.org/TR/trace-context)."""
    headers: dict[str, str] = {}
    telemetry.inject(headers, set_span_in_context(span))
    return headers.get(TRACEPARENT, "")


def trace_id(parent: str) -> str:
    """Return the trace id within a traceparent, or an empty string."""
    fields = parent.split("-")
    return fields[1] if len(fields) == 4 else ""  # noqa: PLR2004 - version, trace, span, flags
