"""Where the spans go: nowhere, through the encoder alone, over HTTP to the sink, or into an exporter that hangs."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

SINK = "BENCH_SINK"
"""Environment variable with the base URL of the sink."""


class Nowhere(SpanExporter):
    """Takes spans and forgets them."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Take spans."""
        return SpanExportResult.SUCCESS


class Encoded(SpanExporter):
    """Encodes spans as the official OTLP exporter does, and does not send them."""

    def __init__(self) -> None:
        from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

        self._encode = encode_spans
        self._missing = 0
        self.reached = threading.Event()

    def expect(self, spans: int) -> None:
        """Have `reached` set after so many more spans."""
        self._missing = spans
        self.reached.clear()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Encode spans."""
        self._encode(spans).SerializeToString()
        self._missing -= len(spans)
        if self._missing <= 0:
            self.reached.set()
        return SpanExportResult.SUCCESS


class Hanging(SpanExporter):
    """Never returns: a collector that accepted the connection and went away."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Wait for ever."""
        threading.Event().wait()
        return SpanExportResult.FAILURE


def over_http() -> SpanExporter:
    """Return the official exporter, on its way to the sink."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{os.environ[SINK]}/v1/traces")


EXPORTERS: dict[str, Callable[[], SpanExporter]] = {
    "nowhere": Nowhere,
    "encoded": Encoded,
    "hanging": Hanging,
    "http": over_http,
}
