"""MLflow Tracing: `@mlflow.trace`, which records arguments and results, to an OTLP destination."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "http://127.0.0.1:9/v1/traces"
os.environ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf"
os.environ["MLFLOW_TRACKING_URI"] = "http://127.0.0.1:9"

import mlflow
import workload
from mlflow.tracing import provider
from opentelemetry.sdk.trace.export import SpanExporter

from variants import Variant
from variants.functions import decorated

KINDS = {"retrieval": "RETRIEVER", "generation": "LLM", "policy_check": "GUARDRAIL"}


def make(exporter: SpanExporter, mode: str) -> Variant:
    """Set up; off: tracing disabled, with its own switch."""
    next_turn = workload.endless()
    provider.get_otlp_exporter = lambda: exporter
    if mode == "thinned":
        os.environ["MLFLOW_TRACE_SAMPLING_RATIO"] = "0"
    if mode == "off":
        mlflow.tracing.disable()

    def annotate(name: str, values: Mapping[str, Any]) -> None:
        span = mlflow.get_current_active_span()
        if span is not None and name != "retrieval":  # its query, k and documents are recorded already
            span.set_attributes(values)

    record = decorated(lambda name: mlflow.trace(name=name, span_type=KINDS.get(name, "CHAIN")), annotate)
    return Variant(
        lambda: record(next_turn()),
        record=record,
        flush=lambda timeout_s: _ask("force_flush", int(timeout_s * 1000)),
        shutdown=lambda timeout_s: _ask("shutdown"),
    )


def _ask(name: str, *arguments: int) -> None:
    method = getattr(provider.provider.get(), name, None)
    if method is not None:
        method(*arguments)
