"""Which destinations a configuration names: arguments first, then the environment, then the embedded store."""

from __future__ import annotations

import os
from pathlib import Path

from opentelemetry.sdk.trace.export import SpanExporter

from convqa_sdk.export.destination import Destination
from convqa_sdk.export.exporters import ConsoleExporter, Forwarder
from convqa_sdk.export.segments import SegmentExporter
from convqa_sdk.export.settings import Settings

DEFAULT_STORE = Path("convqa-telemetry")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def named_destinations(settings: Settings) -> tuple[list[Destination], Path | None, bool]:
    """Return the destinations, the store's folder (None without one), and whether the environment's OTLP is used."""
    if settings.disabled:
        return [], None, False
    explicit = settings.exporters is not None or settings.forward_to is not None
    store = settings.store
    from_environment = False
    exporters: list[tuple[str, SpanExporter]] = []
    for exporter in settings.exporters or ():
        exporters.append((type(exporter).__name__, exporter))
    for processor in settings.forward_to or ():
        exporters.append((f"forward:{type(processor).__name__}", Forwarder(processor)))
    if not explicit and not _given(settings, "store") and _otlp_named():
        from_environment = True
        exporters.append(("otlp", otlp_exporter()))
    if store is None and not exporters:
        store = DEFAULT_STORE
    if explicit and not _given(settings, "store"):
        store = None
    if settings.console:
        exporters.append(("console", ConsoleExporter()))
    if store is not None:
        store = store.absolute()
        segments = SegmentExporter(
            store, segment_bytes=settings.segment_bytes, segment_age_s=settings.segment_age_s
        )
        exporters.append(("store", segments))
    return [_destination(settings, name, exporter) for name, exporter in exporters], store, from_environment


def _given(settings: Settings, name: str) -> bool:
    return name in settings.explicit


def _otlp_named() -> bool:
    chosen = os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower()
    return "otlp" in chosen and any(os.environ.get(variable, "").strip() for variable in _ENDPOINTS)


def otlp_exporter() -> SpanExporter:
    """Return the official OTLP exporter for the environment's protocol; it reads all `OTEL_EXPORTER_OTLP_*`."""
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if (protocol or "").strip().lower() == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter

        return GrpcExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter

    return HttpExporter()


def _destination(settings: Settings, name: str, exporter: SpanExporter) -> Destination:
    return Destination(
        name,
        exporter,
        batch_spans=settings.batch_spans,
        batch_bytes=settings.batch_bytes,
        queue_bytes=settings.queue_bytes,
    )
