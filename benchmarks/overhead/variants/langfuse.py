"""Langfuse: `@observe`, which records arguments and results, and updates of the current observation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import workload
from langfuse import Langfuse, observe
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SpanExporter

from variants import Variant, nothing
from variants.functions import decorated

KINDS = {"retrieval": "retriever", "generation": "generation", "policy_check": "guardrail"}


def make(exporter: SpanExporter, mode: str) -> Variant:
    """Set up; off: `tracing_enabled=False`."""
    next_turn = workload.endless()
    client = Langfuse(
        public_key="pk-bench",
        secret_key="sk-bench",
        base_url="http://127.0.0.1:9",
        span_exporter=exporter,
        tracing_enabled=mode != "off",
        sample_rate=0.0 if mode == "thinned" else 1.0,
    )

    def annotate(name: str, values: Mapping[str, Any]) -> None:
        if name == "generation":
            client.update_current_generation(
                model=values["model"],
                usage_details={"input": 1210, "output": 148},
                metadata={"provider": values["provider"], "prompt_version": values["prompt_version"]},
            )
        elif name != "retrieval":  # its query, k and documents are recorded as arguments and result
            client.update_current_span(metadata=dict(values))

    record = decorated(lambda name: observe(name=name, as_type=KINDS.get(name, "span")), annotate)
    flush: Any = getattr(trace.get_tracer_provider(), "force_flush", None)
    return Variant(
        lambda: record(next_turn()),
        record=record,
        flush=(lambda timeout_s: flush(int(timeout_s * 1000))) if flush else nothing,
        shutdown=lambda timeout_s: client.shutdown(),
    )
