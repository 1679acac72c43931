"""The small exporters: memory for tests and notebooks, console for development, and forwarding to processors."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, TraceFlags

from convqa_sdk.export.span_limits import counted, counted_items
from convqa_sdk.schema.registry import all_attributes


def copied(
    span: ReadableSpan, context: SpanContext | None = None, attributes: Mapping[str, Any] | None = None
) -> ReadableSpan:
    """Return a span of a destination's own: what an exporter does to its spans, no other destination sees."""
    return ReadableSpan(
        name=span.name,
        context=context or span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=counted(dict(attributes or span.attributes or {}), span.dropped_attributes),
        events=counted_items([_copied_event(event) for event in span.events], span.dropped_events),
        links=counted_items(span.links, span.dropped_links),
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _copied_event(event: Event) -> Event:
    return Event(event.name, counted(dict(event.attributes or {}), event.dropped_attributes), event.timestamp)


class MemoryExporter(SpanExporter):
    """Keeps the newest finished spans.

    Args:
        limit: How many spans are kept.
    """

    def __init__(self, limit: int = 100_000) -> None:
        self._spans: deque[ReadableSpan] = deque(maxlen=limit)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """Finished spans, oldest first."""
        return tuple(self._spans)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Keep spans."""
        self._spans.extend(spans)
        return SpanExportResult.SUCCESS

    def clear(self) -> None:
        """Forget all spans."""
        self._spans.clear()


_SAID = frozenset(
    {
        "gen_ai.conversation.id",
        "session.id",
        "convqa.stage",
        "convqa.status",
        "convqa.schema.version",
        "convqa.sampling.probability",
        "gen_ai.operation.name",
    }
)
_SHORT = 60


@cache
def _facts() -> frozenset[str]:
    """Return the keys of which a value is no content."""
    return frozenset(key for key, one in all_attributes().items() if one.sensitivity != "content") - _SAID


def _is_fact(key: str, value: object) -> bool:
    if key not in _facts():
        return False
    return isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= _SHORT)


class ConsoleExporter(SpanExporter):
    """Prints one line per span to standard error, never to standard output."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Print spans."""
        for span in spans:
            milliseconds = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
            attributes = span.attributes or {}
            facts = {key: value for key, value in attributes.items() if _is_fact(key, value)}
            about = f"{attributes.get('gen_ai.conversation.id', '')} {span.name} {attributes.get('convqa.status', '')}"
            line = f"convqa {about} {milliseconds:.1f}ms {facts}"
            sys.stderr.write("".join(c if c.isprintable() else " " for c in line) + "\n")
        return SpanExportResult.SUCCESS


def _sampled(span: ReadableSpan) -> ReadableSpan:
    """Return a span that processors do not skip: what is recorded is ours to say, the flag is the application's."""
    context = span.get_span_context()
    if context is None or context.trace_flags.sampled:
        return span
    flags = TraceFlags(context.trace_flags | TraceFlags.SAMPLED)
    sampled = SpanContext(context.trace_id, context.span_id, context.is_remote, flags, context.trace_state)
    return copied(span, sampled)


class Forwarder(SpanExporter):
    """Hands finished spans to a span processor of the application's, as a tracer provider does."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._processor = processor

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Hand spans on; in a context of their own, as some processors drop what ends while exports are unobserved."""
        token = otel_context.attach(otel_context.Context())
        try:
            for span in spans:
                self._processor.on_end(_sampled(span))
        finally:
            otel_context.detach(token)
        return SpanExportResult.SUCCESS

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Flush the processor; shutting it down is its owner's business."""
        return self._processor.force_flush(timeout_millis)
