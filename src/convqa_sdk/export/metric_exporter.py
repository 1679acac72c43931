"""The official OTLP exporter for metrics behind a reader of our own provider.

A backend for traces alone (Jaeger, Tempo) refuses metrics; it is asked once, told of once, and left in peace.
"""

from __future__ import annotations

import os
from typing import Any

from opentelemetry.sdk.metrics.export import (
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)

from convqa_sdk.errors import ConfigurationError
from convqa_sdk.export.reasons import Reason
from convqa_sdk.isolation import fault, once

_PROTOCOLS = ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_NOT_TAKEN = ("HTTP 404", "HTTP 405", "HTTP 501", "gRPC UNIMPLEMENTED")
"""What somebody answers who takes no metrics at all."""


class Reader(PeriodicExportingMetricReader):
    """The periodic reader, for one process: a forked child gets a provider, and so a reader, of its own."""

    def _at_fork_reinit(self) -> None:
        """Start no thread in a child: it would send what the parent counted once more."""


def environment_reader() -> Reader:
    """Return a reader that sends as `OTEL_EXPORTER_OTLP_*` and `OTEL_METRIC_EXPORT_*` say.

    Raises:
        Exception: OpenTelemetry's exporter refuses its variables.
    """
    return Reader(_Asking(_exporter()))


class _Asking(MetricExporter):
    """Sends until it learns that nobody there takes metrics."""

    def __init__(self, heard: tuple[MetricExporter, Any]) -> None:
        exporter, self._answers = heard
        super().__init__(exporter._preferred_temporality, exporter._preferred_aggregation)  # pyright: ignore[reportPrivateUsage] # reason: readers read them there
        self._exporter: Any = exporter  # theirs has parameters without types
        self._is_refused = False

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        """Send, unless that is known to be in vain."""
        if self._is_refused:
            return MetricExportResult.SUCCESS
        self._answers.reason = None
        result: MetricExportResult = self._exporter.export(metrics_data, timeout_millis, **kwargs)
        if result is not MetricExportResult.SUCCESS:
            reason: Reason | None = self._answers.reason
            if reason is not None and reason.why in _NOT_TAKEN:
                self._is_refused = True
                once(
                    "metrics_not_taken",
                    why=reason.why,
                    effect="no more metrics are sent",
                    do="name a receiver in OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, or set OTEL_METRICS_EXPORTER=none",
                )
            else:
                told = {"why": reason.why, "do": reason.what} if reason is not None else {}
                fault("metrics_export", None, **told)
        return result

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        """Do nothing: nothing is kept here."""
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        """Close the exporter."""
        self._exporter.shutdown(timeout_millis, **kwargs)


def _exporter() -> tuple[MetricExporter, Any]:
    """Return the exporter for the environment's protocol, and what hears the answers."""
    _check_headers()
    named = (os.environ.get(variable, "").strip().lower() for variable in _PROTOCOLS)
    if next(filter(None, named), "") == "grpc":
        from convqa_sdk.export.grpc_answers import grpc_metric_exporter

        return grpc_metric_exporter()
    from convqa_sdk.export.http_answers import http_metric_exporter

    return http_metric_exporter()


def _check_headers() -> None:
    """Refuse headers that OpenTelemetry would quote in a warning, keys and all."""
    given = os.environ.get("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "").split(",")
    if any("=" not in entry for entry in given if entry.strip()):
        raise ConfigurationError("OTEL_EXPORTER_OTLP_METRICS_HEADERS: give headers as name=value")
