"""Where the spans go: nowhere, over HTTP to the sink, into memory, or into an exporter that hangs."""

from __future__ import annotations

import io
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

SINK = "BENCH_SINK"
"""Environment variable with the base URL of the sink."""


class Nowhere(SpanExporter):
    """Takes spans and forgets them."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Take spans."""
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


def into(bodies: SimpleQueue[bytes]) -> SpanExporter:
    """Return the official exporter, whose messages end up in a queue instead of on the network."""
    import requests
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    class Adapter(requests.adapters.BaseAdapter):
        def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
            bodies.put(request.body)
            response = requests.Response()
            response.status_code, response.raw = 200, io.BytesIO()
            return response

        def close(self) -> None:
            pass

    session = requests.Session()
    session.mount("http://", Adapter())
    return OTLPSpanExporter(endpoint="http://memory/v1/traces", session=session)


def into_a_store() -> SpanExporter:
    """Return what writes the embedded store, into a folder of its own."""
    from convqa_sdk.export.segments import SegmentExporter

    return SegmentExporter(Path(tempfile.mkdtemp(prefix="convqa-bench-")))


EXPORTERS: dict[str, Callable[[], SpanExporter]] = {
    "nowhere": Nowhere,
    "hanging": Hanging,
    "http": over_http,
    "store": into_a_store,
}
