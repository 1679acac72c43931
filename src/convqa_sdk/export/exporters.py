"""The small exporters: memory for tests and notebooks, console for development, and forwarding to processors."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult


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


class ConsoleExporter(SpanExporter):
    """Prints one line per span to standard error, never to standard output."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Print spans."""
        for span in spans:
            milliseconds = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
            facts = {k: v for k, v in (span.attributes or {}).items() if isinstance(v, (int, float, bool))}
            status = (span.attributes or {}).get("convqa.status", "")
            line = f"convqa {span.name} {status} {milliseconds:.1f}ms {facts}"
            sys.stderr.write("".join(c if c.isprintable() else " " for c in line) + "\n")
        return SpanExportResult.SUCCESS


class Forwarder(SpanExporter):
    """Hands finished spans to a span processor of the application's."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._processor = processor

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Hand spans on."""
        for span in spans:
            self._processor.on_end(span)
        return SpanExportResult.SUCCESS

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Flush the processor; shutting it down is its owner's business."""
        return self._processor.force_flush(timeout_millis)
