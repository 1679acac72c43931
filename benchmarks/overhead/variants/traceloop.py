"""Traceloop (OpenLLMetry): its workflow and task decorators, and attributes of the current span."""

from __future__ import annotations

import os

os.environ["TRACELOOP_TELEMETRY"] = "false"
os.environ["TRACELOOP_METRICS_ENABLED"] = "false"

import workload
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from traceloop.sdk import Traceloop
from traceloop.sdk.decorators import task, workflow
from traceloop.sdk.tracing.tracing import TracerWrapper

from variants import Variant
from variants.functions import decorated, set_on_current_span


def make(exporter: SpanExporter, mode: str) -> Variant:
    """Set up; off: disabled, with its own switch."""
    next_turn = workload.endless()
    processor = BatchSpanProcessor(exporter)
    if mode == "off":
        TracerWrapper.set_disabled(True)
    else:
        Traceloop.init(
            app_name="bench",
            processor=processor,
            instruments=set(),
            telemetry_enabled=False,
            sampler=ALWAYS_OFF if mode == "thinned" else None,
        )
    record = decorated(
        lambda name: workflow(name=name) if name == "turn" else task(name=name),
        set_on_current_span,
    )
    return Variant(
        lambda: record(next_turn()),
        record=record,
        flush=lambda timeout_s: processor.force_flush(int(timeout_s * 1000)),
        shutdown=lambda timeout_s: processor.shutdown(),
    )
