"""Spans of requests to models, by OpenTelemetry's conventions for generative AI, without content.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from pydantic_ai.messages import ModelResponse
from pydantic_ai.models import Model

_TRACER = trace.get_tracer("uchat")


@contextmanager
def chat_span(model: Model) -> Generator[Callable[[ModelResponse | None], None]]:
    """Run one request as a span; call what is given with the response once it is whole.

    The span is not made the current one: a request may begin in one task and end in another.
    """
    span = _TRACER.start_span(
        f"chat {model.model_name}",
        kind=SpanKind.CLIENT,
        attributes={
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": model.system,
            "gen_ai.request.model": model.model_name,
        },
    )

    def told(response: ModelResponse | None) -> None:
        if response is None or not span.is_recording():
            return
        span.set_attribute("gen_ai.usage.input_tokens", response.usage.input_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", response.usage.output_tokens)
        if response.finish_reason:
            span.set_attribute("gen_ai.response.finish_reasons", [response.finish_reason])

    try:
        yield told
    except Exception as e:
        span.set_attribute("error.type", type(e).__name__)
        span.set_status(Status(StatusCode.ERROR))
        raise
    finally:
        span.end()
